"""A knowledge base with another behind it."""

import asyncio
from collections.abc import Callable

import pytest

from adapters.falling_back.knowledge_base import FallingBackKnowledgeBase
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase, Passage
from domain.values import Unavailable
from tests.doubles.manual_hands import Hands

ANSWER = KnowledgeAnswer("甲", (Passage("a.md", "", "甲", 1.0),))
Pieces = Callable[[str], None] | None

OTHER = KnowledgeAnswer("乙", (Passage("b.md", "", "乙", 1.0),))
DOWN = Unavailable("broken", "first")


class Scripted(KnowledgeBase):
    """Always answers the same after so many seconds, and remembers what it was asked with."""

    def __init__(
        self, answer: KnowledgeAnswer | Unavailable | None, hands: Hands | None = None, takes: float = 0.0
    ) -> None:
        self._answer = answer
        self._hands = hands
        self._takes = takes
        self.asked: list[tuple[str, str, str, float]] = []

    async def ask(
        self, question: str, *, conversation: ConversationId, language: str, deadline: float, pieces: Pieces = None
    ) -> KnowledgeAnswer | Unavailable | None:
        self.asked.append((question, conversation, language, deadline))
        if self._hands is not None:
            self._hands.time += self._takes
        return self._answer


async def ask(both: FallingBackKnowledgeBase, deadline: float = 5.0) -> KnowledgeAnswer | Unavailable | None:
    return await both.ask("问", conversation=ConversationId("c1"), language="zh-CN", deadline=deadline)


@pytest.mark.parametrize("answer", [ANSWER, None])
async def test_what_the_first_says_is_the_answer_even_if_it_has_none(answer: KnowledgeAnswer | None) -> None:
    second = Scripted(OTHER)
    assert await ask(FallingBackKnowledgeBase(Scripted(answer), second)) == answer
    assert second.asked == []


@pytest.mark.parametrize("answer", [OTHER, None])
@pytest.mark.parametrize("code", ["broken", "timeout", "refused", "not_configured"])
async def test_where_the_first_cannot_be_asked_the_second_is(code: str, answer: KnowledgeAnswer | None) -> None:
    assert await ask(FallingBackKnowledgeBase(Scripted(Unavailable(code)), Scripted(answer))) == answer


async def test_with_both_out_of_order_the_first_ones_reason_is_told() -> None:
    assert await ask(FallingBackKnowledgeBase(Scripted(DOWN), Scripted(Unavailable("timeout")))) == DOWN


async def test_the_question_is_passed_on_as_it_is() -> None:
    first, second = Scripted(DOWN), Scripted(OTHER)
    await ask(FallingBackKnowledgeBase(first, second))
    assert first.asked[0][:3] == second.asked[0][:3] == ("问", "c1", "zh-CN")


@pytest.mark.parametrize(("deadline", "takes", "first_has", "second_has"), [(5.0, 4.0, 4.0, 1.0), (1.0, 0.5, 0.5, 0.5)])
async def test_the_first_leaves_time_for_the_second(
    deadline: float, takes: float, first_has: float, second_has: float
) -> None:
    hands = Hands()
    first, second = Scripted(DOWN, hands, takes), Scripted(OTHER)
    await ask(FallingBackKnowledgeBase(first, second, seconds=hands), deadline)
    assert first.asked[0][3] == pytest.approx(first_has)
    assert second.asked[0][3] == pytest.approx(second_has)


async def test_no_time_left_is_no_negative_time() -> None:
    hands = Hands()
    second = Scripted(OTHER)
    await ask(FallingBackKnowledgeBase(Scripted(DOWN, hands, 9.0), second, seconds=hands))
    assert second.asked[0][3] == 0.0


async def test_cancelling_reaches_the_one_that_is_asked() -> None:
    class Hanging(Scripted):
        async def ask(
            self, question: str, *, conversation: ConversationId, language: str, deadline: float, pieces: Pieces = None
        ) -> KnowledgeAnswer | Unavailable | None:
            await asyncio.Event().wait()
            return None

    asking = asyncio.create_task(ask(FallingBackKnowledgeBase(Scripted(DOWN), Hanging(None))))
    await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
