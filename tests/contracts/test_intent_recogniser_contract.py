"""What every recogniser of intents promises."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import pytest

from adapters.absent.embedder import AbsentEmbedder
from adapters.caching.embeddings import KeptEmbeddings
from adapters.caching.recognition import CachedRecogniser
from adapters.catalogue_files.reading import read_catalogue
from adapters.falling_back.intent_recogniser import FallingBackRecogniser
from adapters.local_embedding import sentence_encoder
from adapters.local_embedding.sentence_encoder import SentenceEncoder
from adapters.local_nlu.recogniser import LocalRecogniser
from adapters.memory.cache import MemoryCache
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.recogniser import ObservedRecogniser
from domain.dialogue.expectation import expect
from domain.dialogue.state import Choosing, Collecting, Confirming, Frame, Idle, State
from domain.dialogue.understanding import Cue, Recognition
from domain.errors import PartUnavailable
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion, IntentName, SlotName
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.values import Unavailable
from tests.doubles.hearing import entity
from tests.doubles.scripted_recogniser import ScriptedRecogniser
from tests.doubles.small_catalogue import small_catalogue

FLIGHT, BALANCE = IntentName("book_flight"), IntentName("check_balance")
FIRST, SECOND, NEVER = CatalogueVersion(1), CatalogueVersion(2), CatalogueVersion(99)
NOT_LEARNED = Unavailable("not_learned")
DEMO = Path(__file__).parents[2] / "deploy" / "catalogues" / "demo.zh-CN.yaml"

STATES: dict[str, State] = {
    "idle": Idle(),
    "collecting": Collecting(Frame(FLIGHT), SlotName("departure_city")),
    "choosing": Choosing((FLIGHT, BALANCE), "请问办理哪一项？"),
    "confirming": Confirming(Frame(FLIGHT)),
}
TEXTS = (
    "订机票", "查余额", "订机票，查余额", "帮我订机票，然后查一下余额", "不对", "算了，我先查一下余额", "1", "嗯", "好的，谢谢", "转人工",
    "我想订一张明天从北京到上海的机票", "继续订票，从武汉出发", "book a flight", "宇宙有多大", "。。。", "?", "😀", "！" * 50, "订票" * 150,
)  # fmt: skip
UNRELATED = (
    "月亮为什么是圆的",
    "我家的猫今天生了三只小猫",
    "the mitochondria is the powerhouse of the cell",
    "！！！",
    "qwertyuiop",
)


@dataclass(frozen=True)
class Listener:
    """A recogniser, and what may be done to it. `refuse` makes learning fail, None where it never does."""

    recogniser: IntentRecogniser
    refuse: Callable[[], Awaitable[None]] | None = None

    async def learn(self, version: CatalogueVersion = FIRST, catalogue: Catalogue | None = None) -> None:
        await self.recogniser.learn(PublishedCatalogue(version, catalogue or small_catalogue()))

    async def hear(
        self,
        text: str,
        *entities: Entity,
        state: State = STATES["idle"],
        version: CatalogueVersion = FIRST,
    ) -> Recognition | Unavailable:
        expectation = expect(state, small_catalogue())
        return await self.recogniser.recognise(text, entities, version=version, expectation=expectation)

    async def heard(self, text: str, *entities: Entity, state: State = STATES["idle"]) -> Recognition:
        answer = await self.hear(text, *entities, state=state)
        assert not isinstance(answer, Unavailable)
        return answer


@asynccontextmanager
async def _local(folder: Path) -> AsyncIterator[Listener]:
    async with AsyncExitStack() as encoding:
        encoder = await encoding.enter_async_context(SentenceEncoder())
        yield Listener(LocalRecogniser(encoder, kept=KeptEmbeddings(encoder, folder)), encoding.aclose)


@asynccontextmanager
async def _by_spelling(_: Path) -> AsyncIterator[Listener]:
    yield Listener(LocalRecogniser(AbsentEmbedder()))


@asynccontextmanager
async def _observed(folder: Path) -> AsyncIterator[Listener]:
    async with _local(folder) as listener:
        yield Listener(ObservedRecogniser(listener.recogniser, metrics=Metrics()), listener.refuse)


@asynccontextmanager
async def _cached(folder: Path) -> AsyncIterator[Listener]:
    async with _local(folder) as listener:
        yield Listener(CachedRecogniser(listener.recogniser, MemoryCache()), listener.refuse)


@asynccontextmanager
async def _falling_back(_: Path) -> AsyncIterator[Listener]:
    without_weights = LocalRecogniser(SentenceEncoder())
    async with FallingBackRecogniser(without_weights, LocalRecogniser(AbsentEmbedder())) as recogniser:
        yield Listener(recogniser)


@asynccontextmanager
async def _scripted(folder: Path) -> AsyncIterator[Listener]:
    script = {
        "订机票": FLIGHT,
        "查余额": BALANCE,
        "帮我订机票": FLIGHT,
        "然后查一下余额": BALANCE,
        "不对": Cue("deny", "不对"),
    }
    recogniser = ScriptedRecogniser(script)

    async def refuse() -> None:
        recogniser.refusal = PartUnavailable("recogniser", "told to fail")

    yield Listener(recogniser, refuse)


KINDS = {
    "local": _local,
    "local by spelling": _by_spelling,
    "local observed": _observed,
    "local cached": _cached,
    "falling back": _falling_back,
    "scripted": _scripted,
}


@pytest.fixture(scope="module", autouse=True)
def weights_read_once() -> Iterator[None]:
    """Reading them takes a second, and every encoder reads the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentence_encoder, "_load", cache(sentence_encoder._load))
        yield


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of examples are made once for all tests."""
    return tmp_path_factory.mktemp("vectors")


@pytest.fixture(params=KINDS)
async def untaught(request: pytest.FixtureRequest, vectors: Path) -> AsyncIterator[Listener]:
    async with KINDS[request.param](vectors) as listener:
        yield listener


@pytest.fixture
async def listener(untaught: Listener) -> Listener:
    await untaught.learn()
    return untaught


def plain(entities: tuple[Entity, ...]) -> list[Entity]:
    """The entities as they were before roles were added, in order."""
    bare = [msgspec.structs.replace(each, role=None, role_confidence=0.0) for each in entities]
    return sorted(bare, key=lambda each: (each.start, each.end, each.kind))


async def test_a_version_never_learned_is_not_learned(untaught: Listener, listener: Listener) -> None:
    answer = await listener.hear("订机票", version=NEVER)
    assert isinstance(answer, Unavailable)
    assert answer.code == NOT_LEARNED.code


async def test_a_learned_version_is_recognised(listener: Listener) -> None:
    answer = await listener.heard("订机票")
    assert answer.segments[0].candidates[0].intent == FLIGHT
    assert answer.segments[0].candidates[0].confidence >= small_catalogue().policies.accept


async def test_a_version_stays_usable_after_another_was_learned(listener: Listener) -> None:
    before = await listener.hear("查余额")
    others = {name: intent for name, intent in small_catalogue().intents.items() if name != BALANCE}
    await listener.learn(SECOND, msgspec.structs.replace(small_catalogue(), intents=others))
    assert await listener.hear("查余额") == before
    assert not isinstance(await listener.hear("订机票", version=SECOND), Unavailable)


async def test_learning_again_changes_nothing(listener: Listener) -> None:
    before = [await listener.hear(text) for text in TEXTS]
    await listener.learn()
    assert [await listener.hear(text) for text in TEXTS] == before


async def test_learning_twice_at_once_is_learning_once(untaught: Listener) -> None:
    await asyncio.gather(untaught.learn(), untaught.learn(), untaught.learn(SECOND))
    assert (await untaught.heard("查余额")).segments[0].candidates[0].intent == BALANCE


async def test_what_cannot_be_learned_is_a_part_that_is_unavailable(listener: Listener) -> None:
    if listener.refuse is None:
        return
    before = await listener.hear("订机票")
    await listener.refuse()
    unseen = msgspec.structs.replace(small_catalogue().intents[FLIGHT], examples=("今天要去很远的地方",))
    catalogue = msgspec.structs.replace(small_catalogue(), intents={**small_catalogue().intents, FLIGHT: unseen})
    with pytest.raises(PartUnavailable):
        await listener.learn(SECOND, catalogue)
    assert isinstance(await listener.hear("订机票", version=SECOND), Unavailable)
    assert await listener.hear("订机票") == before


async def test_learning_does_not_hold_up_the_event_loop(untaught: Listener) -> None:
    catalogue = read_catalogue(DEMO)
    gaps: list[float] = [0.0]

    async def tick() -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            gaps.append(now - before)
            before = now

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    await untaught.learn(catalogue=catalogue)
    took = time.perf_counter() - began
    ticking.cancel()
    await asyncio.wait([ticking])
    assert max(gaps) < max(took / 2, 0.1)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
async def test_every_utterance_has_a_segment_and_its_candidates_come_best_first(
    listener: Listener, state: State
) -> None:
    answers = [await listener.heard(text, state=state) for text in TEXTS]
    assert all(answer.segments for answer in answers)
    for segment in (segment for answer in answers for segment in answer.segments):
        confidences = [candidate.confidence for candidate in segment.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
        assert {candidate.intent for candidate in segment.candidates} <= set(small_catalogue().intents)
        assert len({candidate.intent for candidate in segment.candidates}) == len(segment.candidates)
        assert not segment.ambiguity or segment.ambiguity in small_catalogue().ambiguities


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
async def test_only_acts_that_mean_something_now_are_heard(listener: Listener, state: State) -> None:
    expected = expect(state, small_catalogue()).cues
    for text in (*TEXTS, "取消", "等等", "再说一遍", "随便", "继续", "改一下"):
        answer = await listener.heard(text, state=state)
        assert {cue.kind for cue in answer.cues} <= expected | {"deny"}  # the script knows no state
        assert all(cue.number is None or cue.kind == "choose" for cue in answer.cues)


async def test_requests_come_in_the_order_they_were_said(listener: Listener) -> None:
    for text, wanted in (("订机票，查余额", [FLIGHT, BALANCE]), ("查余额，订机票", [BALANCE, FLIGHT])):
        answer = await listener.heard(text)
        assert [segment.candidates[0].intent for segment in answer.segments if segment.candidates] == wanted


@pytest.mark.parametrize("text", UNRELATED, ids=lambda text: text[:12])
async def test_an_utterance_outside_the_catalogue_is_not_accepted(listener: Listener, text: str) -> None:
    answer = await listener.heard(text)
    accept = small_catalogue().policies.accept
    assert all(candidate.confidence < accept for segment in answer.segments for candidate in segment.candidates)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
async def test_the_entities_are_those_given_with_roles_at_most(listener: Listener, state: State) -> None:
    text = "订机票，明天从北京到上海，查余额"
    given = (
        entity("明天", "date", "2026-11-26", at=4),
        entity("北京", "city", at=7),
        entity("上海", "city", at=10),
        entity("海", "number", 3, at=11),
    )
    answer = await listener.heard(text, *given, state=state)
    assert plain(tuple(each for segment in answer.segments for each in segment.entities)) == plain(given)
    slots = {slot for intent in small_catalogue().intents.values() for slot in intent.slots}
    roles = [each for segment in answer.segments for each in segment.entities if each.role is not None]
    assert all(each.role in slots and 0 < each.role_confidence <= 1 for each in roles)


async def test_the_same_utterance_is_heard_the_same_way(listener: Listener) -> None:
    for state in STATES.values():
        for text in TEXTS:
            assert await listener.hear(text, state=state) == await listener.hear(text, state=state)


async def test_utterances_at_once_get_their_own_answers(listener: Listener) -> None:
    alone = [await listener.hear(text) for text in TEXTS]
    assert await asyncio.gather(*(listener.hear(text) for text in TEXTS * 3)) == alone * 3


async def test_cancelling_is_safe_at_any_moment(listener: Listener) -> None:
    before = await listener.hear("帮我订机票，然后查一下余额")
    for pauses in range(5):
        hearing = asyncio.create_task(listener.hear(f"第{pauses}回，帮我订一张机票"))
        for _ in range(pauses):
            await asyncio.sleep(0)
        hearing.cancel()
        await asyncio.wait([hearing], timeout=5.0)
        assert hearing.done()
    assert await listener.hear("帮我订机票，然后查一下余额") == before


@pytest.mark.parametrize(
    "text",
    [
        "订机票" * 130,
        "，" * 400,
        "😀" * 400,
        "改" * 400,
        "不" * 1000,
        "a " * 200,
        "<b>" * 130,
        "从到" * 200,
        "1" * 400,
        "要" * 2000,
    ],
    ids=lambda text: f"{len(text)} x {text[:3]}",
)
async def test_a_hostile_utterance_costs_little(listener: Listener, text: str) -> None:
    for state in STATES.values():
        began = time.process_time()
        assert (await listener.heard(text, state=state)).segments
        assert time.process_time() - began < 1.0
