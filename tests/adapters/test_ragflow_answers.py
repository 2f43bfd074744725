"""What is made of an answer that an assistant of RAGFlow gives, old or new."""

from collections.abc import AsyncIterator

import pytest

from domain.ports.knowledge_base import KnowledgeAnswer
from tests.adapters.ragflow_desk import GENERATIONS, REFERENCE, SAID, SOURCE, Desk, desk_at
from tests.doubles.ragflow_server import EMPTY_REPLY, NOT_FOUND_REPLY
from tests.doubles.ragflow_wire import Reply, Stream, events


@pytest.fixture(params=GENERATIONS)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with desk_at(request.param) as desk:
        yield desk


@pytest.fixture
async def new_desk() -> AsyncIterator[Desk]:
    async with desk_at("new") as desk:
        yield desk


async def test_cumulative_events_are_not_added_up(new_desk: Desk) -> None:
    growing = [
        {"answer": "七天"},
        {"answer": "七天内可以"},
        {"answer": "七天内可以退款。 ##0$$", "reference": REFERENCE},
    ]
    assert await new_desk.says(events(*growing)) == SAID


async def test_a_cumulative_text_that_was_rewritten_is_taken_as_it_is_last(new_desk: Desk) -> None:
    growing = [{"answer": "<think>嗯"}, {"answer": "七日"}, {"answer": "七天内可以退款。", "reference": REFERENCE}]
    assert await new_desk.says(events(*growing)) == SAID


async def test_increments_are_added_up(new_desk: Desk) -> None:
    pieces = [{"answer": piece, "reference": {}, "final": False} for piece in ("七天", "内可以", "退款。")]
    assert await new_desk.says(events(*pieces, {"answer": "", "final": True, "reference": REFERENCE})) == SAID


async def test_increments_that_begin_alike_are_added_up(new_desk: Desk) -> None:
    pieces = [{"answer": piece, "final": False} for piece in ("七", "七八", "天内可以退款。")]
    said = await new_desk.says(events(*pieces, {"answer": "", "final": True, "reference": REFERENCE}))
    assert said.startswith("七七八天内可以退款。")


async def test_a_final_text_replaces_the_increments(new_desk: Desk) -> None:
    pieces = [{"answer": "七天", "final": False}]
    last = {"answer": "七天内可以退款。", "final": True, "reference": REFERENCE}
    assert await new_desk.says(events(*pieces, last)) == SAID


async def test_reasoning_between_its_marks_is_not_said(new_desk: Desk) -> None:
    pieces = [
        {"answer": "", "start_to_think": True},
        {"answer": "用户问退款", "final": False},
        {"answer": "", "end_to_think": True},
        {"answer": "七天内可以退款。", "final": False},
    ]
    assert await new_desk.says(events(*pieces, {"answer": "", "final": True, "reference": REFERENCE})) == SAID


@pytest.mark.parametrize(
    "text",
    [
        "<think>用户问退款</think>七天内可以退款。",
        "用户问退款</think>\n\n七天内可以退款。",
        "<retrieving>查找<br/></retrieving>七天内可以退款。",
        "七天内可以退款。<think>还有",
        "七天内可以退款 [ID:0]。",
        "七天内可以退款##0$$##1$$。",
        "七天内可以退款【ID: 0】[ID:0][ID:7]。",
        "七天内可以退款（ID：0、ID：1）。",
        "七天内可以退款 (ID: 0, 1)。",
    ],
)
async def test_reasoning_and_citations_are_not_said(new_desk: Desk, text: str) -> None:
    assert await new_desk.says(events({"answer": text, "reference": REFERENCE})) == SAID


async def test_what_is_cited_is_the_source(new_desk: Desk) -> None:
    other = {**SOURCE, "document_name": "fees.pdf", "content": "手续费是票价的一成。", "similarity": 0.4}
    reference = {"chunks": [SOURCE, None, other]}
    answer = await new_desk.answers(events({"answer": "一成 [ID:2] [ID:1] [ID:9999999999999]", "reference": reference}))
    assert isinstance(answer, KnowledgeAnswer)
    assert [passage.source for passage in answer.passages] == ["fees.pdf"]
    assert answer.text == "一成\n「手续费是票价的一成。」（来源：fees.pdf）"


