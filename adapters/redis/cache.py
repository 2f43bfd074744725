"""A cache that every process shares."""

from contextlib import suppress

from adapters.redis.connection import RedisConnection
from domain.errors import PartUnavailable
from domain.ports.cache import Cache


class RedisCache(Cache):
    """Keeps values in Redis, which forgets them in time; while it cannot be reached, nothing is known."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> bytes | None:
        """One command."""
        try:
            value = await self._connection.ask("GET", self._key(key))
        except PartUnavailable:
            return None
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, *, seconds: float) -> None:
        """One command. One that was not answered may still be carried out a moment later."""
        milliseconds = round(seconds * 1000)
        with suppress(PartUnavailable):
            if milliseconds > 0:
                await self._connection.ask("SET", self._key(key), value, b"PX", milliseconds)
            else:
                await self.drop(key)

    async def drop(self, key: str) -> None:
        """One command."""
        await self._connection.ask("UNLINK", self._key(key))

    def _key(self, key: str) -> bytes:
        return self._connection.key(f"cache:{key}")
