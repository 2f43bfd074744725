"""The cache in Redis, beyond the contract."""

import time

import pytest

from adapters.redis.cache import RedisCache
from adapters.redis.connection import RedisConnection
from domain.errors import PartUnavailable
from tests.servers.process import free_port
from tests.servers.redis import LoneRedis


async def test_what_it_keeps_is_marked_as_its_own_and_has_its_time(redis_server: LoneRedis) -> None:
    redis_server.tell("FLUSHALL")
    async with RedisConnection(redis_server.url, prefix="test:") as connection:
        await RedisCache(connection).put("conversation:c1", b"x", seconds=90.5)
    assert redis_server.tell("KEYS", "*") == ["test:cache:conversation:c1"]
    assert 80_000 < redis_server.tell("PTTL", "test:cache:conversation:c1") <= 90_500


async def test_every_process_sees_the_same(redis_server: LoneRedis) -> None:
    async with RedisConnection(redis_server.url) as here, RedisConnection(redis_server.url) as there:
        await RedisCache(here).put("k", b"x", seconds=60)
        assert await RedisCache(there).get("k") == b"x"
        await RedisCache(there).drop("k")
        assert await RedisCache(here).get("k") is None


async def test_without_redis_nothing_is_known_and_only_dropping_complains() -> None:
    async with RedisConnection(f"redis://127.0.0.1:{free_port()}") as connection:
        cache = RedisCache(connection)
        await cache.put("k", b"x", seconds=60)
        await cache.put("k", b"x", seconds=0)
        assert await cache.get("k") is None
        with pytest.raises(PartUnavailable):
            await cache.drop("k")


async def test_a_silent_redis_delays_a_series_of_turns_by_little(redis_server: LoneRedis) -> None:
    async with RedisConnection(redis_server.url, patience=1.0) as connection:
        cache = RedisCache(connection)
        await cache.put("k", b"x", seconds=60)
        with redis_server.frozen():
            began = time.monotonic()
            for _ in range(30):
                assert await cache.get("k") is None
                await cache.put("k", b"y", seconds=60)
            assert time.monotonic() - began < 10


async def test_what_another_program_left_under_the_key_is_no_value(redis_server: LoneRedis) -> None:
    async with RedisConnection(redis_server.url, prefix="test:") as connection:
        redis_server.tell("HSET", "test:cache:odd", "field", "value")
        cache = RedisCache(connection)
        assert await cache.get("odd") is None
        await cache.put("odd", b"x", seconds=60)
        assert await cache.get("odd") == b"x"
