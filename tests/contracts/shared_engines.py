"""The Redis that suites share, each test in keys of its own."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.redis.connection import RedisConnection
from tests.servers.redis import RedisServer

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class RedisInUse:
    """A connection, and a way to let time pass for what it has kept."""

    connection: RedisConnection
    server: RedisServer
    prefix: str

    async def advance(self, seconds: float) -> None:
        for key in self.server.tell("KEYS", f"{self.prefix}*"):
            self.server.tell("PEXPIRE", key, self.server.tell("PTTL", key) - round(seconds * 1000))


@asynccontextmanager
async def redis_in_use(request: pytest.FixtureRequest) -> AsyncIterator[RedisInUse]:
    """A connection of the test's own."""
    server = request.getfixturevalue("redis_server")
    prefix = f"test{next(_NUMBERS)}:"
    async with RedisConnection(server.url, prefix=prefix) as connection:
        yield RedisInUse(connection, server, prefix)
