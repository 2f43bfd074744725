"""A transition as a reply."""

import pytest

from domain.dialogue.composing import compose
from domain.dialogue.effect import Answer, Ask, Explain, Invoke, Noted, Offer, Report, Say
from domain.dialogue.reply import Reply
from domain.dialogue.state import Acting, Agenda, Choosing, Collecting, Confirming, Frame, HandedOff, Idle
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Candidate, Segment, Understanding
from domain.names import FunctionName, IntentName, InvocationKey, SlotName
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from domain.slots.slot import SlotValue
from tests.doubles.hearing import heard
from tests.doubles.small_catalogue import small_catalogue

CATALOGUE = small_catalogue()
FLIGHT, MOVIE, BALANCE = IntentName("book_flight"), IntentName("book_movie"), IntentName("check_balance")
FROM, TO = SlotName("departure_city"), SlotName("arrival_city")
FRAME = Frame(FLIGHT, {FROM: SlotValue("北京", "帝都", 0.93456)}, 0.9)
ANSWER = KnowledgeAnswer("「行李……」（来源：行李.md）", (Passage("行李.md", "托运", "行李……", 0.8),))


def composed(
    transition: Transition, *, said: Understanding | None = None, answer: KnowledgeAnswer | None = None
) -> Reply:
    return compose(transition, heard=said or heard("好"), answer=answer, catalogue=CATALOGUE, turn=0)


def test_a_question_shows_what_is_filled_and_what_is_missing():
    reply = composed(Transition(Collecting(FRAME, TO), (Ask(FRAME, TO),), "incomplete", FRAME, "fill_in"))

    assert reply.text == "请问到达城市？（例如：上海、广州）"
    assert (reply.intent, reply.confidence) == ("book_flight", 0.9)
    assert reply.missing_slots == ("arrival_city", "departure_date")
    assert reply.asked_slot == "arrival_city"
    assert reply.next_action == "collect_missing_slots"
    assert reply.message_type == "slot_filling"
    assert (reply.slots[FROM].value, reply.slots[FROM].original_text, reply.slots[FROM].confidence) == (
        "北京",
        "帝都",
        0.9346,
    )


def test_an_answer_of_the_knowledge_base_takes_the_place_of_the_excuse():
    reply = composed(Transition(Idle(), (Answer("行李多重", "not_understood"),), "intent_not_found"), answer=ANSWER)

    assert reply.text == ANSWER.text
    assert reply.status == "ragflow_handled"
    assert (reply.response_type, reply.next_action) == ("qa_response", "none")
    assert reply.tier == "knowledge"
    assert reply.sources == ANSWER.passages


def test_without_an_answer_the_service_says_what_it_can_do():
    reply = composed(Transition(Idle(), (Answer("行李多重", "not_understood"),), "intent_not_found"))

    assert "订机票" in reply.text
    assert reply.status == "intent_not_found"
    assert reply.sources == ()


def test_an_answer_in_the_middle_of_a_task_leaves_the_question_open():
    waiting = Collecting(FRAME, TO)

    reply = composed(
        Transition(waiting, (Answer("行李多重", "not_understood_now"), Ask(FRAME, TO)), "interruption_handled", FRAME),
        answer=ANSWER,
    )

    assert reply.status == "interruption_handled"
    assert reply.text.startswith(ANSWER.text)
    assert reply.text.endswith("？（例如：上海、广州）")
    assert reply.intent is None
    assert reply.suspended_intents == ("book_flight",)
    assert reply.next_action == "collect_missing_slots"


def test_an_explanation_that_asks_is_not_asked_again():
    frame = FRAME.holding({TO: SlotValue("北京", "北京", problem="differs_from")})

    reply = composed(Transition(Collecting(frame, TO), (Explain(frame, TO), Ask(frame, TO)), "validation_error", frame))

    assert reply.text == "出发和到达不能相同，请问到达城市？"
    assert not reply.slots[TO].is_validated


