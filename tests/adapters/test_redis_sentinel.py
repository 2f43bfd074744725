"""A Redis that sentinels watch."""

import asyncio
from contextlib import suppress

import pytest

from adapters.redis.cache import RedisCache
from adapters.redis.connection import RedisConnection
from adapters.redis.events import RedisEvents
from adapters.redis.locks import RedisLocks
from domain.errors import PartUnavailable
from tests.servers.redis import RedisSentinels, RedisServer, until


def follows(server: RedisServer) -> bool:
    return bool(server.tell("INFO", "replication").get("master_link_status") == "up")


async def test_the_master_is_found_though_the_first_sentinel_is_silent(redis_sentinels: RedisSentinels) -> None:
    with redis_sentinels.sentinels[0].frozen():
        async with RedisConnection(redis_sentinels.url, patience=4.0) as connection:
            await RedisCache(connection).put("k", b"x", seconds=60)
            assert await RedisCache(connection).get("k") == b"x"


async def test_an_unknown_service_is_an_outage(redis_sentinels: RedisSentinels) -> None:
    async with RedisConnection(f"{redis_sentinels.url}s") as connection:
        with pytest.raises(PartUnavailable):
            await connection.ping()


@pytest.mark.parametrize("way", ["killed", "frozen"])
async def test_another_master_takes_over_and_everything_goes_on(redis_sentinels: RedisSentinels, way: str) -> None:
    before = redis_sentinels.master
    async with (
        RedisConnection(redis_sentinels.url, patience=2.0) as connection,
        RedisLocks(connection, owner="me") as locks,
        RedisEvents(connection).listen("catalogue_published") as bodies,
    ):
        cache = RedisCache(connection)
        await cache.put("k", b"old", seconds=60)
        async with locks.hold("c1", wait=0) as first:
            pass
        await asyncio.gather(*(cache.get("k") for _ in range(10)))
        if way == "killed":
            before.kill()
        else:
            before.freeze()
        try:
            async with asyncio.timeout(60):
                while await cache.get("k2") is None:
                    await cache.put("k2", b"new", seconds=60)
                    await asyncio.sleep(0.1)
            assert redis_sentinels.master is not before
            async with locks.hold("c1", wait=5) as second:
                assert second > first
            hearing = asyncio.create_task(asyncio.wait_for(anext(bodies), 60))
            while not hearing.done():
                with suppress(PartUnavailable):
                    await RedisEvents(connection).publish("catalogue_published", "7")
                await asyncio.wait((hearing,), timeout=0.1)
            assert hearing.result() == "7"
        finally:
            if way == "killed":
                before.start()
            else:
                before.thaw()
            before.tell("REPLICAOF", "127.0.0.1", redis_sentinels.master.port)  # the sentinels would say so later
            await asyncio.to_thread(until, lambda: follows(before))
        assert await cache.get("k2") == b"new"
