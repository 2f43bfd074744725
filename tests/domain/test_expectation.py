"""What a state makes likely."""

import pytest

from domain.dialogue.expectation import expect
from domain.dialogue.state import (
    Acting,
    Agenda,
    Choosing,
    Closed,
    Collecting,
    Confirming,
    Frame,
    HandedOff,
    Idle,
    State,
)
from domain.names import IntentName, InvocationKey, SlotName
from tests.doubles.small_catalogue import small_catalogue

CATALOGUE = small_catalogue()
FLIGHT = Frame(IntentName("book_flight"))
WAITING = Agenda((Frame(IntentName("book_movie")),))


def test_an_open_question_expects_its_slot_and_kind():
    expected = expect(Collecting(FLIGHT, SlotName("departure_date"), 0, WAITING), CATALOGUE)

    assert (expected.intent, expected.slot, expected.kind) == ("book_flight", "departure_date", "date")
    assert expected.suspended == ("book_movie",)
    assert "skip" in expected.cues
    assert "choose" not in expected.cues


def test_an_offer_expects_one_of_its_options():
    expected = expect(Choosing((IntentName("book_flight"), IntentName("book_movie")), "哪种票？"), CATALOGUE)

    assert expected.options == ("book_flight", "book_movie")
    assert "choose" in expected.cues
    assert expected.intent is None


def test_a_confirmation_expects_a_yes_or_a_no_to_its_intent():
    expected = expect(Confirming(FLIGHT), CATALOGUE)

    assert expected.intent == "book_flight"
    assert {"affirm", "deny", "correct"} <= expected.cues
    assert expected.slot is None


@pytest.mark.parametrize(
    "state", [Idle(WAITING), Acting(FLIGHT, InvocationKey("k"), WAITING), HandedOff("asked", WAITING)]
)
def test_where_nothing_is_asked_nothing_is_expected_but_cues(state: State):
    expected = expect(state, CATALOGUE)

    assert expected.cues
    assert (expected.intent, expected.slot, expected.options) == (None, None, ())
    assert expected.suspended == ("book_movie",)


def test_a_closed_conversation_expects_nothing():
    expected = expect(Closed("goodbye"), CATALOGUE)

    assert not expected.cues
    assert expected.suspended == ()
