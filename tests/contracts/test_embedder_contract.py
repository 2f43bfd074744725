"""What every embedder promises."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pytest

from adapters.absent.embedder import AbsentEmbedder
from adapters.caching.embeddings import KeptEmbeddings
from adapters.local_embedding import sentence_encoder
from adapters.local_embedding.sentence_encoder import SentenceEncoder
from adapters.xinference.embedder import XinferenceEmbedder
from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable
from tests.doubles.openai_server import GENERATION_FAILED, HANGS, openai_server
from tests.doubles.sentence_vectors import RealEmbedder
from tests.xinference.real import EMBEDDING, road_to_xinference

Rows = npt.NDArray[np.float32]

TEXTS = ("订一张去上海的机票", "book a flight to Shanghai", "查一下银行卡余额", "今天天气怎么样")
HOSTILE = (
    "", " \n\t ", "\x00", "\x00北京\x00", "\ud800", "北京\udfff上海", "\ufdfa" * 1000, "长" * 100_000, "a b " * 25_000,
    "\u202e" * 1000, "😀" * 1000, "e" + "\u0301" * 5000, "\ufeff", "\U000e0041" * 50,
)  # fmt: skip


@dataclass(frozen=True)
class Works:
    """An embedder and ways to trouble it.

    `answers` is False for one that never has a vector, `understands` for one whose vectors have nothing to do with
    meaning.
    """

    embedder: Embedder
    answers: bool = True
    understands: bool = True
    hang: Callable[[], None] | None = None
    fail: Callable[[], None] | None = None

    async def rows(self, texts: Sequence[str]) -> Rows:
        """The vectors, one a row; none at all where there is no answer."""
        answer = await self.embedder.embed(texts)
        if not self.answers:
            assert answer == Unavailable("not_configured")
            return np.zeros((0, 0), np.float32)
        assert isinstance(answer, Embeddings)
        assert answer.count == len(texts)
        return np.frombuffer(answer.data, "<f4").reshape(answer.count, answer.dimensions)


@asynccontextmanager
async def _local() -> AsyncIterator[Works]:
    async with SentenceEncoder() as encoder:
        yield Works(encoder)


@asynccontextmanager
async def _forgetful() -> AsyncIterator[Works]:
    async with SentenceEncoder(recent=0) as encoder:
        yield Works(encoder)


@asynccontextmanager
async def _double() -> AsyncIterator[Works]:
    double = RealEmbedder()
    yield Works(double, hang=double.hang, fail=double.fail)


@asynccontextmanager
async def _kept() -> AsyncIterator[Works]:
    double = RealEmbedder()
    with TemporaryDirectory() as folder:
        yield Works(KeptEmbeddings(double, Path(folder)), hang=double.hang, fail=double.fail)


@asynccontextmanager
async def _absent() -> AsyncIterator[Works]:
    yield Works(AbsentEmbedder(), answers=False)


async def _numbers(texts: Sequence[str]) -> list[list[float]]:
    answer = await RealEmbedder().embed(texts)
    assert isinstance(answer, Embeddings)
    rows: list[list[float]] = np.frombuffer(answer.data, "<f4").reshape(answer.count, -1).tolist()
    return rows


@asynccontextmanager
async def _xinference() -> AsyncIterator[Works]:
    async with openai_server() as server, XinferenceEmbedder(server.url, model="emb") as embedder:
        server.embeds = _numbers
        yield Works(embedder, hang=lambda: server.plays(HANGS), fail=lambda: server.plays(GENERATION_FAILED))


@asynccontextmanager
async def _real_xinference() -> AsyncIterator[Works]:
    async with road_to_xinference() as road, XinferenceEmbedder(road.url, model=EMBEDDING) as embedder:

        def hang() -> None:
            road.seconds = 60.0

        yield Works(embedder, understands=False, hang=hang)


KINDS = {
    "sentence encoder": _local,
    "sentence encoder that forgets": _forgetful,
    "double": _double,
    "kept": _kept,
    "xinference": _xinference,
    "a real xinference": _real_xinference,
    "absent": _absent,
}


@pytest.fixture(scope="module", autouse=True)
def weights_read_once() -> Iterator[None]:
    """Reading them takes a second, and every encoder reads the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentence_encoder, "_load", cache(sentence_encoder._load))
        yield


