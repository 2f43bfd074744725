"""What is counted, timed, traced and logged of turns and of the parts behind them."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from opentelemetry.trace import StatusCode

from adapters.telemetry.extractor import ObservedExtractor
from adapters.telemetry.functions import ObservedFunctions
from adapters.telemetry.knowledge import ObservedKnowledgeBase
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.recogniser import ObservedRecogniser
from adapters.telemetry.turns import ObservedTurns
from application.handle_turn import TurnRequest
from application.progress import Progress
from domain.dialogue.invocation import InvocationOutcome, NotDone, Refused, Succeeded, Unknown
from domain.dialogue.understanding import Expectation, Recognition, Segment
from domain.errors import ConversationBusy, HuiyiError, MessageConflict, RepositoryUnavailable, SessionNotFound
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, ConversationId, EntityName, UserId
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
from tests.doubles.scripted_turns import BARE_REPLY, SESSION, ScriptedTurns, replied
from tests.doubles.small_catalogue import small_catalogue

REQUEST = TurnRequest(user_id=UserId("u1"), text="订机票")
PUBLISHED = PublishedCatalogue(CatalogueVersion(3), small_catalogue())
PASSAGE = Passage("refunds.md", "退票规则", "起飞前 24 小时退票免手续费。", 0.82)


@pytest.fixture
def observer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Observer]:
    with observing(monkeypatch) as observer:
        yield observer


async def test_a_turn_leaves_one_line_one_span_and_its_counts(observer: Observer) -> None:
    turns = ScriptedTurns()
    assert await ObservedTurns(turns, metrics=observer.metrics)(REQUEST) is turns.outcome
    assert turns.requests == [REQUEST]
    (line,) = observer.lines
    assert line.pop("ms") >= 0
    facts = {
        "session_id": SESSION,
        "turn": 1,
        "intent": "book_flight",
        "tier": "local",
        "status": "incomplete",
        "catalogue_version": 3,
    }
    assert line == {"event": "turn", "log_level": "info", "repeated": False, **facts}
    span = observer.spans["turn"]
    assert dict(span.attributes or {}) == {f"huiyi.{name}": value for name, value in facts.items()}
    assert span.status.status_code is StatusCode.UNSET
    assert observer.count("huiyi_turns_total", tier="local", status="incomplete") == 1
    assert observer.count("huiyi_turn_duration_seconds_count", tier="local") == 1
    assert observer.count("huiyi_intents_total", intent="book_flight") == 1


async def test_a_turn_about_no_intent_counts_none(observer: Observer) -> None:
    await ObservedTurns(ScriptedTurns(replied(BARE_REPLY)), metrics=observer.metrics)(REQUEST)
    assert observer.lines[0]["intent"] is None
    assert "huiyi.intent" not in (observer.spans["turn"].attributes or {})
    assert "huiyi_intents_total{" not in observer.everything()
    assert observer.count("huiyi_turns_total", tier="fallback", status="intent_not_found") == 1


async def test_a_message_that_came_again_is_logged_but_no_turn_of_its_own(observer: Observer) -> None:
    again = msgspec.structs.replace(replied(), repeated=True)
    await ObservedTurns(ScriptedTurns(again), metrics=observer.metrics)(REQUEST)
    assert [line["repeated"] for line in observer.lines] == [True]
    assert "huiyi_turns_total{" not in observer.everything()


@pytest.mark.parametrize(
    ("error", "level", "part"),
    [
        (SessionNotFound("no such session for this user"), "info", None),
        (MessageConflict("another body"), "info", None),
        (ConversationBusy("busy"), "warning", None),
        (RepositoryUnavailable("the disk is full"), "warning", "repository"),
    ],
    ids=lambda case: type(case).__name__,
)
async def test_an_error_of_the_core_is_counted_by_its_code_and_goes_on(
    observer: Observer, error: HuiyiError, level: str, part: str | None
) -> None:
    with pytest.raises(type(error)) as raised:
        await ObservedTurns(ScriptedTurns(error), metrics=observer.metrics)(REQUEST)
    assert raised.value is error
    (line,) = observer.lines
    assert line.pop("ms") >= 0
    assert line == {
        "event": "turn_failed", "log_level": level, "code": error.code, "error": type(error).__name__, "part": part,
    }  # fmt: skip
    assert observer.count("huiyi_turn_errors_total", code=error.code) == 1
    assert "huiyi_turns_total{" not in observer.everything()
    span = observer.spans["turn"]
    assert dict(span.attributes or {}) == {"error.type": type(error).__name__}
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())


async def test_any_other_error_is_left_to_whoever_logs_failures(observer: Observer) -> None:
    with pytest.raises(KeyError):
        await ObservedTurns(ScriptedTurns(KeyError("北京")), metrics=observer.metrics)(REQUEST)
    assert list(observer.lines) == []
    assert "huiyi_turn_errors_total{" not in observer.everything()
    assert (observer.spans["turn"].attributes or {})["error.type"] == "KeyError"


@pytest.mark.parametrize(
    ("outcome", "name", "logged"),
    [
        (Succeeded({"order_id": "FL1"}), "succeeded", False),
        (Refused("余额不足"), "refused", False),
        (NotDone("nobody listens"), "not_done", True),
        (Unknown("timeout"), "unknown", True),
    ],
)
async def test_a_call_is_counted_by_its_outcome_and_logged_when_it_may_need_a_person(
    observer: Observer, outcome: InvocationOutcome, name: str, logged: bool
) -> None:
    functions = ScriptedFunctions(outcome)
    observed = ObservedFunctions(functions, metrics=observer.metrics)
    assert await observed.invoke(INVOCATION, FUNCTION, deadline=3.0) is outcome
    assert functions.given == [(INVOCATION, FUNCTION, 3.0)]
    assert observer.count("huiyi_functions_total", function="book_flight", outcome=name) == 1
    assert observer.count("huiyi_function_duration_seconds_count", function="book_flight") == 1
    assert observer.spans["function"].attributes == {"huiyi.function": "book_flight", "huiyi.outcome": name}
    assert bool(observer.lines) is logged
    for line in observer.lines:
        assert line.pop("ms") >= 0
        assert line == {
            "event": "function", "log_level": "warning", "function": "book_flight", "outcome": name,
            "session_id": "c1", "turn": 4, "key": "k1",
        }  # fmt: skip


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), RuntimeError("北京")], ids=lambda error: type(error).__name__
)
async def test_a_call_that_does_not_end_is_unknown(observer: Observer, error: BaseException) -> None:
    with pytest.raises(type(error)):
        await ObservedFunctions(ScriptedFunctions(error), metrics=observer.metrics).invoke(
            INVOCATION, FUNCTION, deadline=3.0
        )
    assert observer.count("huiyi_functions_total", function="book_flight", outcome="unknown") == 1
    assert (observer.spans["function"].attributes or {})["error.type"] == type(error).__name__


def test_what_stands_in_the_way_of_functions_is_told_unchanged(observer: Observer) -> None:
    observed = ObservedFunctions(ScriptedFunctions(), metrics=observer.metrics)
    assert observed.problems({"book": FUNCTION}) == ("book has a problem",)


@pytest.mark.parametrize(
    ("answer", "outcome", "degraded"),
    [
        (KnowledgeAnswer("起飞前 24 小时退票免手续费。", (PASSAGE,)), "answered", 0),
        (None, "none", 0),
        (Unavailable("timeout"), "unavailable", 1),
        (Unavailable("not_configured"), "unavailable", 0),
    ],
)
async def test_a_question_is_counted_by_how_it_went(
    observer: Observer, answer: KnowledgeAnswer | Unavailable | None, outcome: str, degraded: int
) -> None:
    knowledge = ScriptedKnowledgeBase(answer)
    observed = ObservedKnowledgeBase(knowledge, metrics=observer.metrics)
    asked = await observed.ask("退票要手续费吗", conversation=ConversationId("c1"), language="zh-CN", deadline=5.0)
    assert asked is answer
    assert knowledge.given == [("退票要手续费吗", "c1", "zh-CN", 5.0)]
    assert observer.count("huiyi_knowledge_total", outcome=outcome) == 1
    assert observer.count("huiyi_stage_duration_seconds_count", stage="knowledge") == 1
    assert observer.count("huiyi_degraded_total", part="knowledge") == degraded
    assert (observer.spans["knowledge"].attributes or {})["huiyi.outcome"] == outcome


RECOGNISED = Recognition((Segment("订机票"),))


@pytest.mark.parametrize(
    ("answer", "degraded"),
    [(RECOGNISED, 0), (Unavailable("broken", "北京"), 1), (Unavailable("not_configured"), 0)],
)
async def test_recognition_is_timed_and_counted_when_it_cannot_help(
    observer: Observer, answer: Recognition | Unavailable, degraded: int
) -> None:
    recogniser = ScriptedRecogniser(answer)
    observed = ObservedRecogniser(recogniser, metrics=observer.metrics)
    found = (entity("北京", "city"),)
    heard = await observed.recognise("北京", found, version=CatalogueVersion(3), expectation=Expectation())
    assert heard is answer
    assert recogniser.given == [("北京", found, 3, Expectation())]
    assert observer.count("huiyi_stage_duration_seconds_count", stage="recogniser") == 1
    assert observer.count("huiyi_degraded_total", part="recogniser") == degraded
    told = {} if answer is RECOGNISED else {"huiyi.unavailable": answer.code}  # type: ignore[union-attr]  # the others are
    assert observer.spans["recogniser"].attributes == told


async def test_learning_is_traced_under_the_catalogues_number(observer: Observer) -> None:
    recogniser = ScriptedRecogniser()
    await ObservedRecogniser(recogniser, metrics=observer.metrics).learn(PUBLISHED)
    assert recogniser.learnt == [PUBLISHED]
    assert observer.spans["learn"].attributes == {"huiyi.catalogue_version": 3}


@pytest.mark.parametrize(("answer", "degraded"), [((entity("北京", "city"),), 0), (Unavailable("timeout"), 1)])
async def test_each_extractor_is_timed_and_counted_under_its_name(
    observer: Observer, answer: object, degraded: int
) -> None:
    extractor = ScriptedExtractor(answer)  # type: ignore[arg-type]  # either kind of answer
    observed = ObservedExtractor(extractor, metrics=observer.metrics, name="duckling")
    await observed.prepare(PUBLISHED)
    kinds = frozenset({EntityName("city")})
    found = await observed.extract("北京", version=CatalogueVersion(3), kinds=kinds, now=START, language="zh-CN")
    assert found is answer
    assert extractor.prepared == [PUBLISHED]
    assert extractor.given == [("北京", 3, kinds, START, "zh-CN")]
    assert observer.count("huiyi_stage_duration_seconds_count", stage="duckling") == 1
    assert observer.count("huiyi_degraded_total", part="duckling") == degraded


async def test_a_stage_that_breaks_is_timed_all_the_same(observer: Observer) -> None:
    observed = ObservedExtractor(ScriptedExtractor(RuntimeError("北京")), metrics=observer.metrics, name="lexicon")
    with pytest.raises(RuntimeError):
        await observed.extract("北京", version=CatalogueVersion(3), kinds=frozenset(), now=START, language="zh-CN")
    assert observer.count("huiyi_stage_duration_seconds_count", stage="lexicon") == 1
    assert observer.spans["lexicon"].status.status_code is StatusCode.ERROR


async def test_the_stages_of_a_turn_are_spans_inside_its_own_even_when_they_run_at_once(observer: Observer) -> None:
    extractors = [
        ObservedExtractor(ScriptedExtractor(), metrics=observer.metrics, name=name) for name in ("lexicon", "duckling")
    ]
    kinds: frozenset[EntityName] = frozenset()

    async def understanding(request: TurnRequest, *, progress: Progress) -> object:
        await asyncio.gather(
            *(
                extractor.extract("", version=CatalogueVersion(3), kinds=kinds, now=START, language="zh-CN")
                for extractor in extractors
            )
        )
        return replied()

    await ObservedTurns(understanding, metrics=observer.metrics)(REQUEST)  # type: ignore[arg-type]  # an object is a reply
    turn = observer.spans["turn"].get_span_context()
    assert turn is not None
    parents = [observer.spans[name].parent for name in ("lexicon", "duckling")]
    assert [parent.span_id if parent else None for parent in parents] == [turn.span_id] * 2
    assert observer.spans["turn"].parent is None


def test_two_services_in_one_process_do_not_share_counts() -> None:
    one, other = Metrics(), Metrics()
    one.failure()
    assert b"huiyi_failures_total 1.0" in one.exposition()
    assert b"huiyi_failures_total 0.0" in other.exposition()


def test_every_metric_is_described_before_anything_happened() -> None:
    told = Metrics().exposition().decode()
    names = [line.split()[2] for line in told.splitlines() if line.startswith("# TYPE")]
    assert names == [
        "http_requests_total",
        "http_request_duration_seconds",
        "huiyi_turns_total",
        "huiyi_turn_duration_seconds",
        "huiyi_intents_total",
        "huiyi_turn_errors_total",
        "huiyi_functions_total",
        "huiyi_function_duration_seconds",
        "huiyi_knowledge_total",
        "huiyi_stage_duration_seconds",
        "huiyi_degraded_total",
        "huiyi_failures_total",
    ]


def test_no_series_says_when_it_began() -> None:
    metrics = Metrics()
    metrics.stage("recogniser", 0.001)
    metrics.knowledge("none")
    assert b"_created" not in metrics.exposition()
