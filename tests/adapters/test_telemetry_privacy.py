"""Nothing that a user said is in a log line, in a metric or on a span, whatever happens to it on its way."""

from collections.abc import Awaitable, Iterator, Mapping
from contextlib import suppress

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.telemetry.extractor import ObservedExtractor
from adapters.telemetry.failures import StructlogFailureLog
from adapters.telemetry.functions import ObservedFunctions
from adapters.telemetry.knowledge import ObservedKnowledgeBase
from adapters.telemetry.recogniser import ObservedRecogniser
from adapters.telemetry.requests import ObservedRequests
from adapters.telemetry.turns import ObservedTurns
from application.handle_turn import TurnReply, TurnRequest
from domain.dialogue.invocation import NotDone, Refused, Succeeded, Unknown
from domain.dialogue.reply import Reply, ReplyOption, ReplySlot
from domain.dialogue.understanding import Cue, Evidence, Expectation, Recognition, Segment
from domain.errors import InvalidRequest, PartUnavailable
from domain.names import CatalogueVersion, ConversationId, IntentName, MessageId, SlotName, UserId
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from domain.values import Unavailable
from tests.doubles.hearing import entity
from tests.doubles.manual_clock import START
from tests.doubles.observing import Observer, observing
from tests.doubles.scripted_parts import (
    FUNCTION,
    INVOCATION,
    ScriptedExtractor,
    ScriptedFunctions,
    ScriptedKnowledgeBase,
    ScriptedRecogniser,
)
from tests.doubles.scripted_turns import SESSION, ScriptedTurns

MARK = "ҖҖ"
"""Occurs in nothing but what the user of these tests says."""


@pytest.fixture
def observer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Observer]:
    with observing(monkeypatch) as observer:
        yield observer


def said_back(words: str) -> TurnReply:
    """A reply that quotes the user in every field that can."""
    passage = Passage("refunds.md", words, words, 0.8)
    reply = Reply(
        text=words,
        status="completed",
        response_type="api_result",
        next_action="none",
        message_type="slot_filling",
        intent=IntentName("book_flight"),
        slots={SlotName("note"): ReplySlot(words, words, 1.0, "answer", is_validated=True, is_confirmed=True)},
        options=(ReplyOption(IntentName("book_movie"), words, 0.4),),
        result={"note": words},
        sources=(passage,),
        tier="local",
    )
    return TurnReply(session_id=SESSION, turn=1, reply=reply, catalogue_version=3, processing_ms=1.0)


async def quietly(answer: Awaitable[object]) -> None:
    """Wait for it; it may fail."""
    with suppress(ValueError, InvalidRequest, PartUnavailable):
        await answer


async def everything_happens(observer: Observer, words: str) -> None:
    """Every observed part meets the words: as a question, as an answer, in an error, in an outage."""
    metrics = observer.metrics
    request = TurnRequest(
        user_id=UserId(words),
        text=words,
        choice=IntentName(words),
        session_id=ConversationId(words),
        message_id=MessageId(words),
        time_zone=words,
    )
    broken = ValueError(f"invalid literal for int() with base 10: {words!r}")
    for turn in (said_back(words), InvalidRequest(words, {words: words}), PartUnavailable("repository", words), broken):
        await quietly(ObservedTurns(ScriptedTurns(turn), metrics=metrics)(request))
    call = msgspec.structs.replace(INVOCATION, arguments={"note": words})
    for outcome in (Succeeded({"note": words}), Refused(words), NotDone(words), Unknown(words), broken):
        functions = ObservedFunctions(ScriptedFunctions(outcome), metrics=metrics)
        await quietly(functions.invoke(call, FUNCTION, deadline=1.0))
    outage = Unavailable("timeout", words)
    for answer in (KnowledgeAnswer(words, (Passage("refunds.md", words, words, 1.0),)), outage, None, broken):
        knowledge = ObservedKnowledgeBase(ScriptedKnowledgeBase(answer), metrics=metrics)
        await quietly(knowledge.ask(words, conversation=SESSION, language="zh-CN", deadline=1.0))
    found = (entity(words, "city"),)
    recognition = Recognition(
        (Segment(words, (), found),), (Cue("choose", words),), "local", True, (Evidence("local", words),)
    )
    for heard in (recognition, outage, broken):
        recogniser = ObservedRecogniser(ScriptedRecogniser(heard), metrics=metrics)
        await quietly(recogniser.recognise(words, found, version=CatalogueVersion(3), expectation=Expectation()))
    for read in (found, outage, broken):
        extractor = ObservedExtractor(ScriptedExtractor(read), metrics=metrics, name="lexicon")
        asked = extractor.extract(words, version=CatalogueVersion(3), kinds=frozenset(), now=START, language="zh-CN")
        await quietly(asked)
    try:
        raise broken
    except ValueError as error:
        path = "/api/v1/chat/interact"
        StructlogFailureLog(metrics=metrics)(error, request_id="r1", method="POST", path=path)
    await requested(observer, words)


async def requested(observer: Observer, words: str) -> None:
    """A request whose every part is made of the words, to an address where nothing is."""

    async def nothing_there(scope: Mapping[str, object], receive: object, send: object) -> None:
        return

    async def send(message: Mapping[str, object]) -> None:
        return

    scope = {"type": "http", "method": words, "path": words, "query_string": words.encode("utf-8", "surrogatepass")}
    await ObservedRequests(observer.metrics).middleware(nothing_there)(scope, None, send)


@pytest.mark.parametrize(
    "words",
    [
        MARK,
        f"我的卡号是{MARK}6222021234567890128",
        f"{MARK}\n2026 level=error",
        f'{MARK}"}} 1',
        f"{{{MARK}}}",
        MARK * 999,
    ],
)
async def test_no_words_of_a_user_are_logged_counted_or_traced(observer: Observer, words: str) -> None:
    await everything_happens(observer, words)
    seen = observer.everything()
    assert len(observer.lines) == 7
    assert len(observer.exporter.get_finished_spans()) == 19
    assert MARK not in seen
    assert MARK.encode("unicode_escape").decode() not in seen


def labels_of(observer: Observer) -> set[tuple[str, str, str]]:
    """Every label of every series with its value."""
    return {
        (sample.name, label, value)
        for metric in observer.metrics.registry.collect()
        for sample in metric.samples
        for label, value in sample.labels.items()
    }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(min_size=1, max_size=40))
async def test_what_users_say_makes_no_series(words: str) -> None:
    with pytest.MonkeyPatch.context() as patch, observing(patch) as observer:
        await everything_happens(observer, "x")
        before = labels_of(observer)
        await everything_happens(observer, words)
        assert labels_of(observer) == before
