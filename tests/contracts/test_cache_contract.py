"""What every cache promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.memory.cache import MemoryCache
from adapters.redis.cache import RedisCache
from domain.ports.cache import Cache
from tests.contracts.shared_engines import redis_in_use


@dataclass(frozen=True)
class Harness:
    """A cache, and a way to let time pass for it."""

    cache: Cache
    advance: Callable[[float], Awaitable[None]]


@asynccontextmanager
async def memory(_: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    now = [1000.0]

    async def advance(seconds: float) -> None:
        now[0] += seconds

    yield Harness(MemoryCache(seconds=lambda: now[0]), advance)


@asynccontextmanager
async def redis(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with redis_in_use(request) as use:
        yield Harness(RedisCache(use.connection), use.advance)


ENGINES: dict[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Harness]]] = {
    "memory": memory,
    "redis": redis,
}


@pytest.fixture(params=ENGINES)
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with ENGINES[request.param](request) as harness:
        yield harness


@pytest.fixture
def cache(harness: Harness) -> Cache:
    return harness.cache


async def test_what_was_never_put_is_absent(cache: Cache) -> None:
    assert await cache.get("nothing") is None


@pytest.mark.parametrize("value", [b"value", b"", bytes(range(256)) * 1000, "会意🍜".encode()])
async def test_what_was_put_comes_back(cache: Cache, value: bytes) -> None:
    await cache.put("键 with spaces\r\n:*", value, seconds=60)
    assert await cache.get("键 with spaces\r\n:*") == value
    assert await cache.get("键") is None


async def test_a_second_value_replaces_the_first(cache: Cache) -> None:
    await cache.put("k", b"first", seconds=60)
    await cache.put("k", b"second", seconds=60)
    assert await cache.get("k") == b"second"


async def test_a_value_is_forgotten_when_its_time_is_over(harness: Harness) -> None:
    await harness.cache.put("short", b"1", seconds=2)
    await harness.cache.put("long", b"2", seconds=60)
    await harness.advance(1)
    assert await harness.cache.get("short") == b"1"
    await harness.advance(1.01)
    assert await harness.cache.get("short") is None
    assert await harness.cache.get("long") == b"2"


async def test_reading_a_value_does_not_prolong_it(harness: Harness) -> None:
    await harness.cache.put("k", b"1", seconds=2)
    for _ in range(4):
        await harness.cache.get("k")
        await harness.advance(0.6)
    assert await harness.cache.get("k") is None


async def test_putting_again_starts_the_time_again(harness: Harness) -> None:
    await harness.cache.put("k", b"1", seconds=2)
    await harness.advance(1.5)
    await harness.cache.put("k", b"2", seconds=2)
    await harness.advance(1.5)
    assert await harness.cache.get("k") == b"2"


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_value_without_time_is_not_kept_nor_is_the_one_before(cache: Cache, seconds: float) -> None:
    await cache.put("k", b"old", seconds=60)
    await cache.put("k", b"new", seconds=seconds)
    assert await cache.get("k") is None


async def test_a_fraction_of_a_second_counts(harness: Harness) -> None:
    await harness.cache.put("k", b"1", seconds=0.25)
    await harness.advance(0.3)
    assert await harness.cache.get("k") is None


async def test_a_dropped_key_is_absent(cache: Cache) -> None:
    await cache.put("k", b"1", seconds=60)
    await cache.drop("k")
    await cache.drop("k")
    assert await cache.get("k") is None


async def test_many_at_once_do_not_mix(cache: Cache) -> None:
    async def own(number: int) -> bytes | None:
        await cache.put(f"k{number}", str(number).encode(), seconds=60)
        return await cache.get(f"k{number}")

    assert await asyncio.gather(*map(own, range(200))) == [str(n).encode() for n in range(200)]
