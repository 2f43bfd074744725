"""What all locks promise."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, suppress

import pytest

from adapters.falling_back.locks import FallingBackLocks
from adapters.memory.locks import MemoryLocks
from adapters.redis.locks import RedisLocks
from domain.errors import ConversationBusy, PartUnavailable
from domain.ports.locks import Locks
from tests.contracts.shared_engines import redis_in_use


class OutOfOrder(Locks):
    """Nothing can be held."""

    def hold(self, name: str, *, wait: float) -> AbstractAsyncContextManager[int]:
        raise PartUnavailable("locks", "out of order")


LOCAL = {
    "memory": MemoryLocks,
    "falling back": lambda: FallingBackLocks(MemoryLocks(), MemoryLocks()),
    "fallen back": lambda: FallingBackLocks(OutOfOrder(), MemoryLocks()),
}


@pytest.fixture(params=[*LOCAL, "redis"])
async def locks(request: pytest.FixtureRequest) -> AsyncIterator[Locks]:
    if request.param in LOCAL:
        yield LOCAL[request.param]()
        return
    async with redis_in_use(request) as use, RedisLocks(use.connection, owner="me") as locks:
        yield locks


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_holder_at_a_time(locks: Locks) -> None:
    inside = 0
    most = 0

    async def work() -> None:
        nonlocal inside, most
        async with locks.hold("c1", wait=5):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    assert (inside, most) == (0, 1)


async def test_waiters_are_served_in_the_order_they_came(locks: Locks) -> None:
    served: list[int] = []

    async def work(number: int) -> None:
        async with locks.hold("c1", wait=5):
            served.append(number)
            await asyncio.sleep(0)

    async with locks.hold("c1", wait=0):
        waiting = []
        for number in range(8):
            waiting.append(asyncio.create_task(work(number)))
            await settle()
    late = asyncio.create_task(work(8))
    await asyncio.gather(*waiting, late)
    assert served == list(range(9))


async def test_tokens_grow_with_each_holder(locks: Locks) -> None:
    tokens: list[int] = []

    async def work() -> None:
        async with locks.hold("c1", wait=5) as token:
            tokens.append(token)
            await asyncio.sleep(0)

    for _ in range(3):
        await asyncio.gather(*(work() for _ in range(4)))
        async with locks.hold("c2", wait=0):
            pass
    assert tokens == sorted(set(tokens))
    assert len(tokens) == 12


async def test_names_do_not_hinder_each_other(locks: Locks) -> None:
    async with locks.hold("c1", wait=0), locks.hold("c2", wait=0):
        pass


@pytest.mark.parametrize("wait", [0, 0.02])
async def test_waiting_too_long_is_busy(locks: Locks, wait: float) -> None:
    async with locks.hold("c1", wait=0):
        began = asyncio.get_running_loop().time()
        with pytest.raises(ConversationBusy):
            async with locks.hold("c1", wait=wait):
                pass
        assert asyncio.get_running_loop().time() - began >= wait * 0.9
    async with locks.hold("c1", wait=0):
        pass


async def test_the_lock_is_free_after_a_failure(locks: Locks) -> None:
    with pytest.raises(ZeroDivisionError):
        async with locks.hold("c1", wait=0):
            _ = 1 / 0
    async with locks.hold("c1", wait=0):
        pass


async def test_the_lock_is_free_after_its_holder_was_cancelled(locks: Locks) -> None:
    async def work() -> None:
        async with locks.hold("c1", wait=0):
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await settle()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    async with locks.hold("c1", wait=1):
        pass


async def test_who_gives_up_waiting_is_passed_over(locks: Locks) -> None:
    served: list[str] = []

    async def work(name: str, wait: float) -> None:
        with suppress(ConversationBusy):
            async with locks.hold("c1", wait=wait):
                served.append(name)

    async with locks.hold("c1", wait=0):
        tasks = [asyncio.create_task(work(*job)) for job in (("a", 5), ("busy", 0.01), ("cancelled", 5), ("b", 5))]
        await settle()
        tasks[2].cancel()
        await asyncio.sleep(0.03)
    await asyncio.wait(tasks)
    assert served == ["a", "b"]


@pytest.mark.parametrize("delay", range(8))
async def test_cancelling_at_any_moment_loses_no_lock(locks: Locks, delay: int) -> None:
    async def work() -> None:
        async with locks.hold("c1", wait=5):
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(work()) for _ in range(12)]
    for task in tasks[1::2]:
        for _ in range(delay):
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait(tasks)
    async with locks.hold("c1", wait=1):
        pass


async def test_running_out_of_time_in_the_moment_of_being_served_loses_no_lock(locks: Locks) -> None:
    for wait in (0.001, 0.002, 0.003):
        waiting: list[asyncio.Task[None]] = []
        async with locks.hold("c1", wait=1):

            async def work(limit: float = wait) -> None:
                with suppress(ConversationBusy):
                    async with locks.hold("c1", wait=limit):
                        pass

            waiting = [asyncio.create_task(work()) for _ in range(5)]
            await asyncio.sleep(0.002)
        await asyncio.wait(waiting)
        async with locks.hold("c1", wait=1):
            pass
