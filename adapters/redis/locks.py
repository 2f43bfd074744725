"""Locks that every process shares."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakValueDictionary

from adapters.redis.connection import RedisConnection, Script
from adapters.redis.lock_scripts import ENTER, LEAVE, RENEW
from adapters.redis.subscription import Subscription
from domain.errors import ConversationBusy, PartUnavailable
from domain.ports.locks import Locks

T = TypeVar("T")

_TRIES = 3


class _Claim:
    """What one caller waits for a lock with, and holds it by."""

    def __init__(self, name: str, identity: str) -> None:
        self.name = name
        self.identity = identity
        self.news = asyncio.Event()  # its turn may have come
        self.known = False  # Redis may have heard of it
        self.asking: asyncio.Task[int] | None = None


class RedisLocks(Locks):
    """Locks inside the `async with` block.

    `owner` names this process; no two have the same. A lock is held for `lease` seconds and again and again for as
    many while its holder lives; that of a process which died is free after them. When Redis loses what it knew, or
    cannot be reached for a lease, two may hold a lock: who must not suffer from it compares tokens or versions. While
    Redis cannot be reached, `hold` raises PartUnavailable.
    """

    def __init__(self, connection: RedisConnection, *, owner: str, lease: float = 10.0) -> None:
        self._connection = connection
        self._owner = owner
        self._lease = lease
        self._numbers = count(1)
        self._claims: dict[str, _Claim] = {}
        self._held: set[_Claim] = set()
        self._owed: dict[_Claim, int] = {}  # left without Redis knowing it: how often to tell it yet
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[Any]] = set()  # what each of them gives back is its caller's affair
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        channel = self._connection.key(f"turns:{self._owner}")
        await self._open.enter_async_context(Subscription(self._connection, channel, self._told))
        keeping = asyncio.create_task(self._keep())
        self._open.push_async_callback(asyncio.wait, (keeping,))
        self._open.callback(keeping.cancel)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._running:
            await asyncio.wait(self._running)
        await self._open.aclose()

    def hold(self, name: str, *, wait: float) -> AbstractAsyncContextManager[int]:
        """Hold `name` inside the block: one command to get it and one to give it back.

        `wait` does not count the first answer of Redis. Raises PartUnavailable when there is none; then no other
        caller is hindered for longer than a lease.
        """
        return self._hold(name, wait)

    @asynccontextmanager
    async def _hold(self, name: str, wait: float) -> AsyncIterator[int]:
        claim = _Claim(name, f"{self._owner}:{next(self._numbers)}")
        self._claims[claim.identity] = claim
        try:
            token = await self._admitted(claim, wait)
            self._held.add(claim)
            yield token
        finally:
            self._held.discard(claim)
            # Whoever is cancelled leaves all the same, and the next caller finds the lock free.
            await asyncio.shield(self._start(self._leave(claim)))

    async def _admitted(self, claim: _Claim, wait: float) -> int:
        """The token, once it is the claim's turn."""
        now = asyncio.get_running_loop().time
        ends = now() + wait
        token = await self._ask(claim, self._through_the_door(claim, may_wait=wait > 0))
        while not token:
            left = ends - now()
            if left <= 0:
                raise ConversationBusy("earlier messages of the conversation are still being worked on")
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, self._lease / 10)):
                    await claim.news.wait()
            token = await self._ask(claim, self._enter(claim, may_wait=True))
        return token

    async def _ask(self, claim: _Claim, question: Coroutine[Any, Any, int]) -> int:
        """A caller may be cancelled; the question may not, lest it reach Redis after the claim was taken back."""
        claim.asking = self._start(question)
        return await asyncio.shield(claim.asking)

    async def _through_the_door(self, claim: _Claim, *, may_wait: bool) -> int:
        """Ask for the first time, one after the other: over several connections the last may come first."""
        door = self._doors.setdefault(claim.name, asyncio.Lock())
        async with door:
            return await self._enter(claim, may_wait=may_wait)

    async def _enter(self, claim: _Claim, *, may_wait: bool) -> int:
        claim.news.clear()
        claim.known = True
        token = await self._run(ENTER, claim, int(may_wait))
        claim.known = may_wait or token > 0
        return token

    async def _leave(self, claim: _Claim) -> None:
        if claim.asking is not None:
            await asyncio.gather(claim.asking, return_exceptions=True)  # what it says, its caller was told
        del self._claims[claim.identity]
        if claim.known and not await self._told_left(claim):
            self._owed[claim] = _TRIES

    async def _told_left(self, claim: _Claim) -> bool:
        try:
            await self._run(LEAVE, claim)
        except PartUnavailable:
            return False
        return True

    async def _keep(self) -> None:
        """Prolong what is held, and tell what is owed."""
        while True:
            await asyncio.sleep(self._lease / 3)
            renewals = [self._renew(claim) for claim in self._held]
            await asyncio.gather(*renewals, *map(self._pay, tuple(self._owed)))

    async def _pay(self, claim: _Claim) -> None:
        self._owed[claim] -= 1
        # After so many tries the lease is over, and with it the debt.
        if await self._told_left(claim) or not self._owed[claim]:
            del self._owed[claim]

    async def _renew(self, claim: _Claim) -> None:
        with suppress(PartUnavailable):
            await self._run(RENEW, claim)

    async def _run(self, script: Script, claim: _Claim, *words: int) -> int:
        times = (round(self._lease * 1000), round(self._lease * 300))
        channel = self._connection.key("turns:")
        key = self._connection.key(f"lock:{claim.name}")
        answer = await self._connection.run(script, key, claim.identity.encode(), *times, channel, *words)
        return int(answer or 0)

    def _told(self, message: bytes) -> None:
        claim = self._claims.get(message.decode())
        if claim is not None:
            claim.news.set()

    def _start(self, job: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Run a job that the end of the `async with` block waits for."""
        task = asyncio.create_task(job)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task