async def test_without_a_citation_all_are_sources_best_first_and_three_at_most(new_desk: Desk) -> None:
    scores = [None, 0.3, 0.9, 0.5]
    chunks = [{**SOURCE, "document_name": f"{score}.pdf", "similarity": score} for score in scores]
    answer = await new_desk.answers(events({"answer": "七天。", "reference": {"chunks": chunks}}))
    assert isinstance(answer, KnowledgeAnswer)
    assert [passage.source for passage in answer.passages] == ["0.9.pdf", "0.5.pdf", "0.3.pdf"]


async def test_scores_that_are_no_numbers_do_not_spoil_an_answer(new_desk: Desk) -> None:
    spoilt = {**SOURCE, "similarity": float("nan"), "vector_similarity": None, "term_similarity": float("inf")}
    answer = await new_desk.answers(events({"answer": "七天。", "reference": {"chunks": [spoilt]}}))
    assert isinstance(answer, KnowledgeAnswer)
    assert answer.passages[0].score == 0.0


async def test_sources_of_the_final_event_are_kept_whatever_follows(new_desk: Desk) -> None:
    last = {"answer": "七天内可以退款。", "final": True, "reference": REFERENCE}
    assert await new_desk.says(events(last, {"answer": "", "final": False, "reference": {"chunks": []}})) == SAID


async def test_an_answer_without_the_stream_is_the_same() -> None:
    async with desk_at(stream=False) as desk:
        told = {"answer": "七天内可以退款 [ID:0]。", "reference": REFERENCE, "prompt": "secret prompt"}
        assert await desk.says(Reply({"code": 0, "data": told})) == SAID
        assert desk.asked[0]["stream"] is False


async def test_a_stream_that_was_not_asked_for_is_heard_all_the_same() -> None:
    async with desk_at(stream=False) as desk:
        assert await desk.says(events({"answer": "七天内可以退款。", "reference": REFERENCE})) == SAID
        assert await desk.says(events({"answer": "七天"}, end=False)) == "broken"
        assert await desk.says(Stream(({"code": 500, "message": "boom", "data": {}},))) == "broken"


async def test_a_score_as_a_bare_nan_is_read_without_the_stream() -> None:
    async with desk_at(stream=False) as desk:
        reference = {"chunks": [{**SOURCE, "similarity": float("nan")}]}
        assert (
            await desk.says(Reply({"code": 0, "data": {"answer": "七天内可以退款。", "reference": reference}})) == SAID
        )


@pytest.mark.parametrize("reference", [{}, [], None, {"chunks": []}, {"total": 0}, {"chunks": [{"content": "x"}]}])
async def test_an_answer_without_a_source_is_none(new_desk: Desk, reference: object) -> None:
    assert await new_desk.says(events({"answer": "七天内可以退款。", "reference": reference})) == "none"


@pytest.mark.parametrize(
    "reply", [EMPTY_REPLY, NOT_FOUND_REPLY, f"抱歉，{NOT_FOUND_REPLY} 您可以换个问法。", "没有 找到!"]
)
async def test_the_reply_for_nothing_found_is_none_even_with_sources(reply: str) -> None:
    async with desk_at(empty_replies=("没有找到！",)) as desk:
        assert await desk.says(events({"answer": reply, "reference": REFERENCE})) == "none"


async def test_the_reply_for_nothing_found_that_comes_twice_is_none(new_desk: Desk) -> None:
    reply = {"answer": "找不到任何内容", "reference": {"chunks": []}}
    assert await new_desk.says(events({**reply, "final": False}, {**reply, "final": True})) == "none"


async def test_a_chat_without_documents_may_end_without_a_final_event(new_desk: Desk) -> None:
    assert await new_desk.says(events({"answer": "你好", "final": False})) == "none"


@pytest.mark.parametrize("text", ["", "<think>我想想", "[ID:0]", "<think>a</think>  "])
async def test_an_answer_without_words_is_none(new_desk: Desk, text: str) -> None:
    assert await new_desk.says(events({"answer": text, "reference": REFERENCE})) == "none"


@pytest.mark.parametrize("question", ["", "  \n", "？！。", "\x00\u202e\ud800"])
async def test_a_question_without_words_is_not_asked(new_desk: Desk, question: str) -> None:
    assert await new_desk.ask(question) is None
    assert new_desk.server.received == []


async def test_a_question_is_sent_without_what_breaks_servers_and_cut(new_desk: Desk) -> None:
    await new_desk.ask("经济舱\ud800\x00\n是什么" + "啊" * 5000)
    assert str(new_desk.asked[0]["question"]).startswith("经济舱 是什么啊")
    assert len(str(new_desk.asked[0]["question"])) == 1000
