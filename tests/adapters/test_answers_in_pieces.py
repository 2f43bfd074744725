"""Answers told piece by piece while they are made."""

from collections.abc import AsyncIterator, Callable

import pytest

from adapters.falling_back.knowledge_base import FallingBackKnowledgeBase
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from domain.values import Unavailable
from tests.adapters.ragflow_desk import END, ERROR, QUESTION, REFERENCE, SAID, Desk, desk_at
from tests.doubles.ragflow_server import NOT_FOUND_REPLY
from tests.doubles.ragflow_wire import Played, Reply, Stream, events
from tests.doubles.scripted_parts import ScriptedKnowledgeBase

C1 = ConversationId("c1")
FOUND = KnowledgeAnswer("乙方", (Passage("b.md", "", "乙", 1.0),))
LAST = {"answer": "", "final": True, "reference": REFERENCE}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with desk_at("new") as desk:
        yield desk


async def pieces_of(desk: Desk, *played: Played) -> list[str]:
    """What is told of the answer, in pieces, and what it is in the end, if anything."""
    desk.server.plays("completions", *played)
    told: list[str] = []
    answer = await desk.knowledge.ask(QUESTION, conversation=C1, language="zh-CN", deadline=5.0, pieces=told.append)
    return [*told, f"= {answer.text}"] if isinstance(answer, KnowledgeAnswer) else told


def increments(*texts: str, **last: object) -> Stream:
    return events(*({"answer": text, "final": False} for text in texts), {**LAST, **last})


class TestAnAssistant:
    async def test_increments_are_told_as_they_come_and_the_source_at_the_end(self, desk: Desk) -> None:
        told = await pieces_of(desk, increments("七天", "内可以", "退款。"))
        assert told == ["七天", "内可以", "退款。", "（来源：policy.pdf）", f"= {SAID}"]

    async def test_of_cumulative_events_only_what_is_new_is_told(self, desk: Desk) -> None:
        growing = [{"answer": "七天"}, {"answer": "七天内可以"}, {"answer": "七天内可以退款。", "reference": REFERENCE}]
        told = await pieces_of(desk, events(*growing))
        assert told == ["七天", "内可以", "退款。", "（来源：policy.pdf）", f"= {SAID}"]

    async def test_an_answer_in_one_piece_is_told_in_one_piece(self) -> None:
        whole = {"answer": "七天内可以退款。", "reference": REFERENCE}
        async with desk_at("new", stream=False) as desk:
            told = await pieces_of(desk, Reply({"code": 0, "data": whole}))
        assert told == [SAID, f"= {SAID}"]

    @pytest.mark.parametrize(
        "texts",
        [
            ("七天内可以退款 [", "ID", ":0", "]。"),
            ("七天内可以退款 #", "#0", "$", "$。"),
            ("七天内可以退款（", "ID: 0, ID: 1", "）。"),
            ("<", "think>用户问", "退款</thi", "nk>七天内可以退款。"),
            ("<retrieving>查</retrieving>", "七天内可以退款。"),
        ],
    )
    async def test_no_mark_that_is_not_for_the_user_is_told_not_even_half_of_it(
        self, desk: Desk, texts: tuple[str, ...]
    ) -> None:
        told = await pieces_of(desk, increments(*texts))
        assert "".join(told) == f"{SAID}= {SAID}"

    async def test_brackets_of_the_text_itself_are_told_once_they_are_closed(self, desk: Desk) -> None:
        told = await pieces_of(desk, increments("可以（七", "天内）退", "款。"))
        assert told[:3] == ["可以", "（七天内）退", "款。"]

    @pytest.mark.parametrize("regret", ["", "抱歉，", "很抱歉，", "Sorry! ", "I'm sorry. "])
    async def test_that_nothing_was_found_is_not_told(self, desk: Desk, regret: str) -> None:
        said = regret + NOT_FOUND_REPLY
        assert await pieces_of(desk, increments(*said, answer=said)) == []

    async def test_an_answer_may_begin_with_a_regret(self, desk: Desk) -> None:
        told = await pieces_of(desk, increments("抱歉", "，", "七天", "后不能退款。"))
        assert told[:2] == ["抱歉，七天", "后不能退款。"]

    async def test_reasoning_that_shows_itself_as_such_too_late_ends_the_telling(self, desk: Desk) -> None:
        told = await pieces_of(desk, increments("用户问退款。", "</think>七天", "内可以退款。"))
        assert told == ["用户问退款。", f"= {SAID}"]

    async def test_a_failure_in_the_text_is_not_told(self, desk: Desk) -> None:
        told = await pieces_of(desk, events({"answer": "**ERROR**: boom", "final": False}, END["data"]))
        assert told == []

    async def test_what_was_told_before_a_failure_came_to_nothing(self, desk: Desk) -> None:
        assert await pieces_of(desk, Stream(({"code": 0, "data": {"answer": "七天"}}, ERROR))) == ["七天"]


async def ask(
    both: FallingBackKnowledgeBase, pieces: Callable[[str], None] | None
) -> KnowledgeAnswer | Unavailable | None:
    return await both.ask("问", conversation=C1, language="zh-CN", deadline=5.0, pieces=pieces)


class TestFallingBack:
    @pytest.mark.parametrize(("begun", "told"), [((), ["乙", "方"]), (("甲",), ["甲"])])
    async def test_two_answers_are_not_told_as_one(self, begun: tuple[str, ...], told: list[str]) -> None:
        first, second = ScriptedKnowledgeBase(Unavailable("broken")), ScriptedKnowledgeBase(FOUND)
        first.pieces, second.pieces = begun, ("乙", "方")
        pieces: list[str] = []
        assert await ask(FallingBackKnowledgeBase(first, second), pieces.append) == FOUND
        assert pieces == told

    async def test_pieces_are_passed_on_as_they_come(self) -> None:
        first = ScriptedKnowledgeBase(FOUND)
        first.pieces = ("乙", "方")
        pieces: list[str] = []
        await ask(FallingBackKnowledgeBase(first, ScriptedKnowledgeBase()), pieces.append)
        assert pieces == ["乙", "方"]

    async def test_where_nobody_listens_there_are_none(self) -> None:
        first = ScriptedKnowledgeBase(FOUND)
        first.pieces = ("乙", "方")
        assert await ask(FallingBackKnowledgeBase(first, ScriptedKnowledgeBase()), None) == FOUND
