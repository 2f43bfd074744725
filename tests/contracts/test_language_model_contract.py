"""What every language model promises."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from adapters.absent.language_model import AbsentLanguageModel
from domain.ports.language_model import Completion, LanguageModel, Prompt
from domain.values import Unavailable
from tests.doubles.scripted_language_model import ScriptedLanguageModel

PROMPT = Prompt(system="只用 JSON 回答。", user="我要去上海", json_schema='{"type": "object"}')


@dataclass(frozen=True)
class Kind:
    """How to get a model that answers after so long, and one that is out of order; `works` is False if none ever does."""

    working: Callable[[float], LanguageModel]
    broken: Callable[[], LanguageModel]
    works: bool = True


KINDS = {
    "scripted": Kind(
        lambda seconds: ScriptedLanguageModel(lambda prompt: f"听到：{prompt.user}", seconds=seconds),
        lambda: ScriptedLanguageModel([]),
    ),
    "absent": Kind(lambda _: AbsentLanguageModel(), AbsentLanguageModel, works=False),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


async def test_a_prompt_is_completed_or_the_reason_is_told(kind: Kind) -> None:
    answer = await kind.working(0.0).complete(PROMPT, deadline=1.0)
    if kind.works:
        assert isinstance(answer, Completion)
        assert answer.text
        assert answer.prompt_tokens > 0
        assert answer.completion_tokens > 0
    else:
        assert answer == Unavailable("not_configured")


async def test_asking_again_is_safe(kind: Kind) -> None:
    model = kind.working(0.0)
    answers = [await model.complete(PROMPT, deadline=1.0) for _ in range(2)]
    assert answers[0] == answers[1]


async def test_questions_at_once_get_their_own_answers(kind: Kind) -> None:
    model = kind.working(0.01)
    prompts = [Prompt(system="", user=f"问题{n}") for n in range(9)]
    answers = await asyncio.gather(*(model.complete(prompt, deadline=1.0) for prompt in prompts))
    for prompt, answer in zip(prompts, answers, strict=True):
        assert (prompt.user in answer.text) if isinstance(answer, Completion) else not kind.works


@pytest.mark.parametrize("deadline", [0.0, 0.05])
async def test_an_answer_that_takes_too_long_is_given_up(kind: Kind, deadline: float) -> None:
    began = time.monotonic()
    answer = await kind.working(30.0).complete(PROMPT, deadline=deadline)
    assert isinstance(answer, Unavailable)
    assert answer.code == ("timeout" if kind.works else "not_configured")
    assert time.monotonic() - began < 2.0


async def test_an_outage_is_a_value(kind: Kind) -> None:
    answer = await kind.broken().complete(PROMPT, deadline=1.0)
    assert isinstance(answer, Unavailable)
    assert answer.code


async def test_cancelling_stops_the_work(kind: Kind) -> None:
    model = kind.working(30.0)
    asking = asyncio.create_task(model.complete(PROMPT, deadline=60.0))
    await asyncio.sleep(0)
    asking.cancel()
    done, _ = await asyncio.wait([asking], timeout=1.0)
    assert asking in done


@pytest.mark.parametrize("user", ["", "\x00\ud800", "长" * 100_000])
async def test_any_text_may_be_asked(kind: Kind, user: str) -> None:
    answer = await kind.working(0.0).complete(Prompt(system="", user=user), deadline=1.0)
    assert isinstance(answer, Completion) is kind.works


async def test_scripted_answers_come_in_order_and_outages_may_be_among_them() -> None:
    model = ScriptedLanguageModel(["一", Unavailable("refused"), "二"])
    answers = [await model.complete(PROMPT, deadline=1.0) for _ in range(4)]
    texts = [answer.text if isinstance(answer, Completion) else answer.code for answer in answers]
    assert texts == ["一", "refused", "二", "script_ended"]
    assert model.prompts == [PROMPT] * 4