@pytest.fixture(params=KINDS)
async def works(request: pytest.FixtureRequest) -> AsyncIterator[Works]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(KINDS[request.param]())


async def test_every_text_has_a_vector_of_length_one(works: Works) -> None:
    rows = await works.rows(TEXTS)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert len(rows) == (len(TEXTS) if works.answers else 0)


async def test_no_text_is_no_vector(works: Works) -> None:
    assert len(await works.rows(())) == 0


async def test_vectors_come_in_the_order_of_the_texts(works: Works) -> None:
    rows = await works.rows(TEXTS)
    assert np.allclose(await works.rows(TEXTS[::-1]), rows[::-1], atol=1e-5)


async def test_a_text_has_the_same_vector_alone_and_among_others(works: Works) -> None:
    rows = await works.rows(TEXTS)
    for row, text in zip(rows, TEXTS, strict=False):
        assert np.allclose(await works.rows([text]), row, atol=1e-5)


async def test_a_text_given_twice_has_one_vector(works: Works) -> None:
    rows = await works.rows([TEXTS[0], TEXTS[1], TEXTS[0]])
    assert not works.answers or np.allclose(rows[0], rows[2], atol=1e-6)


async def test_repeating_gives_the_same_vectors(works: Works) -> None:
    first, second = [await works.embedder.embed(TEXTS) for _ in range(2)]
    assert first == second


async def test_texts_of_one_meaning_are_nearer_than_others(works: Works) -> None:
    rows = await works.rows(TEXTS)
    if works.answers and works.understands:
        near = rows @ rows[0]
        assert near[1] > 0.5
        assert near[1] > max(near[2], near[3]) + 0.1


async def test_many_texts_are_as_good_as_few(works: Works) -> None:
    many = [f"订{number}张票" for number in range(150)]
    rows = await works.rows(many)
    assert np.allclose(rows[140:], (await works.rows(many[140:])), atol=1e-5)


async def test_requests_at_once_get_their_own_vectors(works: Works) -> None:
    requests = [[TEXTS[n % 4], TEXTS[(n + 1) % 4]] for n in range(12)]
    alone = [await works.rows(texts) for texts in requests]
    together = await asyncio.gather(*(works.rows(texts) for texts in requests))
    assert all(np.allclose(one, other, atol=1e-5) for one, other in zip(alone, together, strict=True))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{len(text)} x {text[:1]!a}")
async def test_a_hostile_text_has_a_vector_too_and_costs_little(works: Works, text: str) -> None:
    began = time.process_time()
    rows = await works.rows([text, TEXTS[0]])
    assert time.process_time() - began < 1.0
    assert np.isfinite(rows).all()
    assert np.allclose(rows[1:], (await works.rows(TEXTS[:1])), atol=1e-5)


async def test_only_the_head_of_a_long_text_counts(works: Works) -> None:
    head = "我想订一张去上海的机票，" * 100
    rows = await works.rows([head + "好" * 50_000, head + "坏" * 50_000])
    assert not works.answers or np.allclose(rows[0], rows[1], atol=1e-6)


async def test_a_version_names_the_model_and_stays(works: Works) -> None:
    assert works.embedder.version
    assert works.embedder.version == works.embedder.version


async def test_an_outage_is_a_value(works: Works) -> None:
    if works.fail is not None:
        works.fail()
        answer = await works.embedder.embed(TEXTS)
        assert isinstance(answer, Unavailable)
        assert answer.code == "broken"


async def test_cancelling_is_safe_at_any_moment(works: Works) -> None:
    before = await works.rows(TEXTS)
    for pauses in range(6):
        asking = asyncio.create_task(works.embedder.embed([f"第{pauses}个问题{n}" for n in range(40)]))
        for _ in range(pauses):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking], timeout=5.0)
        assert asking.done()
    assert np.allclose(await works.rows(TEXTS), before, atol=1e-5)


async def test_who_waits_for_ever_can_be_cancelled(works: Works) -> None:
    if works.hang is not None:
        works.hang()
    asking = asyncio.create_task(works.embedder.embed(TEXTS))
    await asyncio.sleep(0)
    asking.cancel()
    done, _ = await asyncio.wait([asking], timeout=1.0)
    assert asking in done
