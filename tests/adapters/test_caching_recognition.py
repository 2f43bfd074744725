"""How the cache before the recogniser behaves, beyond the contract of recognisers."""

import msgspec
import pytest

from adapters.caching.recognition import CachedRecogniser
from adapters.memory.cache import MemoryCache
from domain.dialogue.expectation import expect
from domain.dialogue.state import Choosing, Collecting, Confirming, Frame, Idle
from domain.dialogue.understanding import Candidate, Cue, Evidence, Expectation, Recognition, Segment
from domain.errors import PartUnavailable
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion, IntentName, SlotName
from domain.slots.entity import Entity
from domain.values import Unavailable
from tests.doubles.hearing import entity
from tests.doubles.scripted_parts import ScriptedRecogniser
from tests.doubles.scripted_recogniser import ScriptedRecogniser as RefusingRecogniser
from tests.doubles.small_catalogue import small_catalogue

FIRST, SECOND = CatalogueVersion(1), CatalogueVersion(2)
NOTHING_EXPECTED = Expectation()
FLIGHT, BALANCE = IntentName("book_flight"), IntentName("check_balance")
BEIJING = entity("北京", "city", at=1)
CARD = entity("6222080012345675", "bank_card", at=2)
ANSWER = Recognition(
    (Segment("从北京出发", (Candidate(FLIGHT, 0.9),), (BEIJING,)),),
    (Cue("choose", "第一个", 1),),
    "example",
    is_question=True,
    evidence=(Evidence("local", "nearest example"),),
)


