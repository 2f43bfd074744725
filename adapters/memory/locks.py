"""Locks inside one process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

from domain.errors import ConversationBusy
from domain.ports.locks import Locks

_Turn = asyncio.Future[None]


class MemoryLocks(Locks):
    """A lock exists while somebody holds it. Whoever leaves hands it to the first in the queue, so nobody overtakes."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[_Turn]] = {}
        self._tokens = count(1)  # one series for all names, so that forgetting a name cannot turn its tokens back

    def hold(self, name: str, *, wait: float) -> AbstractAsyncContextManager[int]:
        """Hold `name` inside the block."""
        return self._hold(name, wait)

    @asynccontextmanager
    async def _hold(self, name: str, wait: float) -> AsyncIterator[int]:
        await self._acquire(name, wait)
        try:
            yield next(self._tokens)
        finally:
            self._release(name)

    async def _acquire(self, name: str, wait: float) -> None:
        queue = self._queues.get(name)
        if queue is None:
            self._queues[name] = deque()
            return
        turn: _Turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(max(wait, 0.0)):
                await turn
        except BaseException as error:
            self._leave(name, turn)
            if isinstance(error, TimeoutError):
                raise ConversationBusy("earlier messages of the conversation are still being worked on") from error
            raise

    def _leave(self, name: str, turn: _Turn) -> None:
        """Give up waiting. The lock may have been handed over in that very moment: then it goes on to the next."""
        if turn.done() and not turn.cancelled():
            self._release(name)
        else:
            turn.cancel()

    def _release(self, name: str) -> None:
        queue = self._queues[name]
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._queues[name]
