"""What every knowledge base promises."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from adapters.absent.embedder import AbsentEmbedder
from adapters.absent.knowledge_base import AbsentKnowledgeBase
from adapters.falling_back.knowledge_base import FallingBackKnowledgeBase
from adapters.local_knowledge.knowledge_base import LocalKnowledgeBase
from adapters.ragflow.knowledge_base import RagflowKnowledgeBase
from adapters.ragflow.modes import Assistant, Datasets
from adapters.telemetry.knowledge import ObservedKnowledgeBase
from adapters.telemetry.metrics import Metrics
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.values import Unavailable
from tests.doubles.business_api import nobody_listens
from tests.doubles.ragflow_server import CHAT, DATASET, KEY, Generation, ragflow_server
from tests.doubles.sentence_vectors import RealEmbedder

KNOWLEDGE = Path(__file__).parents[2] / "deploy" / "knowledge"
ANSWERED = [("zh-CN", "什么是经济舱？", "经济舱"), ("en", "What is economy class?", "Economy class")]
UNANSWERED = [("zh-CN", "今天天气真好啊"), ("en", "tell me a joke"), ("zh-CN", ""), ("en", "!@#$%^&*()")]
C1 = ConversationId("c1")


@dataclass
class Desk:
    """A knowledge base over the demo articles, and ways to trouble it. `answers` is False for one that never does."""

    knowledge: KnowledgeBase
    answers: bool = True
    slow_down: Callable[[], None] | None = None

    async def ask(
        self,
        question: str,
        language: str = "zh-CN",
        *,
        deadline: float = 5.0,
        pieces: Callable[[str], None] | None = None,
    ) -> object:
        return await self.knowledge.ask(question, conversation=C1, language=language, deadline=deadline, pieces=pieces)


@asynccontextmanager
async def _local() -> AsyncIterator[Desk]:
    async with LocalKnowledgeBase(KNOWLEDGE, RealEmbedder()) as knowledge:
        yield Desk(knowledge)


@asynccontextmanager
async def _by_words() -> AsyncIterator[Desk]:
    async with LocalKnowledgeBase(KNOWLEDGE, AbsentEmbedder()) as knowledge:
        yield Desk(knowledge)


@asynccontextmanager
async def _observed() -> AsyncIterator[Desk]:
    async with _by_words() as desk:
        yield Desk(ObservedKnowledgeBase(desk.knowledge, metrics=Metrics()))


@asynccontextmanager
async def _absent() -> AsyncIterator[Desk]:
    yield Desk(AbsentKnowledgeBase(), answers=False)


@asynccontextmanager
async def _ragflow(generation: Generation, mode: Assistant | Datasets) -> AsyncIterator[Desk]:
    async with ragflow_server(generation) as server, RagflowKnowledgeBase(server.url, KEY, mode) as knowledge:
        yield Desk(knowledge, slow_down=server.hang)


@asynccontextmanager
async def _fallen_back() -> AsyncIterator[Desk]:
    nobody = RagflowKnowledgeBase(await nobody_listens(), KEY, Datasets(ids=(DATASET,)))
    async with nobody, _by_words() as desk:
        yield Desk(FallingBackKnowledgeBase(nobody, desk.knowledge))


ASSISTANT = Assistant(chat_id=CHAT)
DESKS: dict[str, Callable[[], AbstractAsyncContextManager[Desk]]] = {
    "local": _local,
    "local by words": _by_words,
    "by words observed": _observed,
    "absent": _absent,
    "assistant of an old ragflow": partial(_ragflow, "old", ASSISTANT),
    "assistant of a new ragflow": partial(_ragflow, "new", ASSISTANT),
    "assistant without streams": partial(_ragflow, "new", Assistant(chat_id=CHAT, stream=False)),
    "datasets of ragflow": partial(_ragflow, "new", Datasets(ids=(DATASET,))),
    "fallen back": _fallen_back,
}


@pytest.fixture(params=DESKS)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(DESKS[request.param]())


@pytest.mark.parametrize(("language", "question", "word"), ANSWERED)
async def test_an_answer_quotes_a_passage_and_names_its_source(
    desk: Desk, language: str, question: str, word: str
) -> None:
    answer = await desk.ask(question, language)
    if not desk.answers:
        assert answer == Unavailable("not_configured")
        return
    assert isinstance(answer, KnowledgeAnswer)
    best = answer.passages[0]
    assert word in best.quote
    assert best.quote in answer.text
    assert best.source in answer.text
    assert best.title in answer.text


@pytest.mark.parametrize(("language", "question", "word"), ANSWERED)
async def test_a_quotation_is_found_in_its_source(desk: Desk, language: str, question: str, word: str) -> None:
    answer = await desk.ask(question, language)
    for passage in answer.passages if isinstance(answer, KnowledgeAnswer) else ():
        text = (KNOWLEDGE / language / passage.source).read_text(encoding="utf-8")
        assert passage.quote in text
        assert passage.title in text


@pytest.mark.parametrize(("language", "question", "word"), ANSWERED)
async def test_passages_come_best_first_with_scores_between_nought_and_one(
    desk: Desk, language: str, question: str, word: str
) -> None:
    answer = await desk.ask(question, language)
    passages = answer.passages if isinstance(answer, KnowledgeAnswer) else ()
    assert bool(passages) is desk.answers
    assert all(0 <= passage.score <= 1 for passage in passages)


@pytest.mark.parametrize(("language", "question", "word"), ANSWERED)
async def test_the_pieces_of_an_answer_are_the_answer(desk: Desk, language: str, question: str, word: str) -> None:
    pieces: list[str] = []
    answer = await desk.ask(question, language, pieces=pieces.append)
    told = tuple(pieces)
    await asyncio.sleep(0.01)
    assert told == tuple(pieces)
    assert all(told)
    if isinstance(answer, KnowledgeAnswer) and told:
        assert "".join(told) == answer.text
    assert answer == await desk.ask(question, language)


@pytest.mark.parametrize(("language", "question"), UNANSWERED)
async def test_where_there_is_no_answer_there_are_no_pieces(desk: Desk, language: str, question: str) -> None:
    pieces: list[str] = []
    await desk.ask(question, language, pieces=pieces.append)
    assert pieces == []


@pytest.mark.parametrize(("language", "question"), UNANSWERED)
async def test_what_the_documents_do_not_answer_is_not_answered(desk: Desk, language: str, question: str) -> None:
    assert await desk.ask(question, language) == (None if desk.answers else Unavailable("not_configured"))


async def test_the_same_question_gets_the_same_answer(desk: Desk) -> None:
    answers = [await desk.ask("退票要手续费吗") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


async def test_questions_at_once_get_their_own_answers(desk: Desk) -> None:
    alone = [await desk.ask(question, language) for language, question, _ in ANSWERED]
    together = await asyncio.gather(*(desk.ask(question, language) for language, question, _ in ANSWERED * 5))
    assert together == alone * 5


@pytest.mark.parametrize("question", ["\x00\ud800", "长" * 100_000, "a" * 100_000, "？" * 1000, "\u202e\ufdfa" * 100])
async def test_a_hostile_question_is_not_answered_and_costs_little(desk: Desk, question: str) -> None:
    began = time.process_time()
    assert not isinstance(await desk.ask(question), KnowledgeAnswer)
    assert time.process_time() - began < 1.0


async def test_a_language_without_documents_is_answered_from_what_there_is(desk: Desk) -> None:
    assert isinstance(await desk.ask("what is economy class", "fr"), KnowledgeAnswer) is desk.answers


async def test_an_answer_that_takes_too_long_is_given_up(desk: Desk) -> None:
    if desk.slow_down is not None:
        desk.slow_down()
    began = time.monotonic()
    answer = await desk.ask("什么是经济舱？", deadline=0.1 if desk.slow_down else 0.0)
    assert isinstance(answer, Unavailable)
    assert answer.code == ("timeout" if desk.answers else "not_configured")
    assert time.monotonic() - began < 2.0


async def test_cancelling_stops_the_work(desk: Desk) -> None:
    if desk.slow_down is not None:
        desk.slow_down()
    asking = asyncio.create_task(desk.ask("什么是经济舱？", deadline=60.0))
    await asyncio.sleep(0)
    asking.cancel()
    done, _ = await asyncio.wait([asking], timeout=1.0)
    assert asking in done
