"""Announcements inside one process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from domain.ports.events import Events, Topic


class _Listener(AsyncIterator[str]):
    """What one listener has not read yet, the newest `depth` bodies of it. Ends when the block has ended."""

    def __init__(self, depth: int) -> None:
        self._bodies: deque[str] = deque(maxlen=depth)
        self._news = asyncio.Event()
        self._closed = False

    def tell(self, body: str) -> None:
        self._bodies.append(body)
        self._news.set()

    def close(self) -> None:
        self._closed = True
        self._news.set()

    async def __anext__(self) -> str:
        while not self._bodies:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._bodies.popleft()


class MemoryEvents(Events):
    """Reaches the listeners of this process. `depth` is how many bodies a listener may be behind."""

    def __init__(self, *, depth: int = 256) -> None:
        self._depth = depth
        self._listeners: dict[Topic, list[_Listener]] = {}

    async def publish(self, topic: Topic, body: str) -> None:
        """Never waits and never fails."""
        for listener in self._listeners.get(topic, ()):
            listener.tell(body)

    def listen(self, topic: Topic) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Listen inside the block."""
        return self._listen(topic)

    @asynccontextmanager
    async def _listen(self, topic: Topic) -> AsyncIterator[AsyncIterator[str]]:
        listener = _Listener(self._depth)
        self._listeners.setdefault(topic, []).append(listener)
        try:
            yield listener
        finally:
            self._listeners[topic].remove(listener)
            listener.close()
