"""Locks in Redis, beyond the contract: several processes, and bad times."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest

from adapters.redis.connection import RedisConnection
from adapters.redis.lock_scripts import ENTER, LEAVE
from adapters.redis.locks import RedisLocks
from domain.errors import ConversationBusy, PartUnavailable
from tests.servers.redis import LoneRedis


class Processes:
    """Makes locks as another process would have them: connections and an owner of their own."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack
        self._count = 0

    async def __call__(self, *, lease: float = 10.0, patience: float = 2.0, user: str = "default") -> RedisLocks:
        self._count += 1
        url = self._url.replace("redis://", f"redis://{user}:any@")
        connection = await self._stack.enter_async_context(RedisConnection(url, patience=patience))
        locks = RedisLocks(connection, owner=f"process{self._count}", lease=lease)
        return await self._stack.enter_async_context(locks)


@pytest.fixture
async def process(redis_server: LoneRedis) -> AsyncIterator[Processes]:
    redis_server.tell("FLUSHALL")
    async with AsyncExitStack() as stack:
        yield Processes(redis_server.url, stack)


async def queued(server: LoneRedis, count: int) -> None:
    """Return when so many have come to wait."""
    async with asyncio.timeout(30):
        while int(server.tell("HGET", "huiyi:lock:c1", "last") or 0) < count:
            await asyncio.sleep(0.01)


async def claim(locks: RedisLocks, identity: bytes, *, lease: int, wait: int = 1000) -> int:
    """Enter as a process that then never says anything again."""
    connection = locks._connection
    words = (identity, lease, wait, connection.key("turns:"), 1)
    return int(await connection.run(ENTER, connection.key("lock:c1"), *words) or 0)


async def test_one_holder_at_a_time_in_all_processes(process: Processes) -> None:
    all_locks = [await process() for _ in range(3)]
    inside = most = 0
    tokens: list[int] = []

    async def work(locks: RedisLocks) -> None:
        nonlocal inside, most
        async with locks.hold("c1", wait=60) as token:
            tokens.append(token)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(work(locks) for locks in all_locks * 15))
    assert (inside, most) == (0, 1)
    assert tokens == sorted(set(tokens))


async def test_waiters_of_all_processes_are_served_in_the_order_they_came(
    process: Processes, redis_server: LoneRedis
) -> None:
    all_locks = [await process() for _ in range(3)]
    served: list[int] = []

    async def work(number: int) -> None:
        async with all_locks[number % 3].hold("c1", wait=60):
            served.append(number)

    async with all_locks[0].hold("c1", wait=0):
        tasks = []
        for number in range(9):
            tasks.append(asyncio.create_task(work(number)))
            await queued(redis_server, number + 1)
    await asyncio.gather(*tasks)
    assert served == list(range(9))


async def test_whoever_is_next_is_woken_and_need_not_ask(process: Processes, redis_server: LoneRedis) -> None:
    here, there = await process(lease=300), await process(lease=300)  # they would ask again after 30 s

    async def work(locks: RedisLocks) -> None:
        async with locks.hold("c1", wait=60):
            pass

    async with here.hold("c1", wait=0):
        tasks = [asyncio.create_task(work(locks)) for locks in (there, here, there)]
        await queued(redis_server, 3)
        began = time.monotonic()
    await asyncio.gather(*tasks)
    assert time.monotonic() - began < 15


async def test_whoever_was_not_woken_finds_out(process: Processes, redis_server: LoneRedis) -> None:
    here, there = await process(lease=3), await process(lease=3)

    async def work() -> None:
        async with there.hold("c1", wait=60):
            pass

    async with here.hold("c1", wait=0):
        task = asyncio.create_task(work())
        await queued(redis_server, 1)
        redis_server.tell("CLIENT", "KILL", "TYPE", "pubsub")
    async with asyncio.timeout(30):
        await task


