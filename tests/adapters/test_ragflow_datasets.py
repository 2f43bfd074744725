"""What is quoted out of RAGFlow's datasets, and what is declined."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from adapters.ragflow.chunk import Chunk, chunks_of
from adapters.ragflow.knowledge_base import RagflowKnowledgeBase
from adapters.ragflow.modes import Datasets
from adapters.ragflow.quoting import passages
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable
from tests.doubles.ragflow_server import DATASET, KEY, RagflowServer, ragflow_server
from tests.doubles.ragflow_wire import DROPS, Played, Reply, failure

TLS = ssl.create_default_context()
FOUND = {"content": "七天内可以退款。", "document_keyword": "policy.pdf", "document_id": "d1"}
PLACES = [
    {"content": "甲。", "document_name": "a.pdf"},
    {"content": "甲。", "document_keyword": "a.pdf"},
    {"content_with_weight": "甲。", "docnm_kwd": "a.pdf", "chunk_id": "x", "kb_id": "y"},
    {"content": "", "content_with_weight": "甲。", "document_name": None, "doc_name": " a.pdf "},
]


@dataclass
class Desk:
    """Datasets and the server they are on."""

    server: RagflowServer
    knowledge: RagflowKnowledgeBase

    async def ask(self, *played: Played, language: str = "zh-CN") -> KnowledgeAnswer | Unavailable | None:
        self.server.plays("retrieval", *played)
        return await self.knowledge.ask(
            "多久可以退款？", conversation=ConversationId("c1"), language=language, deadline=5.0
        )


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    mode = Datasets(ids=(DATASET, "d2"))
    async with ragflow_server() as server, RagflowKnowledgeBase(server.url, KEY, mode, tls=TLS) as knowledge:
        yield Desk(server, knowledge)


def found(*chunks: object) -> Reply:
    return Reply({"code": 0, "data": {"total": len(chunks), "chunks": chunks, "doc_aggs": {}}})


def scored(**scores: object) -> dict[str, object]:
    return {
        **FOUND,
        **{f"{name}_similarity" if name != "similarity" else name: score for name, score in scores.items()},
    }


async def test_the_question_goes_to_the_datasets_named_and_needs_no_session(desk: Desk) -> None:
    await desk.ask(found())
    (request,) = desk.server.received
    assert (request.method, request.target) == ("POST", "/api/v1/retrieval")
    assert request.body["question"] == "多久可以退款？"
    assert request.body["dataset_ids"] == [DATASET, "d2"]
    assert request.body["page_size"] == 8
    assert [] not in request.body.values()


async def test_the_best_passage_is_quoted_with_its_document(desk: Desk) -> None:
    weaker = {**FOUND, "content": "手续费一成。", "document_keyword": "fees.pdf", "similarity": 0.5}
    answer = await desk.ask(found(weaker, scored(similarity=0.8)))
    assert isinstance(answer, KnowledgeAnswer)
    assert answer.text == "「七天内可以退款。」（来源：policy.pdf）"
    assert [(passage.source, passage.score) for passage in answer.passages] == [("policy.pdf", 0.8), ("fees.pdf", 0.5)]


async def test_the_quotation_is_in_the_marks_of_the_language(desk: Desk) -> None:
    answer = await desk.ask(found(scored(similarity=0.8)), language="en")
    assert isinstance(answer, KnowledgeAnswer)
    assert answer.text == "“七天内可以退款。” (source: policy.pdf)"


@pytest.mark.parametrize(
    ("scores", "answers"),
    [
        ({"similarity": 0.9, "vector": 0.9, "term": 0.9}, True),
        ({"similarity": 0.9, "vector": 0.9, "term": 0.0}, True),
        ({"similarity": 0.9, "vector": 0.2, "term": 0.6}, False),
        ({"similarity": 0.4, "vector": None, "term": 0.9}, False),
        ({"similarity": None, "vector": 0.6, "term": None}, True),
        ({"vector": None, "term": 0.2}, False),
        ({"similarity": float("nan"), "vector": float("nan"), "term": float("nan")}, False),
        ({"similarity": "0.9"}, False),
        ({"similarity": True}, False),
        ({"similarity": 10**400}, True),
        ({"similarity": -1}, False),
        ({}, False),
    ],
)
async def test_words_and_meaning_count_alike_and_what_does_not_convince_is_none(
    desk: Desk, scores: dict[str, object], answers: bool
) -> None:
    assert isinstance(await desk.ask(found(scored(**scores))), KnowledgeAnswer) is answers


async def test_nothing_found_is_none(desk: Desk) -> None:
    assert await desk.ask(found()) is None


@pytest.mark.parametrize("data", [None, [], {}, {"total": 0}, "x", True])
async def test_an_answer_without_a_list_is_broken(desk: Desk, data: object) -> None:
    assert await desk.ask(Reply({"code": 0, "data": data})) == Unavailable("broken", "code 0 without chunks")


@pytest.mark.parametrize(
    ("code", "public"), [(102, "refused"), (100, "broken"), (109, "unauthorised"), (108, "broken")]
)
async def test_a_failure_in_the_envelope_is_not_taken_for_nothing_found(desk: Desk, code: int, public: str) -> None:
    answer = await desk.ask(failure(code, "No chunk found! Check the chunk status please!"))
    assert isinstance(answer, Unavailable)
    assert answer.code == public
    assert "chunk found" not in answer.detail


async def test_a_search_is_repeated_where_the_connection_broke(desk: Desk) -> None:
    assert isinstance(await desk.ask(DROPS, found(scored(similarity=0.9))), KnowledgeAnswer)


@pytest.mark.parametrize("given", PLACES)
def test_chunks_are_read_in_the_spellings_of_all_versions(given: dict[str, object]) -> None:
    assert chunks_of({"chunks": [given]}) == (Chunk("a.pdf", "甲。"),)
    assert chunks_of([given]) == (Chunk("a.pdf", "甲。"),)
    assert chunks_of({"chunks": {"k1": given}}) == (Chunk("a.pdf", "甲。"),)
    assert chunks_of({"k1": given}) == (Chunk("a.pdf", "甲。"),)


@pytest.mark.parametrize("chunk", [None, 1, {}, {"content": "甲。"}, {"document_name": "a.pdf"}, {"content": ["甲"]}])
def test_a_chunk_without_words_or_document_keeps_its_number_only(chunk: object) -> None:
    assert chunks_of([chunk, PLACES[0]]) == (None, Chunk("a.pdf", "甲。"))


@pytest.mark.parametrize("reference", [None, {}, [], "x", 1, {"chunks": None}, {"total": 0, "doc_aggs": []}])
def test_a_reference_without_chunks_has_none(reference: object) -> None:
    assert chunks_of(reference) == ()


def test_markup_of_tables_is_left_out_and_comparisons_are_kept() -> None:
    (chunk,) = chunks_of(
        [{"content": "<table><tr><td>一等座</td><td colspan='2'>a < b</td></tr></table>", "doc_name": "a"}]
    )
    assert chunk is not None
    assert chunk.content == "一等座 a < b"


def quote(content: str, about: str) -> str:
    return passages([Chunk("a.pdf", content)], about)[0].quote


@pytest.mark.parametrize(
    ("content", "about", "wanted"),
    [
        ("行李。退款要七天。运费另计。", "退款", "退款要七天。运费另计。"),
        ("退款要几天？\n退款要七天。", "退款要几天", "退款要七天。"),
        ("退款\n\n七天内可以退。", "退款", "退款"),
        ("Refunds\nA refund takes 7.5 days. Ask us.", "refund takes", "A refund takes 7.5 days. Ask us."),
        ("他说：“可以退款。”然后走了。", "可以退款", "他说：“可以退款。”然后走了。"),
        ("Fees\nNothing shared here.", "退款", "Nothing shared here."),
        ("一等座 | 二等座", "二等座", "一等座 | 二等座"),
        ("无" * 900, "退款", "无" * 400),
    ],
)
def test_the_sentence_about_the_question_is_quoted_word_for_word(content: str, about: str, wanted: str) -> None:
    assert quote(content, about) == wanted
    assert wanted in content


def test_a_quotation_ends_with_a_sentence() -> None:
    assert quote("退款要七天。" + "甲" * 180 + "。" + "乙" * 90 + "。", "退款") == "退款要七天。" + "甲" * 180 + "。"
