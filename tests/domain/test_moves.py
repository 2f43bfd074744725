"""Moves know their business: each can be tried in any state, and passes on what is not for it."""

import pytest

from domain.dialogue import (
    asking_for_a_person,
    cancelling,
    choosing,
    confirming,
    filling_in,
    reopening,
    requesting,
    resuming,
    skipping,
)
from domain.dialogue.effect import Ask, Confirm, Offer, Say
from domain.dialogue.machine import MOVES
from domain.dialogue.reopening import open_question, waiting_status
from domain.dialogue.situation import Move, Setting, Situation
from domain.dialogue.state import (
    Acting,
    Choosing,
    Collecting,
    Confirming,
    Frame,
    HandedOff,
    Idle,
    OpenState,
)
from domain.dialogue.understanding import CueKind
from domain.names import IntentName, InvocationKey, SlotName
from tests.doubles.hearing import heard
from tests.doubles.small_catalogue import NOW, small_catalogue

SETTING = Setting(small_catalogue(), NOW, "c/1")
FRAME = Frame(IntentName("book_flight"))
CITY = SlotName("departure_city")
OPTIONS = (IntentName("book_flight"), IntentName("book_movie"))
STATES: tuple[OpenState, ...] = (
    Idle(),
    Collecting(FRAME, CITY),
    Choosing(OPTIONS, "哪种票？"),
    Confirming(FRAME),
    Acting(FRAME, InvocationKey("k")),
    HandedOff("asked"),
)
EVERY_MOVE: tuple[Move, ...] = tuple(dict.fromkeys(move for moves in MOVES.values() for move in moves))
HOMES: tuple[tuple[Move, CueKind, type[OpenState]], ...] = (
    (choosing.pick, "choose", Choosing),
    (choosing.decline, "deny", Choosing),
    (confirming.affirm, "affirm", Confirming),
    (confirming.deny, "deny", Confirming),
    (skipping.skip, "skip", Collecting),
)


def situation(state: OpenState, *cues: CueKind) -> Situation:
    return Situation(state, heard("嗯" if cues else "", cues=cues, number=1 if "choose" in cues else None), SETTING)


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
@pytest.mark.parametrize("move", EVERY_MOVE, ids=lambda move: move.__name__)
def test_a_move_makes_nothing_of_silence(move: Move, state: OpenState):
    assert move(situation(state)) is None


@pytest.mark.parametrize(("move", "cue", "home"), HOMES, ids=lambda value: getattr(value, "__name__", value))
def test_a_cue_that_answers_a_question_means_nothing_where_it_is_not_asked(
    move: Move, cue: CueKind, home: type[OpenState]
):
    moved = [type(state) for state in STATES if move(situation(state, cue)) is not None]

    assert moved == [home]


def test_every_state_but_the_closed_one_has_its_moves():
    assert {*MOVES} == {type(state) for state in STATES}


def test_every_move_is_in_a_list():
    files = (
        asking_for_a_person,
        cancelling,
        choosing,
        confirming,
        filling_in,
        reopening,
        requesting,
        resuming,
        skipping,
    )
    written = {
        value
        for file in files
        for value in vars(file).values()
        if callable(value)
        and getattr(value, "__annotations__", {}).keys() == {"situation", "return"}
        and value.__annotations__["return"] is not bool
        and not value.__name__.startswith("_")
    }

    assert written == {*EVERY_MOVE}


@pytest.mark.parametrize(
    ("state", "question", "status"),
    [
        (STATES[0], (), "intent_not_found"),
        (STATES[1], (Ask(FRAME, CITY, 0),), "incomplete"),
        (STATES[2], (Offer(OPTIONS, "哪种票？"),), "ambiguous"),
        (STATES[3], (Confirm(FRAME),), "awaiting_confirmation"),
        (STATES[4], (Say("in_progress"),), "api_processing"),
        (STATES[5], (), "handed_off"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_state_can_put_its_question_again(state: OpenState, question: tuple[object, ...], status: str):
    assert open_question(state) == question
    assert waiting_status(state) == status
