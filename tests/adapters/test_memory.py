"""What the parts inside one process do beyond their contracts."""

import asyncio

import pytest

from adapters.memory.cache import MemoryCache
from adapters.memory.events import MemoryEvents
from adapters.memory.locks import MemoryLocks
from domain.errors import ConversationBusy


async def present(cache: MemoryCache, keys: str) -> str:
    return "".join([key for key in keys if await cache.get(key) is not None])


async def test_the_entry_longest_unused_makes_room() -> None:
    cache = MemoryCache(entries=3)
    for key in "abc":
        await cache.put(key, b"x", seconds=60)
    await cache.get("a")
    await cache.put("d", b"x", seconds=60)
    assert await present(cache, "abcd") == "acd"


async def test_bytes_are_bounded_too() -> None:
    cache = MemoryCache(size=100)
    for key in "abcde":
        await cache.put(key, b"x" * 30, seconds=60)
    assert await present(cache, "abcde") == "cde"
    await cache.put("f", b"x" * 100, seconds=60)
    assert await present(cache, "abcdef") == "f"


async def test_a_value_larger_than_the_cache_throws_nobody_out() -> None:
    cache = MemoryCache(size=100)
    await cache.put("a", b"x", seconds=60)
    await cache.put("b", b"x", seconds=60)
    await cache.put("b", b"x" * 101, seconds=60)
    assert await present(cache, "ab") == "a"


async def test_dropping_and_replacing_gives_the_bytes_back() -> None:
    cache = MemoryCache(size=100)
    for _ in range(50):
        await cache.put("a", b"x" * 60, seconds=60)
    await cache.drop("a")
    await cache.put("b", b"x" * 50, seconds=60)
    await cache.put("c", b"x" * 50, seconds=60)
    assert await present(cache, "bc") == "bc"


async def test_the_machines_own_time_counts_by_default() -> None:
    cache = MemoryCache()
    await cache.put("a", b"x", seconds=0.01)
    await asyncio.sleep(0.02)
    assert await cache.get("a") is None


async def test_locks_that_nobody_uses_take_no_memory() -> None:
    locks = MemoryLocks()
    for number in range(100):
        async with locks.hold(f"c{number}", wait=0):
            with pytest.raises(ConversationBusy):
                async with locks.hold(f"c{number}", wait=0):
                    pass
    assert not locks._queues


async def test_a_listener_may_be_behind_by_as_many_as_configured() -> None:
    events = MemoryEvents(depth=2)
    async with events.listen("catalogue_published") as bodies:
        for body in "abc":
            await events.publish("catalogue_published", body)
        assert [await anext(bodies), await anext(bodies)] == ["b", "c"]


async def test_listening_ends_with_the_block() -> None:
    events = MemoryEvents()
    async with events.listen("catalogue_published") as bodies:
        await events.publish("catalogue_published", "last")

        async def rest() -> list[str]:
            return [body async for body in bodies]

        reading = asyncio.create_task(rest())
        await asyncio.sleep(0)
    assert await asyncio.wait_for(reading, 1) == ["last"]
