"""How the cache before an extractor behaves, beyond the contract of extractors."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
import pytest

from adapters.caching.entities import CachedExtractor
from adapters.memory.cache import MemoryCache
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.slots.entity import Entity
from domain.values import Unavailable
from tests.doubles.hearing import entity
from tests.doubles.scripted_parts import ScriptedExtractor
from tests.doubles.small_catalogue import small_catalogue

FIRST, SECOND = CatalogueVersion(1), CatalogueVersion(2)
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
KINDS = frozenset(EntityName(kind) for kind in ("date", "number", "bank_card", "city"))
FOUND = (
    entity("明天", "date", "2026-11-24"),
    entity("两", "number", 2, at=2),
    entity("半", "number", 0.5, at=3),
)
TEXT = "明天两半"


class Notes(MemoryCache):
    """Keeps, and lists what it was given to keep."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[tuple[str, bytes]] = []

    async def put(self, key: str, value: bytes, *, seconds: float) -> None:
        self.notes.append((key, value))
        await super().put(key, value, seconds=seconds)


class Counter:
    """Reads through a cache, and counts how often the extractor behind it is asked."""

    def __init__(self, cache: MemoryCache | None = None, *, made_by: str = "") -> None:
        self.inner = ScriptedExtractor(FOUND)
        self.cached = CachedExtractor(self.inner, cache or MemoryCache(), made_by=made_by)

    @property
    def asked(self) -> int:
        return len(self.inner.given)

    async def prepare(self, catalogue: Catalogue | None = None, version: CatalogueVersion = FIRST) -> "Counter":
        await self.cached.prepare(PublishedCatalogue(version, catalogue or small_catalogue()))
        return self

    async def read(
        self,
        text: str = TEXT,
        *,
        version: CatalogueVersion = FIRST,
        kinds: frozenset[EntityName] = KINDS,
        now: datetime = NOW,
        language: str = "zh-CN",
    ) -> tuple[Entity, ...] | Unavailable:
        return await self.cached.extract(text, version=version, kinds=kinds, now=now, language=language)


async def test_what_is_read_again_comes_from_the_cache_unchanged() -> None:
    counter = await Counter().prepare()
    answers = [await counter.read() for _ in range(3)]
    assert answers == [FOUND] * 3
    assert [type(each.value) for each in answers[-1]] == [str, int, float]
    assert counter.asked == 1


async def test_finding_nothing_is_an_answer_too() -> None:
    counter = await Counter().prepare()
    counter.inner.answer = ()
    assert [await counter.read() for _ in range(2)] == [(), ()]
    assert counter.asked == 1


async def test_preparing_is_done_by_the_one_behind() -> None:
    counter = await (await Counter().prepare()).prepare()
    assert [published.version for published in counter.inner.prepared] == [FIRST, FIRST]


async def test_a_version_never_prepared_is_asked_for_each_time() -> None:
    counter = Counter()
    assert [await counter.read() for _ in range(2)] == [FOUND] * 2
    assert counter.asked == 2


async def test_readings_hold_for_the_present_minute() -> None:
    counter = await Counter().prepare()
    for second in (0, 1, 59):
        await counter.read(now=NOW.replace(second=second, microsecond=second))
    assert counter.asked == 1
    await counter.read(now=NOW + timedelta(minutes=1))
    assert counter.asked == 2


async def test_the_whole_minute_counts_from_its_beginning() -> None:
    counter = await Counter().prepare()
    await counter.read(now=NOW.replace(second=59))
    await counter.read("卡号6222080012345675", now=NOW.replace(second=59))
    assert [given[3] for given in counter.inner.given] == [NOW, NOW]


@pytest.mark.parametrize(
    "zone", [UTC, ZoneInfo("Asia/Urumqi"), ZoneInfo("Asia/Singapore"), timezone(timedelta(hours=8))]
)
async def test_readings_hold_for_the_same_zone_only_even_at_the_same_hour(zone: timezone | ZoneInfo) -> None:
    counter = await Counter().prepare()
    await counter.read()
    await counter.read(now=NOW.astimezone(zone))
    assert counter.asked == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"text": f"{TEXT}。"},
        {"kinds": KINDS | {EntityName("time")}},
        {"kinds": KINDS - {EntityName("city")}},
        {"language": "en"},
    ],
)
async def test_readings_hold_for_the_same_question_only(asked: dict[str, object]) -> None:
    counter = await Counter().prepare()
    await counter.read()
    await counter.read(**asked)
    assert counter.asked == 2


