"""Listens to a channel for as long as it takes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from adapters.redis.connection import RedisConnection
from domain.errors import PartUnavailable

_PAUSE_SECONDS = 0.5


class Subscription:
    """Hears a channel inside the `async with` block.

    After an outage it listens again by itself; what was said in between is lost. Entering waits until the channel is
    listened to, but no longer than a call may take.
    """

    def __init__(self, connection: RedisConnection, channel: bytes, hear: Callable[[bytes], None]) -> None:
        self._connection = connection
        self._channel = channel
        self._hear = hear
        self._present = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._connection.patience):
                await self._present.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Once is not always enough: `asyncio.wait_for` of Python 3.11, which the vendor sends with, loses a
        # cancellation that comes in the moment when it is done.
        while self._listening is not None and not self._listening.done():
            self._listening.cancel()
            await asyncio.wait((self._listening,), timeout=0.1)

    async def _listen(self) -> None:
        while True:
            with suppress(PartUnavailable):
                await self._connection.follow(self._channel, self._heard)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _heard(self, message: bytes | None) -> None:
        if message is None:
            self._present.set()
        else:
            self._hear(message)
