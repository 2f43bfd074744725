"""Cache, locks and events on a Redis Cluster."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from adapters.redis.cache import RedisCache
from adapters.redis.connection import RedisConnection
from adapters.redis.events import RedisEvents
from adapters.redis.locks import RedisLocks
from domain.errors import ConversationBusy, PartUnavailable
from tests.servers.redis import RedisCluster, until

NAMES = [f"c{number}" for number in range(30)]


@pytest.fixture
async def connection(redis_cluster: RedisCluster) -> AsyncIterator[RedisConnection]:
    async with RedisConnection(redis_cluster.url, patience=2.0) as connection:
        yield connection


async def test_values_are_kept_on_every_node(connection: RedisConnection, redis_cluster: RedisCluster) -> None:
    cache = RedisCache(connection)
    for name in NAMES:
        await cache.put(name, name.encode(), seconds=60)
    assert [await cache.get(name) for name in NAMES] == [name.encode() for name in NAMES]
    assert all(node.tell("DBSIZE") > 0 for node in redis_cluster.nodes)
    for name in NAMES:
        await cache.drop(name)
    assert [await cache.get(name) for name in NAMES] == [None] * len(NAMES)


async def test_locks_serve_every_process_in_order(connection: RedisConnection, redis_cluster: RedisCluster) -> None:
    served: list[int] = []

    async def work(locks: RedisLocks, number: int) -> None:
        async with locks.hold("c1", wait=60):
            served.append(number)

    async with (
        RedisConnection(redis_cluster.url) as other,
        RedisLocks(connection, owner="here", lease=100) as here,
        RedisLocks(other, owner="there", lease=100) as there,
    ):
        async with here.hold("c1", wait=0):
            tasks = []
            for number in range(6):
                tasks.append(asyncio.create_task(work((here, there)[number % 2], number)))
                key, count = "huiyi:lock:c1", str(number + 1)
                while redis_cluster.node_of(key).tell("HGET", key, "last") != count:
                    await asyncio.sleep(0.01)
            with pytest.raises(ConversationBusy):
                async with there.hold("c1", wait=0):
                    pass
        await asyncio.gather(*tasks)
        for name in NAMES:
            async with here.hold(name, wait=0), there.hold(f"{name}'s neighbour", wait=0):
                pass
    assert served == list(range(6))


async def test_announcements_reach_everybody_whatever_node_they_are_on(
    connection: RedisConnection, redis_cluster: RedisCluster
) -> None:
    async with (
        RedisConnection(redis_cluster.url) as other,
        RedisEvents(connection).listen("catalogue_published") as one,
        RedisEvents(other).listen("catalogue_published") as two,
        RedisEvents(other).listen("configuration_changed") as another,
        asyncio.timeout(30),
    ):
        for body in "abc":
            await RedisEvents(other).publish("catalogue_published", body)
        await RedisEvents(connection).publish("configuration_changed", "x")
        assert [await anext(one) for _ in "abc"] == [await anext(two) for _ in "abc"] == list("abc")
        assert await anext(another) == "x"


@pytest.mark.parametrize("node", range(3))
async def test_a_silent_node_takes_only_its_own_keys_away(
    connection: RedisConnection, redis_cluster: RedisCluster, node: int
) -> None:
    cache = RedisCache(connection)
    silent = redis_cluster.nodes[node]
    lost = [name for name in NAMES if redis_cluster.node_of(f"huiyi:cache:{name}") is silent]
    for name in NAMES:
        await cache.put(name, b"x", seconds=60)
    with silent.frozen():
        began = time.monotonic()
        for _ in range(5):
            found = [name for name in NAMES if await cache.get(name) is not None]
            assert found == [name for name in NAMES if name not in lost]
        assert time.monotonic() - began < 20
    async with asyncio.timeout(60):
        while [name for name in NAMES if await cache.get(name) is None]:
            await asyncio.sleep(0.1)


async def test_nothing_is_counted_twice_across_a_freeze(
    connection: RedisConnection, redis_cluster: RedisCluster
) -> None:
    key = connection.key("n")
    node = redis_cluster.node_of("huiyi:n")
    await connection.ask("SET", key, 0)
    with node.frozen(), pytest.raises(PartUnavailable):
        await connection.ask("INCR", key)
    async with asyncio.timeout(60):
        while True:
            with suppress(PartUnavailable):
                assert await connection.ask("GET", key) in {b"0", b"1"}
                return
            await asyncio.sleep(0.1)


async def test_keys_that_move_are_found_again(connection: RedisConnection, redis_cluster: RedisCluster) -> None:
    cache = RedisCache(connection)
    await cache.put("moving", b"x", seconds=60)
    key = "huiyi:cache:moving"
    source = redis_cluster.node_of(key)
    target = next(node for node in redis_cluster.nodes if node is not source)
    slot = source.tell("CLUSTER", "KEYSLOT", key)
    ids = {node: node.tell("CLUSTER", "MYID") for node in (source, target)}

    def move(origin: object, to: object) -> None:
        for node in redis_cluster.nodes:
            node.tell("DEL", key) if node is origin else None
        for node in (to, origin, *redis_cluster.nodes):
            node.tell("CLUSTER", "SETSLOT", slot, "NODE", ids[to])  # type: ignore[attr-defined,index] # both are nodes

    move(source, target)
    try:
        await cache.put("moving", b"y", seconds=60)
        assert await cache.get("moving") == b"y"
        assert target.tell("EXISTS", key)
    finally:
        move(target, source)
        until(lambda: all("cluster_state:ok" in node.tell("CLUSTER", "INFO") for node in redis_cluster.nodes))
