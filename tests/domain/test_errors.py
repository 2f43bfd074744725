"""The error tree."""

import re
from collections.abc import Iterator

import pytest

from domain import errors
from domain.errors import ConversationConflict, HuiyiError, PartUnavailable, RepositoryUnavailable


def tree(root: type[HuiyiError] = HuiyiError) -> Iterator[type[HuiyiError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


def test_the_drawing_shows_every_error_below_its_parent():
    drawn: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines()[2:]:
        match = re.search(r"[A-Z]\w+", line)
        if match is not None:
            drawn.append((match.start() // 4, match.group()))

    expected = [(len(error.__mro__) - len(HuiyiError.__mro__), error.__name__) for error in tree()]

    assert sorted(drawn) == sorted(expected)


@pytest.mark.parametrize("error", [*tree()], ids=lambda error: error.__name__)
def test_every_error_has_a_public_code(error: type[HuiyiError]):
    assert re.fullmatch(r"[A-Z]+(?:_[A-Z]+)*", error.code)


def test_an_error_carries_what_may_be_shown():
    error = ConversationConflict("saved by somebody else", {"version": "3"})

    assert (error.message, str(error), error.details) == ("saved by somebody else",) * 2 + ({"version": "3"},)
    assert error.retryable
    assert error.code == "CONFLICT"


def test_an_unavailable_part_is_named():
    assert PartUnavailable("recogniser", "not loaded").details == {"part": "recogniser"}
    assert RepositoryUnavailable("no answer").part == "repository"
    assert RepositoryUnavailable("no answer").retryable
