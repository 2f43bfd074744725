"""What every language model promises."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.absent.language_model import AbsentLanguageModel
from adapters.xinference.language_model import XinferenceLanguageModel
from domain.ports.language_model import Completion, LanguageModel, Prompt
from domain.values import Unavailable
from tests.doubles.openai_server import GENERATION_FAILED, Says, openai_server
from tests.doubles.scripted_language_model import ScriptedLanguageModel
from tests.xinference.real import CHAT, road_to_xinference

PROMPT = Prompt(system="只用 JSON 回答。", user="我要去上海", json_schema='{"type": "object"}')
SOON = 5.0


@asynccontextmanager
async def _scripted(seconds: float, broken: bool) -> AsyncIterator[LanguageModel]:
    yield ScriptedLanguageModel([] if broken else lambda prompt: f"听到：{prompt.user}", seconds=seconds)


@asynccontextmanager
async def _absent(seconds: float, broken: bool) -> AsyncIterator[LanguageModel]:
    yield AbsentLanguageModel()


@asynccontextmanager
async def _xinference(seconds: float, broken: bool) -> AsyncIterator[LanguageModel]:
    async with openai_server() as server, XinferenceLanguageModel(server.url) as model:
        server.plays(GENERATION_FAILED if broken else Says(lambda user: f"听到：{user}", seconds=seconds))
        yield model


@asynccontextmanager
async def _thinking(seconds: float, broken: bool) -> AsyncIterator[LanguageModel]:
    async with openai_server() as server, XinferenceLanguageModel(f"{server.url}/v1/", model="tiny") as model:
        aloud = Says(lambda user: f"<think>\n\n</think>\n\n听到：{user}", seconds=seconds, ends_with_done=False)
        server.frame = "data:{}\n\n"
        server.plays(GENERATION_FAILED if broken else aloud)
        yield model


@asynccontextmanager
async def _real_xinference(seconds: float, broken: bool) -> AsyncIterator[LanguageModel]:
    model = "no such model" if broken else CHAT
    async with road_to_xinference(seconds) as road, XinferenceLanguageModel(road.url, model=model) as real:
        yield real


@dataclass(frozen=True)
class Kind:
    """How to get a model that answers after so long, or is out of order.

    `works` is False if none ever answers, `repeats` if what it says has nothing to do with what it was asked, and
    `counts` if the number of tokens depends on the way it is asked.
    """

    running: Callable[[float, bool], AbstractAsyncContextManager[LanguageModel]]
    works: bool = True
    repeats: bool = True
    counts: bool = True

    def alike(self, one: object, other: object) -> bool:
        """Whether two answers are the same."""
        if self.counts or not (isinstance(one, Completion) and isinstance(other, Completion)):
            return one == other
        return (one.text, one.prompt_tokens) == (other.text, other.prompt_tokens)

    def working(self, seconds: float = 0.0) -> AbstractAsyncContextManager[LanguageModel]:
        return self.running(seconds, False)

    def broken(self) -> AbstractAsyncContextManager[LanguageModel]:
        return self.running(0.0, True)


KINDS = {
    "scripted": Kind(_scripted),
    "absent": Kind(_absent, works=False),
    "xinference": Kind(_xinference),
    "a model that thinks": Kind(_thinking),
    "a real xinference": Kind(_real_xinference, repeats=False, counts=False),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


async def parts_of(
    model: LanguageModel, prompt: Prompt, deadline: float = SOON
) -> list[str | Completion | Unavailable]:
    return [part async for part in model.stream(prompt, deadline=deadline)]


async def test_a_prompt_is_completed_or_the_reason_is_told(kind: Kind) -> None:
    async with kind.working() as model:
        answer = await model.complete(PROMPT, deadline=SOON)
    if kind.works:
        assert isinstance(answer, Completion)
        assert answer.text
        assert answer.prompt_tokens > 0
        assert answer.completion_tokens > 0
    else:
        assert answer == Unavailable("not_configured")


async def test_asking_again_is_safe(kind: Kind) -> None:
    async with kind.working() as model:
        answers = [await model.complete(PROMPT, deadline=SOON) for _ in range(2)]
        streams = [await parts_of(model, PROMPT) for _ in range(2)]
    assert answers[0] == answers[1]
    assert streams[0] == streams[1]


async def test_questions_at_once_get_their_own_answers(kind: Kind) -> None:
    prompts = [Prompt(system="", user=f"问题{n}") for n in range(9)]
    async with kind.working(0.01) as model:
        answers = await asyncio.gather(*(model.complete(prompt, deadline=SOON) for prompt in prompts))
        streams = await asyncio.gather(*(parts_of(model, prompt) for prompt in prompts))
        alone = [await model.complete(prompt, deadline=SOON) for prompt in prompts]
    for prompt, answer, stream, lonely in zip(prompts, answers, streams, alone, strict=True):
        for whole in (answer, stream[-1]):
            assert kind.alike(whole, lonely)
            assert (prompt.user in whole.text or not kind.repeats) if isinstance(whole, Completion) else not kind.works


@pytest.mark.parametrize("deadline", [0.0, 0.05])
async def test_an_answer_that_takes_too_long_is_given_up(kind: Kind, deadline: float) -> None:
    async with kind.working(30.0) as model:
        began = time.monotonic()
        answer = await model.complete(PROMPT, deadline=deadline)
        parts = await parts_of(model, PROMPT, deadline)
        assert time.monotonic() - began < 2.0
    assert isinstance(answer, Unavailable)
    assert answer.code == ("timeout" if kind.works else "not_configured")
    (only,) = parts
    assert isinstance(only, Unavailable)
    assert only.code == answer.code


async def test_an_outage_is_a_value(kind: Kind) -> None:
    async with kind.broken() as model:
        answer = await model.complete(PROMPT, deadline=SOON)
        (*_, last) = await parts_of(model, PROMPT)
    assert isinstance(answer, Unavailable)
    assert isinstance(last, Unavailable)
    assert answer.code
    assert last.code


async def test_cancelling_stops_the_work(kind: Kind) -> None:
    async with kind.working(30.0) as model:
        for asking in (model.complete(PROMPT, deadline=60.0), parts_of(model, PROMPT, 60.0)):
            task = asyncio.create_task(asking)
            await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=1.0)
            assert task in done


@pytest.mark.parametrize("user", ["", "\x00\ud800", "长" * 100_000])
async def test_any_text_may_be_asked(kind: Kind, user: str) -> None:
    async with kind.working() as model:
        answer = await model.complete(Prompt(system="", user=user), deadline=SOON)
    assert isinstance(answer, Completion) is kind.works


async def test_a_stream_ends_with_the_whole_of_its_pieces(kind: Kind) -> None:
    async with kind.working() as model:
        whole = await model.complete(PROMPT, deadline=SOON)
        (*pieces, last) = await parts_of(model, PROMPT)
    assert all(isinstance(piece, str) and piece for piece in pieces)
    assert bool(pieces) is kind.works
    assert kind.alike(last, whole)
    assert not isinstance(last, Completion) or last.text == "".join(map(str, pieces))


async def test_a_stream_may_be_left_early(kind: Kind) -> None:
    async with kind.working() as model:
        for _ in range(12):
            parts: AsyncGenerator[object, None] = model.stream(PROMPT, deadline=SOON)
            async with aclosing(parts):
                await anext(parts)
            with pytest.raises(StopAsyncIteration):
                await anext(parts)
        assert isinstance(await model.complete(PROMPT, deadline=SOON), Completion) is kind.works


async def test_scripted_answers_come_in_order_and_outages_may_be_among_them() -> None:
    model = ScriptedLanguageModel(["一", Unavailable("refused"), "二"])
    answers = [await model.complete(PROMPT, deadline=1.0) for _ in range(4)]
    texts = [answer.text if isinstance(answer, Completion) else answer.code for answer in answers]
    assert texts == ["一", "refused", "二", "script_ended"]
    assert model.prompts == [PROMPT] * 4
