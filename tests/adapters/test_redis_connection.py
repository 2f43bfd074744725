"""Calls to Redis in good times and bad."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis.exceptions

from adapters.redis.connection import RedisConnection, script
from adapters.redis.translation import Silence, translated
from domain.errors import PartUnavailable
from tests.servers.process import free_port
from tests.servers.redis import LoneRedis

COUNT = script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


@asynccontextmanager
async def opened(server: LoneRedis, *, connections: int = 20, patience: float = 1.0) -> AsyncIterator[RedisConnection]:
    server.tell("FLUSHALL")
    async with RedisConnection(server.url, connections=connections, patience=patience) as connection:
        yield connection


@pytest.fixture
async def connection(redis_server: LoneRedis) -> AsyncIterator[RedisConnection]:
    async with opened(redis_server) as connection:
        yield connection


async def eventually_answers(connection: RedisConnection) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                return await connection.ping()
            except PartUnavailable:
                await asyncio.sleep(0.05)


def vendor_errors() -> list[type[Exception]]:
    public = [value for name, value in vars(redis.exceptions).items() if not name.startswith("_")]
    classes = [value for value in public if isinstance(value, type) and issubclass(value, Exception)]
    return sorted(set(classes), key=lambda kind: kind.__name__)


@pytest.mark.parametrize(
    "kind",
    [*vendor_errors(), OSError, ConnectionResetError, EOFError, asyncio.IncompleteReadError],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_no_vendor_error_gets_past_the_connection(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    with pytest.raises(PartUnavailable) as caught, translated():
        raise error
    assert caught.value.__cause__ is error
    assert caught.value.part == "redis"


def test_the_walk_over_the_vendors_errors_finds_them() -> None:
    assert {"RedisError", "ConnectionError", "NoScriptError", "RedisClusterException"} <= {
        kind.__name__ for kind in vendor_errors()
    }


async def test_redis_answers(connection: RedisConnection, redis_server: LoneRedis) -> None:
    await connection.ping()
    assert await connection.ask("INCRBY", connection.key("n"), 5) == 5
    assert await connection.ask("GET", connection.key("n")) == b"5"
    assert await connection.ask("GET", connection.key("m")) is None
    assert redis_server.tell("KEYS", "*") == ["huiyi:n"]


async def test_a_name_may_be_any_text(connection: RedisConnection) -> None:
    for name in ("", "会意🍜", "a b\r\n", "\ud800", "{x}"):
        await connection.ask("SET", connection.key(name), name.encode("utf-8", "surrogatepass"))
        assert await connection.ask("GET", connection.key(name)) == name.encode("utf-8", "surrogatepass")


async def test_a_script_runs_known_or_not(connection: RedisConnection, redis_server: LoneRedis) -> None:
    key = connection.key("n")
    assert await connection.run(COUNT, key, 1) == 1
    assert await connection.run(COUNT, key, 1) == 2
    redis_server.tell("SCRIPT", "FLUSH")
    assert await connection.run(COUNT, key, 1) == 3


async def test_a_closed_connection_says_so(redis_server: LoneRedis) -> None:
    connection = RedisConnection(redis_server.url)
    with pytest.raises(PartUnavailable, match="closed"):
        await connection.ping()
    for _ in range(2):
        async with connection:
            await connection.ping()
    with pytest.raises(PartUnavailable, match="closed"):
        await connection.ping()


async def test_it_opens_where_there_is_no_redis_and_says_so_when_asked() -> None:
    async with RedisConnection(f"redis://:hidden@127.0.0.1:{free_port()}") as connection:
        for _ in range(3):
            with pytest.raises(PartUnavailable) as caught:
                await connection.ask("GET", connection.key("身份证"))
            assert caught.value.__cause__ is not None
            assert "hidden" not in caught.value.message
            assert "身份证" not in caught.value.message


async def test_a_silent_redis_costs_one_wait_and_then_none(
    connection: RedisConnection, redis_server: LoneRedis
) -> None:
    await connection.ping()
    with redis_server.frozen():
        began = time.monotonic()
        with pytest.raises(Silence):
            await connection.ping()
        assert time.monotonic() - began < 10
        began = time.monotonic()
        for _ in range(100):
            with pytest.raises(PartUnavailable, match="a moment ago"):
                await connection.ping()
        assert time.monotonic() - began < 0.5
    await eventually_answers(connection)


async def test_a_silent_redis_cannot_keep_new_connections_waiting_either(redis_server: LoneRedis) -> None:
    with redis_server.frozen():
        async with RedisConnection(redis_server.url, patience=1.0) as connection, asyncio.timeout(30):
            with pytest.raises(Silence):
                await connection.ping()


@pytest.mark.parametrize("call", ["command", "script"])
async def test_a_call_across_a_freeze_is_not_made_twice(
    connection: RedisConnection, redis_server: LoneRedis, call: str
) -> None:
    key = connection.key("n")
    await connection.run(COUNT, key, 0)
    with redis_server.frozen():
        with pytest.raises(PartUnavailable):
            await (connection.run(COUNT, key, 1) if call == "script" else connection.ask("INCR", key))
        await asyncio.sleep(1.0)
    await eventually_answers(connection)
    assert redis_server.tell("GET", "huiyi:n") in {"0", "1"}


async def test_a_call_that_a_restart_interrupts_fails_and_the_next_ones_succeed(
    connection: RedisConnection, redis_server: LoneRedis
) -> None:
    await asyncio.gather(*(connection.ping() for _ in range(20)))
    waiting = [asyncio.create_task(connection.ask("BLPOP", connection.key(f"q{n}"), b"0.4")) for n in range(3)]
    await asyncio.sleep(0.1)
    redis_server.restart()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, PartUnavailable) for result in results)
    await asyncio.gather(*(connection.ping() for _ in range(20)))


async def test_connections_that_the_server_closed_are_replaced_unnoticed(
    connection: RedisConnection, redis_server: LoneRedis
) -> None:
    await asyncio.gather(*(connection.ping() for _ in range(10)))
    redis_server.tell("CLIENT", "KILL", "TYPE", "normal")
    await asyncio.sleep(0.2)
    await asyncio.gather(*(connection.ping() for _ in range(10)))


async def test_who_finds_every_connection_in_use_waits_for_one(redis_server: LoneRedis) -> None:
    async with opened(redis_server, connections=2, patience=20) as connection:
        calls = (connection.ask("BLPOP", connection.key(f"q{n}"), b"0.01") for n in range(40))
        assert await asyncio.gather(*calls) == [None] * 40
        assert len(redis_server.tell("CLIENT", "LIST", "TYPE", "normal").split("\n")) <= 4


async def test_who_waits_too_long_for_a_connection_gives_up_and_blames_nobody(redis_server: LoneRedis) -> None:
    async with opened(redis_server, connections=1, patience=2) as connection:
        blocking = asyncio.create_task(connection.ask("BLPOP", connection.key("q"), b"0.9"))
        await asyncio.sleep(0.05)
        connection._patience = 0.1
        with pytest.raises(PartUnavailable, match="too many calls"):
            await connection.ping()
        connection._patience = 2
        assert await blocking is None
        await connection.ping()


async def test_a_storm_of_cancelled_calls_uses_up_no_connection(redis_server: LoneRedis) -> None:
    async with opened(redis_server, connections=4, patience=10) as connection:
        key = connection.key("n")

        async def cancelled(steps: int) -> None:
            task = asyncio.create_task(connection.ask("INCR", key))
            for _ in range(steps % 30):
                await asyncio.sleep(0)
            await asyncio.sleep(0.0003 * (steps % 4))
            task.cancel()
            await asyncio.wait([task])

        await asyncio.gather(*map(cancelled, range(300)))
        answers = await asyncio.gather(*(connection.ask("INCR", key) for _ in range(40)))
        assert len({int(answer or 0) for answer in answers}) == 40
        await asyncio.gather(*(connection.run(COUNT, key, 1) for _ in range(40)))


async def test_answers_never_go_to_another_caller(connection: RedisConnection) -> None:
    async def own(number: int) -> None:
        key = connection.key(f"k{number}")
        await connection.ask("SET", key, number)
        for _ in range(5):
            task = asyncio.create_task(connection.ask("GET", key))
            await asyncio.sleep(0.0001 * (number % 5))
            if number % 3 == 0:
                task.cancel()
                await asyncio.wait([task])
            else:
                assert await task == str(number).encode()

    await asyncio.gather(*map(own, range(60)))


async def test_tls_with_a_trusted_authority(redis_server: LoneRedis) -> None:
    async with RedisConnection(redis_server.tls_url) as connection:
        await connection.ping()


async def test_tls_without_one_is_refused(redis_server: LoneRedis) -> None:
    async with RedisConnection(redis_server.tls_url.partition("?")[0]) as connection:
        with pytest.raises(PartUnavailable):
            await connection.ping()


@pytest.mark.parametrize(("password", "welcome"), [("p%40ss", True), ("wrong", False)])
async def test_a_user_needs_the_right_password(redis_server: LoneRedis, password: str, welcome: bool) -> None:
    redis_server.tell("ACL", "SETUSER", "ann", "on", ">p@ss", "~*", "&*", "+@all")
    url = redis_server.url.replace("redis://", f"redis://ann:{password}@")
    async with RedisConnection(url) as connection:
        if welcome:
            await connection.ping()
        else:
            with pytest.raises(PartUnavailable, match="AuthenticationError"):
                await connection.ping()


async def test_an_answer_that_is_an_error_is_no_silence(connection: RedisConnection) -> None:
    await connection.ask("SET", connection.key("text"), b"x")
    for _ in range(2):
        with pytest.raises(PartUnavailable, match="ResponseError"):
            await connection.ask("INCR", connection.key("text"))
    await connection.ping()
