"""A cache inside one process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from domain.ports.cache import Cache


class _Entry(NamedTuple):
    value: bytes
    expires: float


class MemoryCache(Cache):
    """Forgets the entry longest unused when there are more than `entries`, or more than `size` bytes of values.

    `seconds` tells a time that never goes back, in seconds from anywhere.
    """

    def __init__(
        self,
        *,
        entries: int = 10_000,
        size: int = 64 * 1024 * 1024,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entries = entries
        self._size = size
        self._seconds = seconds
        self._held: OrderedDict[str, _Entry] = OrderedDict()
        self._used = 0

    async def get(self, key: str) -> bytes | None:
        """Never fails."""
        entry = self._held.get(key)
        if entry is None:
            return None
        if entry.expires <= self._seconds():
            self._forget(key)
            return None
        self._held.move_to_end(key)
        return entry.value

    async def put(self, key: str, value: bytes, *, seconds: float) -> None:
        """A value larger than the whole cache is not kept; neither is what was there before it."""
        self._forget(key)
        if len(value) > self._size or seconds <= 0:
            return
        self._held[key] = _Entry(value, self._seconds() + seconds)
        self._used += len(value)
        while self._used > self._size or len(self._held) > self._entries:
            self._forget(next(iter(self._held)))

    async def drop(self, key: str) -> None:
        """Never fails."""
        self._forget(key)

    def _forget(self, key: str) -> None:
        entry = self._held.pop(key, None)
        if entry is not None:
            self._used -= len(entry.value)