async def test_a_lock_is_held_for_as_long_as_its_holder_lives(process: Processes) -> None:
    here, there = await process(lease=1.5), await process(lease=1.5)
    async with here.hold("c1", wait=0):
        for _ in range(8):
            await asyncio.sleep(0.5)
            with pytest.raises(ConversationBusy):
                async with there.hold("c1", wait=0):
                    pass
    async with there.hold("c1", wait=0):
        pass


async def test_the_lock_of_a_process_that_died_is_free_after_its_lease(process: Processes) -> None:
    locks = await process()
    first = await claim(locks, b"dead:1", lease=700)
    with pytest.raises(ConversationBusy):
        async with locks.hold("c1", wait=0):
            pass
    async with locks.hold("c1", wait=60) as token:
        assert token > first


async def test_a_waiter_that_died_is_passed_over(process: Processes, redis_server: LoneRedis) -> None:
    locks = await process()
    async with locks.hold("c1", wait=0):
        assert await claim(locks, b"dead:1", lease=60_000, wait=200) == 0

        async def work() -> None:
            async with locks.hold("c1", wait=60):
                pass

        task = asyncio.create_task(work())
        await queued(redis_server, 2)
        await asyncio.sleep(0.3)
    async with asyncio.timeout(5):
        await task


async def test_a_waiter_that_died_in_the_moment_of_being_served_delays_the_next_by_little(process: Processes) -> None:
    locks = await process()
    async with locks.hold("c1", wait=0):
        assert await claim(locks, b"dead:1", lease=60_000, wait=500) == 0
    async with locks.hold("c1", wait=60):
        pass


async def test_whoever_lost_the_lock_takes_it_from_nobody(process: Processes, redis_server: LoneRedis) -> None:
    here, there = await process(), await process()
    async with AsyncExitStack() as stack:
        async with here.hold("c1", wait=0) as before:
            redis_server.tell("HSET", "huiyi:lock:c1", "until", 1)  # as if it had been silent for a lease
            after = await stack.enter_async_context(there.hold("c1", wait=0))
            assert after > before
        with pytest.raises(ConversationBusy):
            async with here.hold("c1", wait=0):
                pass


async def test_leaving_twice_or_unknown_does_no_harm(process: Processes) -> None:
    locks = await process()
    connection = locks._connection
    async with locks.hold("c1", wait=0):
        for _ in range(2):
            await connection.run(LEAVE, connection.key("lock:c1"), b"stranger:1", 1000, 1000, b"x:")
        with pytest.raises(ConversationBusy):
            async with locks.hold("c1", wait=0):
                pass


@pytest.mark.parametrize("loss", ["FLUSHALL", "restart"])
async def test_tokens_grow_even_when_redis_forgets(process: Processes, redis_server: LoneRedis, loss: str) -> None:
    locks = await process()
    async with locks.hold("c1", wait=0) as first:
        pass
    if loss == "restart":
        redis_server.restart()
        await asyncio.sleep(0.1)
    else:
        redis_server.tell("FLUSHALL")
    async with locks.hold("c1", wait=0) as second:
        assert second > first


async def test_tokens_grow_even_when_the_clock_of_redis_goes_back(process: Processes, redis_server: LoneRedis) -> None:
    locks = await process()
    ahead = (int(time.time()) + 60) * 1_000_000
    redis_server.tell("HSET", "huiyi:lock:c1", "token", ahead)
    async with locks.hold("c1", wait=0) as token:
        assert token == ahead + 1


async def test_scripts_may_be_flushed_at_any_time(process: Processes, redis_server: LoneRedis) -> None:
    locks = await process()
    for _ in range(3):
        redis_server.tell("SCRIPT", "FLUSH")
        async with locks.hold("c1", wait=0):
            redis_server.tell("SCRIPT", "FLUSH")


