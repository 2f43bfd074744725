"""What every entity extractor promises."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.absent.entity_extractor import AbsentEntityExtractor
from adapters.caching.entities import CachedExtractor
from adapters.catalogue_files.reading import read_catalogue
from adapters.duckling.server import DucklingServer
from adapters.falling_back.entity_extractor import FallingBackEntityExtractor
from adapters.local_duckling.extractor import LocalDuckling
from adapters.local_duckling.remote_engine import RemoteEngine
from adapters.local_lexicon.extractor import LexiconExtractor
from adapters.memory.cache import MemoryCache
from adapters.telemetry.extractor import ObservedExtractor
from adapters.telemetry.metrics import Metrics
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.entity_extractor import EntityExtractor
from domain.slots.entity import BUILT_IN_ENTITIES, Entity
from domain.values import Unavailable
from tests.doubles.duckling_server import duckling_server
from tests.doubles.small_catalogue import small_catalogue

Answer = tuple[Entity, ...] | Unavailable

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FIRST, SECOND, NEVER = CatalogueVersion(1), CatalogueVersion(2), CatalogueVersion(99)
NOT_CONFIGURED = Unavailable("not_configured")

TEXTS = (
    "帮我订一张明天下午三点从北京到上海的机票，2个人",
    "book two seats from Beijing to London tomorrow at 5pm",
    "查一下招商银行尾号的余额，卡号6222 0800 1234 5675",
    "不是后天，是下周一，从廣州到北惊",
    "订从火星到月球的机票",
    "转500元给张三，手机13800138000，邮箱a@b.cn",
)
HOSTILE = (
    "\x00\ud800北京\udfff明天", "北京上海" * 25_000, "1" * 100_000, "1 " * 500, "6222 " * 400, "银行" * 500, "市" * 1000,
    "从" * 1000, "从火星到月球" * 170, "卡号是" * 300, "卡号" + " " * 1000, "明天" * 500, "monday friday sunday " * 50,
    "吧！" * 500, "北惊" + "！" * 998, "一" * 1000, "三点" * 500, "\ufdfa" * 1000, "😀" * 1000, "a@b." * 250,
    "乌鲁木斋" * 250, "tomorrow at 5 " * 70, "http://" * 150, "<script>" * 125, "' OR 1=1; --" * 80, " " * 1000 + "明天",
)  # fmt: skip
FRAGMENTS = (
    "北京", "上海市", "廣州", "哈尓滨", "火星", "招商银行", "工行", "机票", "从", "到", "去", "，", " ", "。", "的", "卡号是", "123",
    "6222080012345675", "AB123456", "明天", "下周三", "下午三点", "3月5号", "三天后", "500元", "两个人", "the", "London", "tomorrow",
    "5pm", "\U0001f600", "\ufdfa", "\u0301", "１２", "ＡＢ", "\n", "朝阳区", "南京路",
)  # fmt: skip


@cache
def demo() -> Catalogue:
    return read_catalogue(Path(__file__).parents[2] / "deploy" / "catalogues" / "demo.zh-CN.yaml")


KINDS = BUILT_IN_ENTITIES | frozenset(demo().entities)


@dataclass(frozen=True)
class Reader:
    """An extractor that has seen the demo catalogue, and what may be asked of it.

    `never_prepared` is its answer for a version it has not seen, None where every version is alike to it.
    `counts_from_now` is True where dates are its business.
    """

    extractor: EntityExtractor
    answers: bool = True
    never_prepared: Unavailable | None = None
    counts_from_now: bool = False

    async def read(
        self,
        text: str,
        *,
        kinds: frozenset[EntityName] = KINDS,
        version: CatalogueVersion = FIRST,
        now: datetime = NOW,
        language: str = "zh-CN",
    ) -> Answer:
        return await self.extractor.extract(text, version=version, kinds=kinds, now=now, language=language)

    async def found(self, text: str, **asked: frozenset[EntityName]) -> tuple[Entity, ...]:
        """What was read; nothing where there is never an answer."""
        answer = await self.read(text, **asked)
        if self.answers:
            assert not isinstance(answer, Unavailable)
            return answer
        assert answer == NOT_CONFIGURED
        return ()


@asynccontextmanager
async def _lexicon() -> AsyncIterator[Reader]:
    yield Reader(LexiconExtractor(), never_prepared=Unavailable("not_learned"))


@asynccontextmanager
async def _duckling() -> AsyncIterator[Reader]:
    async with LocalDuckling(deadline=1.0) as duckling:
        yield Reader(duckling, counts_from_now=True)


@asynccontextmanager
async def _duckling_server() -> AsyncIterator[Reader]:
    async with (
        duckling_server() as server,
        LocalDuckling(engine=RemoteEngine(DucklingServer(server.url), deadline=1.0)) as duckling,
    ):
        yield Reader(duckling, counts_from_now=True)


@asynccontextmanager
async def _absent() -> AsyncIterator[Reader]:
    yield Reader(AbsentEntityExtractor(), answers=False, never_prepared=NOT_CONFIGURED)


@asynccontextmanager
async def _observed() -> AsyncIterator[Reader]:
    observed = ObservedExtractor(LexiconExtractor(), metrics=Metrics(), name="lexicon")
    yield Reader(observed, never_prepared=Unavailable("not_learned"))


@asynccontextmanager
async def _cached() -> AsyncIterator[Reader]:
    yield Reader(CachedExtractor(LexiconExtractor(), MemoryCache()), never_prepared=Unavailable("not_learned"))


@asynccontextmanager
async def _cached_duckling() -> AsyncIterator[Reader]:
    async with LocalDuckling(deadline=1.0) as duckling:
        yield Reader(CachedExtractor(duckling, MemoryCache()), counts_from_now=True)


@asynccontextmanager
async def _falling_back() -> AsyncIterator[Reader]:
    yield Reader(
        FallingBackEntityExtractor(LexiconExtractor(), AbsentEntityExtractor()),
        never_prepared=Unavailable("not_learned"),
    )


@asynccontextmanager
async def _fallen_back() -> AsyncIterator[Reader]:
    async with FallingBackEntityExtractor(AbsentEntityExtractor(), LocalDuckling(deadline=1.0)) as falling_back:
        yield Reader(falling_back, counts_from_now=True)


READERS = {
    "falling back": _falling_back,
    "fallen back": _fallen_back,
    "lexicon": _lexicon,
    "observed lexicon": _observed,
    "cached lexicon": _cached,
    "duckling": _duckling,
    "cached duckling": _cached_duckling,
    "duckling server": _duckling_server,
    "absent": _absent,
}


@pytest.fixture(params=READERS)
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[Reader]:
    async with AsyncExitStack() as stack:
        entered = await stack.enter_async_context(READERS[request.param]())
        await entered.extractor.prepare(PublishedCatalogue(FIRST, demo()))
        yield entered


def mixtures() -> list[str]:
    chance = random.Random(20261123)
    return ["".join(chance.choices(FRAGMENTS, k=chance.randint(1, 12))) for _ in range(150)]


def holds(entities: tuple[Entity, ...], text: str) -> bool:
    """Whether the entities lie in the text, say what stands there, and do not overlap within a kind."""
    spans = all(0 <= e.start < e.end and text[e.start : e.end] == e.text for e in entities)
    by_kind: dict[EntityName, list[Entity]] = {}
    for entity in entities:
        by_kind.setdefault(entity.kind, []).append(entity)
    apart = all(a.end <= b.start for same in by_kind.values() for a, b in pairwise(same))
    return spans and apart and all(0.0 < e.confidence <= 1.0 for e in entities)


async def test_something_is_found_wherever_there_is_something(reader: Reader) -> None:
    counts = [len(await reader.found(text)) for text in TEXTS]
    assert bool(sum(counts)) is reader.answers
    assert counts[0] >= (2 if reader.answers else 0)


async def test_an_entity_says_what_stands_in_its_place_and_none_overlap_within_a_kind(reader: Reader) -> None:
    for text in (*TEXTS, *mixtures()):
        assert holds(await reader.found(text), text), text


async def test_entities_come_by_position(reader: Reader) -> None:
    for text in (*TEXTS, *mixtures()):
        starts = [entity.start for entity in await reader.found(text)]
        assert starts == sorted(starts)


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_only_the_wanted_kinds_are_given(reader: Reader, kind: str) -> None:
    wanted = frozenset({EntityName(kind)})
    for text in TEXTS:
        assert {entity.kind for entity in await reader.found(text, kinds=wanted)} <= wanted


async def test_nothing_is_given_where_nothing_is_wanted(reader: Reader) -> None:
    for text in TEXTS:
        assert await reader.found(text, kinds=frozenset()) == ()


async def test_kinds_that_nobody_knows_are_passed_over(reader: Reader) -> None:
    for text in TEXTS:
        assert await reader.found(text, kinds=frozenset({EntityName("planet")})) == ()
        assert await reader.found(text, kinds=KINDS | {EntityName("planet")}) == await reader.found(text)


async def test_the_same_text_has_the_same_entities_whatever_was_read_in_between(reader: Reader) -> None:
    before = [await reader.read(text) for text in TEXTS]
    for text in mixtures():
        await reader.read(text)
    assert [await reader.read(text) for text in TEXTS] == before


async def test_texts_at_once_get_their_own_entities(reader: Reader) -> None:
    alone = [await reader.read(text) for text in TEXTS]
    together = await asyncio.gather(*(reader.read(text) for text in TEXTS * 4))
    assert together == alone * 4


@pytest.mark.parametrize("text", ["", " ", "\n", "。", "？！", "嗯"])
async def test_where_nothing_is_nothing_is_found(reader: Reader, text: str) -> None:
    assert await reader.found(text) == ()


@pytest.mark.parametrize("language", ["zh-CN", "en", "fr", ""])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{len(text)} x {text[:8]!a}")
async def test_a_hostile_text_costs_bounded_time_and_is_read_correctly(
    reader: Reader, text: str, language: str
) -> None:
    began, worked = time.monotonic(), time.process_time()
    answer = await reader.read(text, language=language)
    assert time.process_time() - worked < 1.0
    assert time.monotonic() - began < 8.0
    assert isinstance(answer, Unavailable) or holds(answer, text)


async def test_after_a_hostile_text_the_next_one_is_read_as_ever(reader: Reader) -> None:
    before = await reader.read(TEXTS[0])
    for text in HOSTILE:
        await reader.read(text)
    assert await reader.read(TEXTS[0]) == before


async def test_preparing_a_version_again_changes_nothing(reader: Reader) -> None:
    before = [await reader.read(text) for text in TEXTS]
    await reader.extractor.prepare(PublishedCatalogue(FIRST, demo()))
    await asyncio.gather(*(reader.extractor.prepare(PublishedCatalogue(FIRST, demo())) for _ in range(3)))
    assert [await reader.read(text) for text in TEXTS] == before


async def test_a_version_prepared_before_stays_usable(reader: Reader) -> None:
    before = [await reader.read(text) for text in TEXTS]
    await reader.extractor.prepare(PublishedCatalogue(SECOND, small_catalogue()))
    assert [await reader.read(text) for text in TEXTS] == before
    assert isinstance(await reader.read("从北京到上海", version=SECOND), Unavailable) is not reader.answers


async def test_a_version_that_was_never_prepared_is_no_reason_to_fail(reader: Reader) -> None:
    answer = await reader.read(TEXTS[0], version=NEVER)
    if reader.never_prepared is None:
        assert answer == await reader.read(TEXTS[0])
    else:
        assert isinstance(answer, Unavailable)
        assert answer.code == reader.never_prepared.code


async def test_relative_dates_count_from_now_in_the_users_zone(reader: Reader) -> None:
    late = NOW.replace(hour=23, minute=30)
    moments = (late, late + timedelta(days=40), late.astimezone(ZoneInfo("America/New_York")))
    for now in moments if reader.counts_from_now else ():
        answer = await reader.read("明天", kinds=frozenset({EntityName("date")}), now=now)
        assert not isinstance(answer, Unavailable)
        assert [entity.value for entity in answer] == [(now + timedelta(days=1)).date().isoformat()]


@pytest.mark.parametrize("text", [TEXTS[0], TEXTS[1], HOSTILE[0], "monday friday sunday " * 50])
async def test_cancelling_is_safe_at_any_moment(reader: Reader, text: str) -> None:
    before = await reader.read(TEXTS[1])
    for pauses in range(5):
        reading = asyncio.create_task(reader.read(text, now=NOW + timedelta(days=pauses)))
        for _ in range(pauses):
            await asyncio.sleep(0)
        reading.cancel()
        done, _ = await asyncio.wait([reading], timeout=5.0)
        assert reading in done
    assert await reader.read(TEXTS[1]) == before
