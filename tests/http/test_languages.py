"""Which language a client reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.languages import Phrase, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("*", "zh"),
        ("fr", "zh"),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh;q=0.2, en ; q = 0.7", "en"),
        ("en;q=0,zh;q=0", "zh"),
        ("en;q=0", "zh"),
        ("en;q=high", "zh"),
        ("english", "zh"),
        ("de;q=1.0,en;q=0.1", "en"),
        ("en;level=1", "en"),
        ("en;q=0.5,zh;q=0.5", "en"),
        ("fr," * 100 + "en", "zh"),
    ],
)
def test_the_header_decides(header: str, language: str) -> None:
    assert preferred(header) == language


@given(st.text())
def test_any_header_gives_one_of_the_two(header: str) -> None:
    assert preferred(header) in ("zh", "en")


def test_a_phrase_is_said_in_either_language() -> None:
    assert [Phrase("好", "good").said("zh"), Phrase("好", "good").said("en")] == ["好", "good"]
