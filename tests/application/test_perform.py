"""Effects to outcomes, failures as values."""

import asyncio

import msgspec
import pytest

from application.perform import ACTION_SECONDS, ANSWER_SECONDS, Perform, outcome_event
from domain.dialogue.effect import Answer
from domain.dialogue.event import ActionFailed, ActionSucceeded, Event
from domain.dialogue.invocation import InvocationOutcome, NotDone, Refused, Succeeded, Unknown
from domain.intents.catalogue import Catalogue
from domain.names import ConversationId, FunctionName, InvocationKey
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from domain.values import Unavailable
from tests.contracts.stored_values import catalogue, invocation
from tests.doubles.scripted_business import ScriptedBusiness
from tests.doubles.scripted_parts import ScriptedFunctions, ScriptedKnowledgeBase

KEY = InvocationKey("k1")
ANSWERS = [
    KnowledgeAnswer("可以。", (Passage("a.md", "甲", "可以。", 0.9),)), Unavailable("timeout", "too slow"), None,
]  # fmt: skip


def with_timeout(timeout: str) -> Catalogue:
    """The catalogue, with so long a time-out for every function."""
    functions = {name: msgspec.structs.replace(one, timeout=timeout) for name, one in catalogue().functions.items()}
    return msgspec.structs.replace(catalogue(), functions=functions)


async def hangs(*_: object) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("answer", ANSWERS, ids=["an answer", "an outage", "no answer"])
async def test_a_question_gets_whatever_the_knowledge_base_says(answer: KnowledgeAnswer | Unavailable | None) -> None:
    knowledge = ScriptedKnowledgeBase(answer)
    perform = Perform(knowledge=knowledge, functions=ScriptedFunctions())
    c1 = ConversationId("c1")
    assert await perform.answer(Answer("可以吗", "not_understood"), conversation=c1, language="zh-CN") == answer
    assert knowledge.given == [("可以吗", c1, "zh-CN", ANSWER_SECONDS)]


@pytest.mark.parametrize(
    "outcome", [Succeeded({"n": 1}), Refused("没有了"), NotDone("503"), Unknown("timeout")], ids=str
)
async def test_a_call_comes_back_with_its_outcome_and_is_otherwise_the_same(outcome: InvocationOutcome) -> None:
    functions = ScriptedFunctions(outcome)
    perform = Perform(knowledge=ScriptedKnowledgeBase(), functions=functions)
    assert await perform.invoke(invocation(), catalogue()) == invocation(outcome=outcome)
    function = catalogue().functions[FunctionName("book_flight")]
    assert functions.given == [(invocation(), function, ACTION_SECONDS)]


@pytest.mark.parametrize(
    ("timeout", "seconds", "deadline"), [("10s", 20.0, 20.0), ("60s", 20.0, 60.0), ("10s", 0.0, 10.0)]
)
async def test_a_call_has_at_least_the_functions_own_time(timeout: str, seconds: float, deadline: float) -> None:
    functions = ScriptedFunctions()
    perform = Perform(knowledge=ScriptedKnowledgeBase(), functions=functions)
    await perform.invoke(invocation(), with_timeout(timeout), seconds=seconds)
    assert functions.given[0][2] == deadline


async def test_a_call_that_comes_to_no_end_is_in_doubt() -> None:
    business = ScriptedBusiness()
    business.meanwhile = hangs
    perform = Perform(knowledge=ScriptedKnowledgeBase(), functions=business)
    called = await perform.invoke(invocation(), with_timeout("10ms"), seconds=0.0)
    assert isinstance(called.outcome, Unknown)


async def test_a_question_that_comes_to_no_end_is_a_time_out() -> None:
    knowledge = ScriptedKnowledgeBase(None)
    knowledge.meanwhile = hangs
    perform = Perform(knowledge=knowledge, functions=ScriptedFunctions())
    answer = await perform.answer(
        Answer("可以吗", "not_understood"), conversation=ConversationId("c1"), language="zh-CN", seconds=0.01
    )
    assert answer == Unavailable("timeout")


async def test_pieces_of_an_answer_are_passed_on() -> None:
    knowledge = ScriptedKnowledgeBase()
    knowledge.pieces = ("可", "以。")
    perform = Perform(knowledge=knowledge, functions=ScriptedFunctions())
    pieces: list[str] = []
    await perform.answer(
        Answer("可以吗", "not_understood"), conversation=ConversationId("c1"), language="zh-CN", pieces=pieces.append
    )
    assert pieces == ["可", "以。"]


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (Succeeded({"n": 1}), ActionSucceeded(KEY, "c1/1", {"n": 1})),
        (Refused("没有了"), ActionFailed(KEY, "c1/1", "refused", "没有了")),
        (NotDone("status 503"), ActionFailed(KEY, "c1/1", "not_done")),
        (Unknown("timeout"), ActionFailed(KEY, "c1/1", "unknown")),
    ],
    ids=str,
)
def test_every_outcome_is_an_event_and_inner_reasons_stay_inside(outcome: InvocationOutcome, event: Event) -> None:
    assert outcome_event(invocation(outcome=outcome), "c1/1") == event


def test_a_pending_call_is_no_event() -> None:
    with pytest.raises(ValueError, match="no outcome yet"):
        outcome_event(invocation(), "c1/1")
