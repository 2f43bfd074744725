"""How the knowledge base over Markdown files behaves, beyond the contract."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from adapters.absent.embedder import AbsentEmbedder
from adapters.local_knowledge.knowledge_base import LocalKnowledgeBase
from adapters.local_knowledge.markdown import Section, sections
from adapters.local_knowledge.shelf import QUOTE_CHARACTERS, quoted
from adapters.local_knowledge.terms import cleaned, keywords, terms
from adapters.local_knowledge.word_index import WordIndex
from domain.errors import PartUnavailable
from domain.names import ConversationId
from domain.ports.embedder import Embedder
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable
from tests.doubles.sentence_vectors import RealEmbedder

ROOT = Path(__file__).parents[2]
TEA = """# 茶

## 绿茶怎么泡？

泡绿茶用八十度左右的水，两分钟即可。

## 红茶怎么泡？

泡红茶用沸水，焖三到五分钟。
"""


class Labelled(msgspec.Struct):
    """A question, the passage that answers it (`file#heading`), and the part of the corpus it belongs to."""

    language: str
    question: str
    answer: str | None
    part: str


CORPUS = [
    msgspec.json.decode(line, type=Labelled)
    for line in (ROOT / "tests/corpora/knowledge.jsonl").read_bytes().splitlines()
]


async def asked(base: LocalKnowledgeBase, question: str, language: str = "zh-CN") -> KnowledgeAnswer | None:
    answer = await base.ask(question, conversation=ConversationId("c1"), language=language, deadline=5.0)
    assert not isinstance(answer, Unavailable)
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "knowledge"
    made.mkdir()
    (made / "茶.md").write_text(TEA, encoding="utf-8")
    return made


@pytest.fixture(params=["meaning", "words"])
async def base(request: pytest.FixtureRequest) -> AsyncIterator[LocalKnowledgeBase]:
    embedder: Embedder = RealEmbedder() if request.param == "meaning" else AbsentEmbedder()
    async with LocalKnowledgeBase(ROOT / "deploy/knowledge", embedder) as base:
        yield base


class Tally:
    """Counts over a part of the corpus."""

    def __init__(self, rows: Sequence[tuple[Labelled, KnowledgeAnswer | None]]) -> None:
        inside = [(row, answer) for row, answer in rows if row.answer is not None]
        outside = [answer for row, answer in rows if row.answer is None]
        found = [(row, answer) for row, answer in inside if answer is not None]
        self.recall = len(found) / len(inside)
        self.false = sum(answer is not None for answer in outside)
        self.precision = len(found) / (len(found) + self.false)
        self.documents = sum(answer.passages[0].source == str(row.answer).split("#")[0] for row, answer in found) / len(
            inside
        )
        self.size = (len(inside), len(outside))


async def test_labelled_questions_are_told_apart_as_measured(
    base: LocalKnowledgeBase, request: pytest.FixtureRequest
) -> None:
    by_meaning = "meaning" in request.node.name
    for part in ("test", "fresh"):
        rows = [(row, await asked(base, row.question, row.language)) for row in CORPUS if row.part == part]
        tally = Tally(rows)
        assert min(tally.size) >= 40
        assert tally.precision >= 0.9
        assert tally.false <= 3
        assert tally.recall >= (0.85 if by_meaning else 0.55)
        assert tally.documents >= (0.85 if by_meaning else 0.5)


@pytest.mark.parametrize(
    ("language", "question", "source", "word"),
    [
        ("zh-CN", "什么是经济舱？", "舱位.md", "经济舱是"),
        ("zh-CN", "什么是人工智能的发展历程？", "人工智能.md", "1956"),
        ("zh-CN", "行李可以带多少公斤", "行李.md", "20 公斤"),
        ("zh-CN", "退票要手续费吗", "退改签.md", "手续费"),
        ("en", "what is economy class", "cabin-classes.md", "Economy class"),
        ("en", "what is the history of artificial intelligence?", "artificial-intelligence.md", "1956"),
        ("en", "how many kilos of checked baggage can I take", "baggage.md", "kg"),
        ("en", "is there a fee for refunding a plane ticket", "changes-and-refunds.md", "fee"),
    ],
)
async def test_what_everybody_asks_is_answered(
    base: LocalKnowledgeBase, language: str, question: str, source: str, word: str
) -> None:
    answer = await asked(base, question, language)
    assert answer is not None
    assert answer.passages[0].source == source
    assert word in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "今天天气真好啊",
        "最近工作很忙",
        "随机文本abc123",
        "我喜欢看电影",
        "你好吗",
        "HTTP协议和TCP协议",
        "那个啥来着的东西",
        "今天天气怎么样",
        "12345678",
    ],
)
async def test_small_talk_is_not_answered(base: LocalKnowledgeBase, question: str) -> None:
    assert await asked(base, question) is None


async def test_the_source_is_named_in_the_language_of_the_conversation(base: LocalKnowledgeBase) -> None:
    chinese, english = await asked(base, "什么是经济舱？"), await asked(base, "What is business class?", "en-GB")
    assert chinese is not None
    assert english is not None
    assert chinese.text.startswith("「")
    assert chinese.text.endswith("」（来源：舱位.md · 经济舱）")
    assert english.text.startswith("“Business class")
    assert english.text.endswith("” (source: cabin-classes.md · What is business class?)")


async def test_every_quotation_is_short(base: LocalKnowledgeBase) -> None:
    for row in CORPUS:
        answer = await asked(base, row.question, row.language)
        if answer is not None:
            assert len(answer.passages) <= 3
            assert all(len(passage.quote) <= QUOTE_CHARACTERS for passage in answer.passages)


async def test_it_answers_inside_the_block_only(folder: Path) -> None:
    base = LocalKnowledgeBase(folder, AbsentEmbedder())
    for _ in range(2):
        answer = await base.ask("绿茶怎么泡", conversation=ConversationId("c1"), language="zh-CN", deadline=1.0)
        assert isinstance(answer, Unavailable)
        async with base:
            assert await asked(base, "绿茶怎么泡") is not None


async def test_an_embedder_that_hangs_costs_half_of_the_time_and_no_answer(folder: Path) -> None:
    embedder = RealEmbedder()
    async with LocalKnowledgeBase(folder, embedder) as base:
        embedder.hang()
        answer = await base.ask("绿茶怎么泡", conversation=ConversationId("c1"), language="zh-CN", deadline=0.6)
    assert isinstance(answer, KnowledgeAnswer)


async def test_an_embedder_that_was_out_of_order_at_the_start_is_not_waited_for(folder: Path) -> None:
    embedder = RealEmbedder()
    async with LocalKnowledgeBase(folder, embedder, kept=AbsentEmbedder()) as base:
        assert await asked(base, "绿茶怎么泡") is not None
    assert embedder.seen == 0


async def test_a_small_folder_is_enough(folder: Path) -> None:
    async with LocalKnowledgeBase(folder, RealEmbedder()) as base:
        answer = await asked(base, "红茶要泡多久")
        assert answer is not None
        assert "沸水" in answer.passages[0].quote
        assert await asked(base, "今天天气真好啊") is None


async def test_one_single_paragraph_without_a_heading_is_enough(tmp_path: Path) -> None:
    (tmp_path / "hours.md").write_text("Our office is open from nine to five on weekdays.", encoding="utf-8")
    async with LocalKnowledgeBase(tmp_path, RealEmbedder()) as base:
        answer = await asked(base, "when is your office open on weekdays", "en")
    assert answer is not None
    assert answer.text == "“Our office is open from nine to five on weekdays.” (source: hours.md)"


async def test_an_empty_folder_answers_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("# Title only\n", encoding="utf-8")
    async with LocalKnowledgeBase(tmp_path, RealEmbedder()) as base:
        assert await asked(base, "绿茶怎么泡") is None


async def test_files_outside_language_folders_are_for_every_language(folder: Path) -> None:
    for name, text in (("en", "# Coffee\n\nCoffee is brewed with hot water."), ("zh-CN", "# 咖啡\n\n咖啡用热水冲泡。")):
        (folder / name).mkdir()
        (folder / name / "coffee.md").write_text(text, encoding="utf-8")
    async with LocalKnowledgeBase(folder, AbsentEmbedder()) as base:
        assert await asked(base, "绿茶怎么泡", "zh-CN") is not None
        assert await asked(base, "绿茶怎么泡", "en") is not None
        assert await asked(base, "绿茶怎么泡", "fr") is not None
        assert await asked(base, "coffee", "en") is not None
        assert await asked(base, "coffee", "zh-CN") is None


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PartUnavailable, match="nowhere"):
        await LocalKnowledgeBase(tmp_path / "nowhere", AbsentEmbedder()).__aenter__()


async def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "bad.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PartUnavailable, match=r"bad\.md"):
        await LocalKnowledgeBase(folder, AbsentEmbedder()).__aenter__()


async def test_documents_go_to_the_embedder_that_keeps_and_questions_do_not(folder: Path) -> None:
    asking, keeping = RealEmbedder(), RealEmbedder()
    async with LocalKnowledgeBase(folder, asking, kept=keeping) as base:
        assert (asking.seen, keeping.seen > 50) == (0, True)
        before = keeping.seen
        assert await asked(base, "红茶要泡多久") is not None
    assert keeping.seen == before
    assert asking.seen > 0


async def test_an_embedder_that_fails_later_leaves_the_words(folder: Path) -> None:
    embedder = RealEmbedder()
    async with LocalKnowledgeBase(folder, embedder) as base:
        embedder.fail()
        assert await asked(base, "红茶怎么泡") is not None
        assert await asked(base, "今天天气真好啊") is None


async def test_an_embedder_that_fails_while_documents_are_read_leaves_the_words(folder: Path) -> None:
    broken = RealEmbedder()
    broken.fail()
    async with LocalKnowledgeBase(folder, broken) as base:
        assert await asked(base, "红茶怎么泡") is not None


async def test_the_event_loop_goes_on_meanwhile(folder: Path) -> None:
    async with LocalKnowledgeBase(folder, AbsentEmbedder()) as base:
        ticks = 0
        asking = asyncio.create_task(asked(base, "红茶怎么泡"))
        while not asking.done():
            ticks += 1
            await asyncio.sleep(0)
    assert ticks > 1


def test_markdown_is_read_into_paragraphs_under_their_headings() -> None:
    text = """---