async def test_readings_hold_for_the_same_catalogue_and_maker_only() -> None:
    cache = MemoryCache()
    counter = await Counter(cache).prepare()
    await counter.read()
    await counter.prepare(small_catalogue(accept=0.9), SECOND)
    await counter.read(version=SECOND)
    assert counter.asked == 2
    another_storage = await Counter(cache).prepare(small_catalogue(accept=0.8))
    another_maker = await Counter(cache, made_by="another").prepare()
    for each in (another_storage, another_maker):
        await each.read()
        assert each.asked == 1


async def test_readings_stay_a_minute_unless_told() -> None:
    now = [0.0]
    cache = MemoryCache(seconds=lambda: now[0])
    counter = await Counter(cache).prepare()
    for later, asked in ((0.0, 1), (59.0, 1), (2.0, 2)):
        now[0] += later
        await counter.read()
        assert counter.asked == asked


async def test_what_is_unavailable_is_asked_for_again() -> None:
    counter = await Counter().prepare()
    counter.inner.answer = Unavailable("timeout")
    assert await counter.read() == Unavailable("timeout")
    counter.inner.answer = FOUND
    assert await counter.read() == FOUND


async def test_readings_of_which_one_is_sensitive_do_not_reach_the_cache() -> None:
    cache = Notes()
    counter = await Counter(cache).prepare()
    counter.inner.answer = (*FOUND, entity("金卡", "bank_card", at=4))
    for _ in range(2):
        await counter.read("明天两半金卡")
    assert counter.asked == 2
    assert cache.notes == []


async def test_a_number_that_may_be_a_sensitive_value_of_another_extractor_does_not_reach_the_cache() -> None:
    cache = Notes()
    counter = await Counter(cache).prepare()
    counter.inner.answer = (entity("6222080012345675", "number", 6222080012345675),)
    for _ in range(2):
        await counter.read("6222080012345675")
    assert counter.asked == 2
    assert cache.notes == []


async def test_a_built_in_kind_that_a_sensitive_slot_takes_is_sensitive() -> None:
    small = small_catalogue()
    flight = small.intents["book_flight"]
    count = msgspec.structs.replace(flight.slots["passenger_count"], sensitive=True)
    intent = msgspec.structs.replace(flight, slots={**flight.slots, "passenger_count": count})
    cache = Notes()
    counter = await Counter(cache).prepare(
        msgspec.structs.replace(small, intents={**small.intents, "book_flight": intent})
    )
    await counter.read()
    assert cache.notes == []


async def test_a_text_without_readings_leaves_nothing_of_it_in_the_cache() -> None:
    cache = Notes()
    counter = await Counter(cache).prepare()
    counter.inner.answer = ()
    await counter.read("芝麻开门")
    ((key, value),) = cache.notes
    assert value == b"[]"
    assert "芝麻" not in key
    assert key.startswith("entities:")


@pytest.mark.parametrize("junk", [b"", b"\xff", b"{}", b'[{"kind":"\xff"}]', b'[{"kind":"date","new":1}]'])
async def test_what_another_release_wrote_is_read_afresh(junk: bytes) -> None:
    class Junk(MemoryCache):
        async def get(self, key: str) -> bytes | None:
            return junk

    counter = await Counter(Junk()).prepare()
    assert await counter.read() == FOUND
    assert counter.asked == 1


async def test_a_cache_out_of_order_is_as_if_empty() -> None:
    counter = await Counter(MemoryCache(entries=0)).prepare()
    assert [await counter.read() for _ in range(2)] == [FOUND] * 2
    assert counter.asked == 2


async def test_half_a_surrogate_pair_is_read_and_not_kept() -> None:
    cache = Notes()
    counter = await Counter(cache).prepare()
    assert await counter.read("\ud800明天") == FOUND
    counter.inner.answer = (entity("\ud800", "city"),)
    assert await counter.read() == counter.inner.answer
    assert cache.notes == []
