"""What counts as an answer to what was asked, and what does not."""

import pytest

from domain.dialogue.effect import Answer, Confirm, HandOff, Invoke, Say
from domain.dialogue.event import Chosen, Event, Understood
from domain.dialogue.machine import advance
from domain.dialogue.state import Choosing, Collecting, Confirming, Frame, HandedOff, Idle, State, active_frame
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Understanding
from domain.names import IntentName, SlotName
from domain.slots.slot import SlotValue
from tests.doubles.hearing import entity, heard, segment
from tests.doubles.small_catalogue import NOW, small_catalogue

FLIGHT = IntentName("book_flight")
BOOKED = Frame(
    FLIGHT,
    {
        SlotName("departure_city"): SlotValue("北京"),
        SlotName("arrival_city"): SlotValue("上海"),
        SlotName("departure_date"): SlotValue("2026-11-24"),
    },
)
ASKED = Collecting(Frame(FLIGHT), SlotName("departure_city"))


def happens(state: State, event: Event) -> Transition:
    return advance(state, event, catalogue=small_catalogue(), now=NOW)


def hear(state: State, said: Understanding) -> Transition:
    return happens(state, Understood(said, "c/1"))


def test_a_yes_with_a_question_mark_executes_nothing():
    made = hear(Confirming(BOOKED), heard("确认？", cues=("affirm",), tier="context", question=True))

    assert made.state == Confirming(BOOKED)
    assert made.effects == (Confirm(BOOKED),)


def test_a_no_with_a_value_nobody_can_use_is_no_plain_no():
    bank = segment("不对，招行", None, entity("招行", "bank", "招商银行", at=3))

    made = hear(Confirming(BOOKED), heard("不对，招行", bank, cues=("deny",)))

    assert made.state == Confirming(BOOKED)
    assert Say("what_to_change") not in made.effects
    assert not any(isinstance(effect, Invoke) for effect in made.effects)


def test_the_name_of_the_task_said_once_more_is_no_city():
    made = hear(ASKED, heard("机票", tier="example"))

    assert made.state == ASKED
    assert isinstance(made.effects[0], Answer)


@pytest.mark.parametrize("remark", ["我的天", "什么", "是吗", "123", "一个很长的地方名字"])
def test_a_remark_is_no_city_either(remark: str):
    assert active_frame(hear(ASKED, heard(remark)).state) == ASKED.frame


def test_free_text_can_be_set_by_the_name_of_its_slot():
    made = hear(Confirming(BOOKED), heard("备注改成靠窗", segment("备注改成靠窗"), cues=("correct",)))

    frame = active_frame(made.state)
    assert frame is not None
    assert frame.slots[SlotName("note")].value == "靠窗"
    assert frame.without(frozenset({SlotName("note")})) == BOOKED


def test_a_question_about_a_slot_sets_nothing():
    made = hear(Confirming(BOOKED), heard("备注改成什么", segment("备注改成什么"), question=True))

    assert active_frame(made.state) == BOOKED


@pytest.mark.parametrize("cue", ["affirm", "deny", "repeat"])
def test_a_yes_or_no_to_nothing_is_told_so(cue: str):
    made = hear(Idle(), heard("好", cues=(cue,)))

    assert made.state == Idle()
    assert made.effects == (Say("nothing_to_do"),)


def test_a_yes_to_nothing_with_something_in_it_is_looked_up():
    made = hear(Idle(), heard("好，北京", segment("北京", None, entity("北京", "city")), cues=("repeat",)))

    assert isinstance(made.effects[0], Answer)


def test_going_on_with_nothing_but_a_request_is_the_request():
    made = hear(Idle(), heard("继续订机票", segment("订机票", "book_flight"), cues=("resume",)))

    assert isinstance(made.state, Collecting)
    assert made.state.frame.intent == "book_flight"


def test_a_person_can_be_one_of_the_options():
    human = IntentName("human")

    made = happens(Choosing((FLIGHT, human), "怎么办？"), Chosen(human, "c/1"))

    assert isinstance(made.state, HandedOff)
    assert made.effects == (HandOff("asked"),)
    assert made.status == "handed_off"