title: front matter
---
Before any heading.

# Guide #
Intro with a [link](http://x.y) and **bold** `code`.
Second line!
## List
- first item
- second item. With two sentences.
> quoted words
1. numbered
```
# not a heading
```
<!-- nothing
to see -->
| a | b |
|---|---|
| 一 |  二  |

---
"""
    assert sections(text, "g.md") == (
        Section("g.md", "", "", ("Before any heading.",)),
        Section("g.md", "Guide", "", ("Intro with a link and bold code .", "Second line!")),
        Section(
            "g.md",
            "Guide",
            "List",
            ("first item", "second item.", "With two sentences.", "quoted words", "numbered"),
        ),
        Section("g.md", "Guide", "List", ("a b --- --- 一二",)),
    )


def test_chinese_lines_are_joined_without_a_space() -> None:
    (section,) = sections("第一行，\n第二行。 第三句！", "x.md")
    assert section.sentences == ("第一行，第二行。", "第三句！")
    assert section.text == "第一行，第二行。第三句！"
    assert section.topic == ""


def test_a_quotation_is_the_nearest_sentence_and_its_neighbours() -> None:
    sentences = tuple(f"第{n}句" + "字" * 76 + "。" for n in range(5))
    assert quoted(sentences, [0, 0, 1, 0, 0]) == "".join(sentences[2:5])
    assert quoted(sentences, [0, 0, 0, 0, 1]) == "".join(sentences[2:5])
    assert quoted(sentences, [1, 0, 0, 0, 0]) == "".join(sentences[0:3])
    assert quoted(("短。",), [0]) == "短。"


def test_a_sentence_that_is_too_long_is_cut_and_shows_it() -> None:
    quote = quoted(("长" * 500,), [1])
    assert len(quote) == QUOTE_CHARACTERS
    assert quote.endswith("长…")


def test_words_that_only_ask_are_no_terms() -> None:
    assert terms("什么是经济舱？") == ("经济", "济舱")
    assert terms("What are the Bags' sizes in the class?") == ("bag", "size", "class")
    assert terms("带吗") == ("带",)
    assert keywords("行李可以带多少公斤 ＡＢＣ") == ("行李", "带", "公斤", "abc")


def test_a_question_is_cleaned_and_cut() -> None:
    assert cleaned(" Ａ\x00b\ud800\n c\u202e ") == "A b c"
    assert len(cleaned("长" * 100_000)) == 256


def test_a_question_of_fillers_fits_nothing() -> None:
    scores = WordIndex(sections(TEA, "t.md")).score("这是什么？")
    assert not scores.bm25.any()
    assert not scores.heading.any()


def test_word_scores_stay_between_nought_and_one() -> None:
    index = WordIndex((*sections(TEA, "t.md"), Section("x.md", "", "", ("？！a",)), Section("y.md", "", "", ("的",))))
    for question in ("绿茶怎么泡", "红茶", "茶 绿茶 绿茶", "咖啡"):
        scores = index.score(question)
        assert (scores.bm25 >= 0).all()
        assert (scores.bm25 <= 1).all()
        assert (scores.heading <= 1.0001).all()