def test_an_explanation_that_does_not_ask_is_followed_by_the_question():
    frame = FRAME.holding({FROM: SlotValue("火星", "火星", problem="unknown_value")})

    reply = composed(
        Transition(Collecting(frame, FROM), (Explain(frame, FROM), Ask(frame, FROM)), "validation_error", frame)
    )

    assert reply.text == "没有找到“火星”对应的出发城市。\n请问出发城市？"


def test_an_offer_shows_its_options_and_how_likely_each_is():
    options = (FLIGHT, MOVIE)
    said = Understanding("票", (Segment("票", (Candidate(FLIGHT, 0.456789),)),))

    reply = composed(Transition(Choosing(options, ""), (Offer(options, ""),), "ambiguous", None, "offer"), said=said)

    assert [(option.title, option.confidence) for option in reply.options] == [("机票", 0.4568), ("订电影票", 0.0)]
    assert reply.next_action == "user_choice"
    assert reply.message_type == "ambiguous_intent"


def test_a_corrected_value_makes_the_message_a_correction():
    reply = composed(Transition(Confirming(FRAME), (Noted(FRAME, (FROM,)),), "awaiting_confirmation", FRAME, "fill_in"))

    assert reply.message_type == "correction"
    assert reply.next_action == "user_confirmation"


@pytest.mark.parametrize(
    ("rule", "state", "kind"),
    [
        ("request", Idle(), "intent_request"),
        ("request", Collecting(FRAME, TO), "incomplete_intent"),
        ("several", Collecting(FRAME, TO), "incomplete_intent"),
        ("pick", Idle(), "choice"),
        ("chosen", Idle(), "choice"),
        ("digress", Idle(), "digression"),
        ("answer", Idle(), "digression"),
        ("cancel", Idle(), "control"),
        ("", Idle(), "control"),
    ],
)
def test_the_kind_of_message_follows_from_the_move_that_decided(rule: str, state: Idle | Collecting, kind: str):
    assert composed(Transition(state, (Say("closed"),), "incomplete", None, rule)).message_type == kind


def test_sensitive_values_are_masked():
    card = SlotName("card_number")
    frame = Frame(BALANCE, {card: SlotValue("6222080012345675", "6222 0800 1234 5675", confirmed=True)})

    reply = composed(Transition(Idle(), (), "completed", frame))

    assert (reply.slots[card].value, reply.slots[card].original_text) == ("****5675", "****5675")
    assert reply.slots[card].is_confirmed


def test_what_waits_is_listed():
    agenda = Agenda((Frame(MOVIE), Frame(BALANCE)), (Frame(IntentName("weather")),))

    reply = composed(
        Transition(Collecting(FRAME, TO, 0, agenda), (Ask(FRAME, TO),), "multi_intent_processing", Frame(MOVIE))
    )

    assert reply.suspended_intents == ("book_movie", "check_balance")
    assert reply.pending_intents == ("book_flight", "weather")


def test_the_result_of_a_function_is_passed_on():
    frame = Frame(BALANCE, {SlotName("bank_name"): SlotValue("招商银行")})

    reply = composed(Transition(Idle(), (Report(frame, "succeeded", {"balance": 5.0}),), "completed", frame))

    assert reply.result == {"balance": 5.0}
    assert reply.text == "余额5元。"


def test_nothing_is_shown_where_the_reply_is_about_no_task():
    reply = composed(Transition(HandedOff("asked"), (Say("with_person"),), "handed_off"))

    assert (reply.intent, reply.confidence, reply.slots, reply.missing_slots, reply.asked_slot) == (
        None,
        0.0,
        {},
        (),
        None,
    )
    assert reply.next_action == "wait"


def test_a_call_under_way_has_no_words_of_its_own():
    call = Invoke(InvocationKey("k"), FunctionName("book_flight"), FLIGHT, {})

    reply = composed(Transition(Acting(FRAME, InvocationKey("k")), (call,), "api_processing", FRAME))

    assert reply.text == ""
    assert (reply.response_type, reply.next_action) == ("async_processing", "wait")
