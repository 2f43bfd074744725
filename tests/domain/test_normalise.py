import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intents.normalise import LONGEST, canonical, clean

ANY_TEXT = st.text(st.characters(codec=None))
PIECES = [
    *"请麻烦你您好问我吧呢啊呀哦aé가각ᆨ가が゙ İßΐŉﬁﷺ①½'’，。？！-_.",
    *("please", " please ", "\u0301", "\u200b", "\ufe0f", "\t", "\n"),
]
TRICKY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(ANY_TEXT | TRICKY)
def test_cleaning_twice_is_cleaning_once(text: str):
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT | TRICKY)
def test_cleaned_text_holds_no_control_character_no_surrogate_and_is_stripped(text: str):
    cleaned = clean(text)

    assert not {"Cc", "Cs"} & {unicodedata.category(character) for character in cleaned}
    assert not set("\u200b\u200d\u2060\ufeff\u2028") & set(cleaned)
    assert cleaned == cleaned.strip()
    assert len(cleaned) <= LONGEST


@given(ANY_TEXT | TRICKY)
def test_the_canonical_form_of_a_canonical_form_is_itself(text: str):
    assert canonical(canonical(text)) == canonical(text)


@given(ANY_TEXT | TRICKY)
def test_cleaning_first_does_not_change_the_canonical_form(text: str):
    assert canonical(clean(text)) == canonical(text)


@given(TRICKY)
def test_a_text_with_anything_in_it_never_becomes_empty(text: str):
    assert bool(canonical(text)) == bool(clean(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  订机票 ", "订机票"),
        ("订\u200b机\ufeff票", "订机票"),
        ("订机票\n从北京\t走", "订机票 从北京 走"),
        ("ＡＢＣ１２３，好", "ABC123,好"),
        ("a\x00b\x07c", "abc"),
        ("\ud83d坏\ude00", "坏"),
        ("😀 好", "😀 好"),
        ("葛\U000e0100飾", "葛飾"),
        ("", ""),
    ],
)
def test_a_message_is_cleaned(text: str, expected: str):
    assert clean(text) == expected


def test_text_beyond_the_limit_is_cut_off():
    assert clean("a" * 5000) == "a" * LONGEST
    assert clean("票" * 5000) == "票" * LONGEST


def test_characters_that_unfold_cannot_explode():
    assert len(clean("\ufdfa" * 1_000_000)) <= LONGEST


def test_invisible_characters_do_not_use_up_the_limit():
    assert clean("\u200b" * 3000 + "订票") == "订票"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("我想订机票", "我想订机票。"),
        ("请帮我订机票吧！", "帮我订机票"),
        ("麻烦你，帮我订机票", "帮我订机票"),
        ("您好，请问我的余额是多少呢？", "我的余额是多少"),
        ("订 A 座", "订a座"),
        ("Book a FLIGHT!", "book   a flight"),
        ("Please book a flight", "Book a flight, please."),
        ("what's my balance", "What’s my balance?"),
        ("订票please", "订票"),
        ("你好呀", "你好"),
    ],
)
def test_ways_of_writing_the_same_words_meet(one: str, other: str):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("不确认", "确认"),
        ("book a flight", "booka flight"),
        ("你好吗", "吗"),
        ("订3月5日的票", "订35日的票"),
        ("12:30", "1230"),
        ("displease", "dis"),
    ],
)
def test_different_words_stay_different(one: str, other: str):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("text", ["请", "你好", "麻烦你", "吧", "please", "请假", "你好吗", "???", "👍"])
def test_a_text_of_fillers_or_signs_alone_keeps_itself(text: str):
    assert canonical(text) == text
