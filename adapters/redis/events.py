"""Announcements to every process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from adapters.redis.connection import RedisConnection
from adapters.redis.subscription import Subscription
from domain.ports.events import Events, Topic


class _Unread(AsyncIterator[str]):
    """What a listener has not read yet, the newest `depth` bodies of it. Ends when the block has ended."""

    def __init__(self, depth: int) -> None:
        self._bodies: deque[bytes] = deque(maxlen=depth)
        self._news = asyncio.Event()
        self._closed = False

    def add(self, body: bytes) -> None:
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
        return self._bodies.popleft().decode("utf-8", "surrogatepass")


class RedisEvents(Events):
    """Publishes on a channel for each topic. `depth` is how many bodies a listener may be behind.

    Listening survives outages of Redis; what is published meanwhile is not heard.
    """

    def __init__(self, connection: RedisConnection, *, depth: int = 256) -> None:
        self._connection = connection
        self._depth = depth

    async def publish(self, topic: Topic, body: str) -> None:
        """One command."""
        await self._connection.ask("PUBLISH", self._channel(topic), body.encode("utf-8", "surrogatepass"))

    def listen(self, topic: Topic) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Listen inside the block, over a connection of its own."""
        return self._listen(topic)

    @asynccontextmanager
    async def _listen(self, topic: Topic) -> AsyncIterator[AsyncIterator[str]]:
        unread = _Unread(self._depth)
        async with Subscription(self._connection, self._channel(topic), unread.add):
            try:
                yield unread
            finally:
                unread.close()

    def _channel(self, topic: Topic) -> bytes:
        return self._connection.key(f"events:{topic}")