async def test_without_redis_there_is_no_lock_and_no_long_wait(process: Processes, redis_server: LoneRedis) -> None:
    locks = await process(patience=1.0)
    with redis_server.frozen():
        began = time.monotonic()
        for _ in range(10):
            with pytest.raises(PartUnavailable):
                async with locks.hold("c1", wait=60):
                    pass
        results = await asyncio.gather(*(_held(locks, "c1") for _ in range(20)), return_exceptions=True)
        assert all(isinstance(result, PartUnavailable) for result in results)
        assert time.monotonic() - began < 20
    await _eventually_held(locks, "c1")


async def _held(locks: RedisLocks, name: str) -> None:
    async with locks.hold(name, wait=60):
        pass


async def _eventually_held(locks: RedisLocks, name: str) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(PartUnavailable):
                return await _held(locks, name)
            await asyncio.sleep(0.1)


async def test_a_block_ends_well_though_redis_is_silent(process: Processes, redis_server: LoneRedis) -> None:
    locks = await process(patience=1.0)
    async with asyncio.timeout(30), AsyncExitStack() as stack, locks.hold("c1", wait=0):
        stack.enter_context(redis_server.frozen())
    await _eventually_held(locks, "c1")


async def test_redis_is_told_later_what_it_would_not_hear(process: Processes, redis_server: LoneRedis) -> None:
    redis_server.tell("ACL", "SETUSER", "bob", "on", "nopass", "~*", "&*", "+@all")
    locks = await process(lease=3, user="bob")
    async with locks.hold("c1", wait=0):
        redis_server.tell("ACL", "SETUSER", "bob", "-@scripting")
    assert redis_server.tell("HEXISTS", "huiyi:lock:c1", "holder")
    redis_server.tell("ACL", "SETUSER", "bob", "+@scripting")
    async with asyncio.timeout(30):
        while redis_server.tell("HEXISTS", "huiyi:lock:c1", "holder"):
            await asyncio.sleep(0.05)
        while locks._owed:
            await asyncio.sleep(0.05)


async def test_what_redis_will_never_hear_is_forgotten_with_the_lease(
    process: Processes, redis_server: LoneRedis
) -> None:
    redis_server.tell("ACL", "SETUSER", "bob", "on", "nopass", "~*", "&*", "+@all")
    locks = await process(lease=1, user="bob")
    async with locks.hold("c1", wait=0):
        redis_server.tell("ACL", "SETUSER", "bob", "-@scripting")
    async with asyncio.timeout(30):
        while locks._owed:
            await asyncio.sleep(0.05)
    await _eventually_held(await process(), "c1")


async def test_waiters_survive_no_restart_but_later_ones_do(process: Processes, redis_server: LoneRedis) -> None:
    locks = await process()
    async with locks.hold("c1", wait=0):
        waiting = asyncio.create_task(_held(locks, "c1"))
        await queued(redis_server, 1)
        redis_server.restart()
        await asyncio.wait((waiting,))
    assert waiting.exception() is None or isinstance(waiting.exception(), PartUnavailable)
    await _eventually_held(locks, "c1")


async def test_locks_that_nobody_uses_are_forgotten(process: Processes, redis_server: LoneRedis) -> None:
    locks = await process()
    async with locks.hold("c1", wait=0):
        with pytest.raises(ConversationBusy):
            async with locks.hold("c1", wait=0.01):
                pass
    assert redis_server.tell("HKEYS", "huiyi:lock:c1") == ["token"]
    assert 0 < redis_server.tell("PTTL", "huiyi:lock:c1") <= 3_600_000
    assert [len(kept) for kept in (locks._claims, locks._held, locks._owed, locks._doors)] == [0, 0, 0, 0]


async def test_a_name_may_be_any_text(process: Processes) -> None:
    locks = await process()
    for name in ("", "会意🍜", "\ud800", "a:b %s", "}{"):
        async with locks.hold(name, wait=0):
            with pytest.raises(ConversationBusy):
                async with locks.hold(name, wait=0):
                    pass
