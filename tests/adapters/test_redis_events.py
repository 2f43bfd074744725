"""Announcements over Redis, beyond the contract."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from adapters.redis.connection import RedisConnection
from adapters.redis.events import RedisEvents
from domain.errors import PartUnavailable
from tests.servers.redis import LoneRedis

TOPIC = "catalogue_published"


@pytest.fixture
async def connection(redis_server: LoneRedis) -> AsyncIterator[RedisConnection]:
    async with RedisConnection(redis_server.url, patience=1.0) as connection:
        yield connection


async def heard(bodies: AsyncIterator[str]) -> str:
    async with asyncio.timeout(30):
        return await anext(bodies)


async def announced_until_heard(events: RedisEvents, bodies: AsyncIterator[str], body: str) -> None:
    """Say it again and again; who listens again hears it sooner or later."""
    waiting = asyncio.create_task(heard(bodies))
    while not waiting.done():
        with suppress(PartUnavailable):
            await events.publish(TOPIC, body)
        await asyncio.wait((waiting,), timeout=0.1)
    assert waiting.result() == body


async def test_other_processes_hear_it(connection: RedisConnection, redis_server: LoneRedis) -> None:
    async with (
        RedisConnection(redis_server.url) as other,
        RedisEvents(other).listen(TOPIC) as there,
        RedisEvents(connection).listen(TOPIC) as here,
    ):
        await RedisEvents(connection).publish(TOPIC, "7")
        assert (await heard(here), await heard(there)) == ("7", "7")


async def test_a_listener_may_be_behind_by_as_many_as_configured(connection: RedisConnection) -> None:
    events = RedisEvents(connection, depth=2)
    async with events.listen(TOPIC) as bodies:
        for body in "abcd":
            await events.publish(TOPIC, body)
        await asyncio.sleep(0.2)
        assert [await heard(bodies), await heard(bodies)] == ["c", "d"]


async def test_listening_ends_with_the_block(connection: RedisConnection, redis_server: LoneRedis) -> None:
    events = RedisEvents(connection)
    async with events.listen(TOPIC) as bodies:
        await events.publish(TOPIC, "last")

        async def rest() -> list[str]:
            return [body async for body in bodies]

        reading = asyncio.create_task(rest())
        await asyncio.sleep(0.2)
    assert await asyncio.wait_for(reading, 5) == ["last"]
    assert redis_server.tell("PUBSUB", "NUMSUB", "huiyi:events:catalogue_published")[1] == 0


async def test_listening_survives_a_restart(connection: RedisConnection, redis_server: LoneRedis) -> None:
    events = RedisEvents(connection)
    async with events.listen(TOPIC) as bodies:
        with redis_server.stopped(), pytest.raises(PartUnavailable):
            await events.publish(TOPIC, "lost")
        await announced_until_heard(events, bodies, "again")


async def test_listening_survives_a_silence(connection: RedisConnection, redis_server: LoneRedis) -> None:
    events = RedisEvents(connection)
    async with events.listen(TOPIC) as bodies:
        with redis_server.frozen():
            await asyncio.sleep(4)  # long enough for the listener to notice
        await announced_until_heard(events, bodies, "again")


async def test_a_quiet_topic_keeps_its_listener(connection: RedisConnection, redis_server: LoneRedis) -> None:
    events = RedisEvents(connection)
    async with events.listen(TOPIC) as bodies:
        clients = redis_server.tell("CLIENT", "LIST", "TYPE", "pubsub")
        await asyncio.sleep(2.5)  # pings go to and fro
        assert redis_server.tell("CLIENT", "LIST", "TYPE", "pubsub").split()[0] == clients.split()[0]
        await events.publish(TOPIC, "at last")
        assert await heard(bodies) == "at last"


async def test_who_begins_to_listen_while_redis_is_away_hears_it_later(
    connection: RedisConnection, redis_server: LoneRedis
) -> None:
    events = RedisEvents(connection)
    with redis_server.stopped():
        listening = events.listen(TOPIC)
        async with asyncio.timeout(30):
            bodies = await listening.__aenter__()
    await announced_until_heard(events, bodies, "at last")
    await listening.__aexit__(None, None, None)