class OpenCache(MemoryCache):
    """Shows everything that ever reached it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    async def put(self, key: str, value: bytes, *, seconds: float) -> None:
        self.written += key.encode() + value
        await super().put(key, value, seconds=seconds)


def plain() -> Catalogue:
    """The small catalogue with nothing sensitive in it."""
    small = small_catalogue()
    card = msgspec.structs.replace(small.entities["bank_card"], sensitive=False)
    return msgspec.structs.replace(small, entities={**small.entities, "bank_card": card})


class Counter:
    """Recognises through a cache, and counts how often the recogniser behind it is asked."""

    def __init__(self, cache: MemoryCache | None = None, *, made_by: str = "") -> None:
        self.inner = ScriptedRecogniser(ANSWER)
        self.cached = CachedRecogniser(self.inner, cache or MemoryCache(), made_by=made_by)

    @property
    def asked(self) -> int:
        return len(self.inner.given)

    async def learn(self, catalogue: Catalogue | None = None, version: CatalogueVersion = FIRST) -> "Counter":
        await self.cached.learn(PublishedCatalogue(version, catalogue or small_catalogue()))
        return self

    async def hear(
        self,
        text: str = "从北京出发",
        *entities: Entity,
        version: CatalogueVersion = FIRST,
        expectation: Expectation = NOTHING_EXPECTED,
    ) -> Recognition | Unavailable:
        return await self.cached.recognise(text, entities, version=version, expectation=expectation)


async def test_what_is_heard_again_comes_from_the_cache_unchanged() -> None:
    counter = await Counter().learn()
    assert [await counter.hear("从北京出发", BEIJING) for _ in range(3)] == [ANSWER] * 3
    assert counter.asked == 1


async def test_every_process_finds_it() -> None:
    cache = MemoryCache()
    one, other = await Counter(cache).learn(), await Counter(cache).learn()
    assert await one.hear() == await other.hear()
    assert (one.asked, other.asked) == (1, 0)


async def test_learning_is_done_by_the_one_behind() -> None:
    counter = await (await Counter().learn()).learn()
    assert [published.version for published in counter.inner.learnt] == [FIRST, FIRST]


@pytest.mark.parametrize(("told", "seconds"), [({}, 3600.0), ({"seconds": 5.0}, 5.0)])
async def test_an_answer_stays_an_hour_unless_told(told: dict[str, float], seconds: float) -> None:
    now = [0.0]
    inner = ScriptedRecogniser(ANSWER)
    cached = CachedRecogniser(inner, MemoryCache(seconds=lambda: now[0]), **told)
    await cached.learn(PublishedCatalogue(FIRST, small_catalogue()))
    for moment, asked in ((0.0, 1), (seconds - 1, 1), (seconds + 1, 2)):
        now[0] = moment
        await cached.recognise("订机票", (), version=FIRST, expectation=NOTHING_EXPECTED)
        assert len(inner.given) == asked


FRAME = Frame(FLIGHT)
STATES = (
    Idle(),
    Collecting(FRAME, SlotName("departure_city")),
    Collecting(FRAME, SlotName("arrival_city")),
    Collecting(FRAME, SlotName("departure_date")),
    Choosing((FLIGHT, BALANCE), "请问办理哪一项？"),
    Choosing((BALANCE, FLIGHT), "请问办理哪一项？"),
    Confirming(FRAME),
)


async def test_an_answer_holds_for_the_same_expectation_only() -> None:
    counter = await Counter().learn()
    expectations = [expect(state, small_catalogue()) for state in STATES]
    for expectation in expectations * 2:
        await counter.hear(expectation=expectation)
    assert counter.asked == len(expectations)


@pytest.mark.parametrize("text", ["从北京出发。", "从北京出发 ", "请从北京出发", "从 北京出发", "從北京出發"])
async def test_an_answer_holds_for_the_very_same_words_only(text: str) -> None:
    counter = await Counter().learn()
    await counter.hear()
    await counter.hear(text)
    assert counter.asked == 2


@pytest.mark.parametrize(
    "entities",
    [
        (),
        (msgspec.structs.replace(BEIJING, kind="station"),),
        (msgspec.structs.replace(BEIJING, value="天津"),),
        (msgspec.structs.replace(BEIJING, value=1),),
        (msgspec.structs.replace(BEIJING, value=True),),
        (msgspec.structs.replace(BEIJING, negated=True),),
        (msgspec.structs.replace(BEIJING, valid=False),),
        (msgspec.structs.replace(BEIJING, confidence=0.5),),
        (BEIJING, BEIJING),
    ],
)
async def test_an_answer_holds_for_the_same_entities_only(entities: tuple[Entity, ...]) -> None:
    counter = await Counter().learn()
    await counter.hear("从北京出发", BEIJING)
    await counter.hear("从北京出发", *entities)
    assert counter.asked == 2


async def test_an_answer_holds_for_the_same_catalogue_only_whatever_its_number() -> None:
    cache = MemoryCache()
    before = await Counter(cache).learn(small_catalogue())
    await before.hear()
    another_storage = await Counter(cache).learn(small_catalogue(accept=0.9))
    await another_storage.hear()
    assert another_storage.asked == 1
    await before.learn(small_catalogue(accept=0.9), SECOND)
    await before.hear(version=SECOND)
    assert before.asked == 2


async def test_an_answer_holds_for_the_same_maker_only() -> None:
    cache = MemoryCache()
    for made_by in ("1.0 with encoder", "1.0 without"):
        counter = await Counter(cache, made_by=made_by).learn()
        await counter.hear()
        assert counter.asked == 1


async def test_what_is_unavailable_is_asked_for_again() -> None:
    counter = await Counter().learn()
    counter.inner.answer = Unavailable("broken")
    assert await counter.hear() == Unavailable("broken")
    counter.inner.answer = ANSWER
    assert await counter.hear() == ANSWER


async def test_a_version_that_could_not_be_learnt_is_not_answered_from_the_cache() -> None:
    inner = RefusingRecogniser({})
    cached = CachedRecogniser(inner, MemoryCache())
    inner.refusal = PartUnavailable("recogniser", "told to fail")
    with pytest.raises(PartUnavailable):
        await cached.learn(PublishedCatalogue(FIRST, small_catalogue()))
    for _ in range(2):
        answer = await cached.recognise("订机票", (), version=FIRST, expectation=NOTHING_EXPECTED)
        assert isinstance(answer, Unavailable)
    assert inner.heard == ["订机票"] * 2


@pytest.mark.parametrize("junk", [b"", b"\xff", b"{}", b'{"segments":[{"text":"\xff"}]}', b'{"segments":[],"new":1}'])
async def test_what_another_release_wrote_is_recognised_afresh(junk: bytes) -> None:
    class Junk(MemoryCache):
        async def get(self, key: str) -> bytes | None:
            return junk

    counter = await Counter(Junk()).learn()
    assert await counter.hear() == ANSWER
    assert counter.asked == 1


async def test_a_cache_out_of_order_is_as_if_empty() -> None:
    counter = await Counter(MemoryCache(entries=0)).learn()
    assert [await counter.hear() for _ in range(2)] == [ANSWER] * 2
    assert counter.asked == 2


async def test_half_a_surrogate_pair_is_recognised_and_not_kept() -> None:
    cache = OpenCache()
    counter = await Counter(cache).learn()
    assert [await counter.hear("北京\ud800") for _ in range(2)] == [ANSWER] * 2
    assert counter.asked == 2
    counter.inner.answer = Recognition((Segment("\udfff"),))
    assert await counter.hear() == counter.inner.answer
    assert not cache.written


async def test_an_utterance_with_a_sensitive_value_never_reaches_the_cache() -> None:
    cache = OpenCache()
    counter = await Counter(cache).learn()
    for _ in range(2):
        await counter.hear("卡号6222080012345675", CARD)
    assert counter.asked == 2
    assert not cache.written


@pytest.mark.parametrize(
    "text", ["卡号6222080012345670", "6222 0800 1234 5675", "6222-0800", "尾号五六七五", "密码0420"]
)
async def test_digits_that_nobody_read_as_sensitive_do_not_reach_the_cache_either(text: str) -> None:
    cache = OpenCache()
    counter = await Counter(cache).learn()
    for _ in range(2):
        await counter.hear(text)
    assert counter.asked == 2
    assert not cache.written


async def test_an_answer_to_a_sensitive_question_does_not_reach_the_cache_whatever_it_is() -> None:
    cache = OpenCache()
    counter = await Counter(cache).learn()
    card_asked = expect(Collecting(Frame(BALANCE), SlotName("card_number")), small_catalogue())
    for _ in range(2):
        await counter.hear("芝麻开门", expectation=card_asked)
    assert counter.asked == 2
    assert not cache.written


async def test_where_nothing_is_sensitive_digits_are_nothing_special() -> None:
    counter = await Counter().learn(plain())
    for _ in range(2):
        await counter.hear("卡号6222080012345675", CARD)
    assert counter.asked == 1


async def test_short_numbers_are_kept() -> None:
    counter = await Counter().learn()
    for _ in range(2):
        await counter.hear("3张11月25日的票")
    assert counter.asked == 1


async def test_a_key_tells_nothing_of_what_was_said() -> None:
    cache = OpenCache()
    counter = await Counter(cache).learn()
    counter.inner.answer = Recognition((Segment(""),))
    await counter.hear("从北京出发", BEIJING)
    assert cache.written.startswith(b"recognition:")
    assert "北京".encode() not in cache.written
