"""Sensitive values are shown by their end, and nowhere else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dialogue.masking import masked, masked_text, masked_understanding, secrets_in, sensitive_kinds
from domain.dialogue.understanding import Cue, Evidence, Segment, Understanding
from domain.names import IntentName, SlotName
from domain.slots.slot import SlotValue
from tests.doubles.hearing import entity, segment
from tests.doubles.small_catalogue import small_catalogue

CATALOGUE = small_catalogue()
CARD = "6222080012345675"
KINDS = sensitive_kinds(CATALOGUE)


@pytest.mark.parametrize(
    ("content", "shown"), [(CARD, "****5675"), ("12345678", "****5678"), ("1234567", "****"), ("", "****"), (7, "****")]
)
def test_only_the_end_of_a_long_value_is_shown(content: str | int, shown: str):
    assert masked(content) == shown


def test_kinds_are_sensitive_by_their_type_or_by_a_slot():
    slot = msgspec.structs.replace(CATALOGUE.slot(IntentName("book_movie"), SlotName("movie_name")), sensitive=True)
    movie = msgspec.structs.replace(CATALOGUE.intent(IntentName("book_movie")), slots={SlotName("movie_name"): slot})
    discreet = msgspec.structs.replace(CATALOGUE, intents={IntentName("book_movie"): movie})

    assert sensitive_kinds(CATALOGUE) == {"bank_card"}
    assert sensitive_kinds(discreet) == {"bank_card", "text"}


def test_the_words_of_sensitive_slots_are_secrets():
    values = {
        SlotName("card_number"): SlotValue(CARD, "6222 0800 1234 5675"),
        SlotName("bank_name"): SlotValue("招商银行", "招行"),
    }

    assert secrets_in(CATALOGUE, IntentName("check_balance"), values) == ("6222 0800 1234 5675",)
    assert secrets_in(CATALOGUE, IntentName("check_balance"), {SlotName("card_number"): SlotValue(CARD)}) == ()


def test_spans_and_secrets_are_masked_in_a_text():
    text = f"卡号{CARD}，密码hunter2hunter2"

    hidden = masked_text(text, [entity(CARD, "bank_card", at=2)], KINDS, ["hunter2hunter2"])

    assert hidden == "卡号****5675，密码****ter2"


def test_a_span_of_another_kind_is_left():
    assert masked_text("去北京", [entity("北京", "city", at=1)], KINDS) == "去北京"


def test_two_sensitive_spans_are_both_masked():
    text = f"{CARD}和{CARD}"

    assert (
        masked_text(text, [entity(CARD, "bank_card"), entity(CARD, "bank_card", at=17)], KINDS) == "****5675和****5675"
    )


def said(text: str, *entities: object) -> Understanding:
    return Understanding(
        text,
        (segment(text, "check_balance", *entities), Segment("好")),
        (Cue("affirm", text),),
        evidence=(Evidence("entity", f"{text} [0:16]"),),
    )


def test_nothing_sensitive_leaves_an_understanding_as_it_is():
    heard = said("北京", entity("北京", "city"))

    assert masked_understanding(heard, KINDS) is heard


def test_a_sensitive_value_is_nowhere_in_a_stored_understanding():
    heard = said(CARD, entity(CARD, "bank_card"), entity(CARD, "number", int(CARD)), entity("北京", "city", at=20))

    stored = masked_understanding(heard, KINDS)

    assert CARD not in msgspec.json.encode(stored).decode()
    assert stored.text == stored.segments[0].text == stored.cues[0].text == "****5675"
    assert stored.segments[0].entities[2] == heard.segments[0].entities[2]
    assert stored.segments[0].candidates == heard.segments[0].candidates


def test_a_secret_of_an_earlier_turn_is_masked_when_it_is_said_again():
    stored = masked_understanding(said("hunter2hunter2"), KINDS, ("hunter2hunter2",))

    assert "hunter2hunter2" not in msgspec.json.encode(stored).decode()


@given(st.text("甲乙", max_size=6), st.from_regex(r"[1-9][0-9]{15,18}", fullmatch=True), st.text("甲乙", max_size=6))
def test_no_card_number_survives_wherever_it_stands(before: str, card: str, after: str):
    text = before + card + after
    heard = said(text, entity(card, "bank_card", at=len(before)))

    assert card not in msgspec.json.encode(masked_understanding(heard, KINDS)).decode()
    assert masked_text(text, heard.entities, KINDS) == before + masked(card) + after
