"""Calls of business functions."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dialogue.invocation import (
    Invocation,
    InvocationOutcome,
    NotDone,
    Refused,
    Succeeded,
    Unknown,
    invocation_key,
)
from domain.names import ConversationId, FunctionName, InvocationKey
from tests.doubles.small_catalogue import NOW

PENDING = Invocation(
    key=InvocationKey("k"),
    conversation=ConversationId("c"),
    turn=3,
    function=FunctionName("book_flight"),
    arguments={"from": "北京"},
    created_at=NOW,
)
BOOK = FunctionName("book_flight")
arguments = st.dictionaries(
    st.text(max_size=4), st.one_of(st.text(max_size=4), st.integers(-9, 9), st.booleans()), max_size=4
)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (None, "pending"),
        (Succeeded({"order_id": "FL1"}), "succeeded"),
        (Refused("已售罄"), "refused"),
        (NotDone("never sent"), "not_done"),
        (Unknown("timeout"), "unknown"),
    ],
)
def test_a_call_is_called_by_what_came_of_it(outcome: InvocationOutcome | None, status: str):
    call = PENDING if outcome is None else PENDING.settled(outcome)

    assert call.status == status
    assert call.outcome == outcome
    assert msgspec.json.decode(msgspec.json.encode(call), type=Invocation) == call


def test_settling_changes_the_outcome_only():
    settled = PENDING.settled(Succeeded())

    assert msgspec.structs.replace(settled, outcome=None) == PENDING


@given(arguments)
def test_the_key_does_not_depend_on_the_order_of_the_arguments(said: dict[str, str | int | bool]):
    backwards = dict(reversed(said.items()))

    assert invocation_key("c/1", BOOK, said) == invocation_key("c/1", BOOK, backwards)


@given(arguments, arguments)
def test_different_calls_have_different_keys(one: dict[str, str | int | bool], other: dict[str, str | int | bool]):
    same = sorted(one.items()) == sorted(other.items()) and msgspec.json.encode(
        sorted(one.items())
    ) == msgspec.json.encode(sorted(other.items()))

    assert (invocation_key("c/1", BOOK, one) == invocation_key("c/1", BOOK, other)) is same
    assert invocation_key("c/1", BOOK, one) != invocation_key("c/2", BOOK, one)
    assert invocation_key("c/1", BOOK, one) != invocation_key("c/1", FunctionName("other"), one)
