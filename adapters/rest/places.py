"""How many calls go out at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Places:
    """So many calls at once, so many more that wait their turn, and no others: a slow server cannot gather callers."""

    def __init__(self, count: int, *, waiting: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._most_waiting = waiting
        self._waiting = 0

    @asynccontextmanager
    async def one(self, seconds: float) -> AsyncIterator[bool]:
        """A place inside the block; False when none became free in time, or too many wait already."""
        taken = await self._take(seconds)
        try:
            yield taken
        finally:
            if taken:
                self._free.release()

    async def _take(self, seconds: float) -> bool:
        if self._free.locked() and self._waiting >= self._most_waiting:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                return await self._free.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
