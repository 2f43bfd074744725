"""A database server in bad times."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncmy
import pytest
from sqlalchemy import Connection, text

from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from domain.errors import RepositoryUnavailable
from domain.names import ConversationId
from tests.contracts.stored_values import conversation, turn
from tests.servers.mariadb import MariadbServer

C1 = ConversationId("c1")
PATIENCE = 2.0
IN_TIME = PATIENCE + 8  # a busy machine may be late


@pytest.fixture
async def database(mariadb: MariadbServer) -> AsyncIterator[Database]:
    async with Database(mariadb.url(await mariadb.fresh()), patience=PATIENCE) as database:
        await SqlConversations(database).save(conversation(), turn=turn())
        yield database


async def saved(database: Database, name: str) -> None:
    await SqlConversations(database).save(conversation(name), turn=turn(name))


async def warmed_up(database: Database) -> SqlConversations:
    """Several connections of both kinds are open."""
    keeper = SqlConversations(database)
    await asyncio.gather(*(keeper.load(C1) for _ in range(8)), *(saved(database, f"warm{n}") for n in range(4)))
    return keeper


async def eventually_saved(database: Database, name: str) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(RepositoryUnavailable):
                return await saved(database, name)
            await asyncio.sleep(0.1)


def nap(connection: Connection) -> object:
    return connection.execute(text("SELECT SLEEP(1.5)")).scalar_one()


async def kill_all(mariadb: MariadbServer) -> None:
    query = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'root' AND ID <> CONNECTION_ID()"
    for (number,) in await mariadb.tell(query):
        with suppress(asyncmy.errors.Error):  # gone by itself
            await mariadb.tell(f"KILL {number}")


async def test_connections_killed_while_idle_are_replaced_unnoticed(database: Database, mariadb: MariadbServer) -> None:
    keeper = await warmed_up(database)
    await kill_all(mariadb)
    await asyncio.gather(*(keeper.load(C1) for _ in range(8)), *(saved(database, f"after{n}") for n in range(4)))


@pytest.mark.parametrize("way", ["read", "write"])
async def test_a_connection_killed_in_the_middle_fails_its_caller_only(
    database: Database, mariadb: MariadbServer, way: str
) -> None:
    await warmed_up(database)
    napping = asyncio.create_task(getattr(database, way)(nap))
    await asyncio.sleep(0.3)
    await kill_all(mariadb)
    with pytest.raises(RepositoryUnavailable) as caught:
        await napping
    assert caught.value.__cause__ is not None
    await saved(database, "next")
    assert await SqlConversations(database).load(C1) == conversation()


async def test_a_restart_is_survived(database: Database, mariadb: MariadbServer) -> None:
    keeper = await warmed_up(database)
    with mariadb.stopped():
        for _ in range(2):
            with pytest.raises(RepositoryUnavailable):
                await keeper.load(C1)
            with pytest.raises(RepositoryUnavailable):
                await saved(database, "lost")
    assert await keeper.load(C1) == conversation()
    await asyncio.gather(*(saved(database, f"after{n}") for n in range(8)))
    assert await keeper.load(ConversationId("lost")) is None


async def test_a_silent_server_keeps_nobody_for_longer_than_agreed(database: Database, mariadb: MariadbServer) -> None:
    keeper = await warmed_up(database)
    with mariadb.frozen():
        began = time.monotonic()
        calls = [*(keeper.load(C1) for _ in range(80)), *(saved(database, f"frozen{n}") for n in range(80))]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert time.monotonic() - began < IN_TIME
        assert all(isinstance(result, RepositoryUnavailable) for result in results)
    await eventually_saved(database, "after")
    assert await keeper.load(C1) == conversation()


async def test_a_silent_server_cannot_hold_up_those_who_come_to_it(mariadb: MariadbServer) -> None:
    url = mariadb.url(await mariadb.fresh())
    with mariadb.frozen():
        began = time.monotonic()
        with pytest.raises(RepositoryUnavailable):
            async with Database(url, patience=PATIENCE):
                pass
        assert time.monotonic() - began < IN_TIME
    async with Database(url, patience=20):
        pass


async def test_after_many_silences_no_connection_is_missing(database: Database, mariadb: MariadbServer) -> None:
    database._limit = 0.2
    for _ in range(3):
        with mariadb.frozen():
            calls = (database.read(nap) for _ in range(60))
            results = await asyncio.gather(
                *calls, *(saved(database, f"f{n}") for n in range(30)), return_exceptions=True
            )
            assert all(isinstance(result, RepositoryUnavailable) for result in results)
    database._limit = 20
    await eventually_saved(database, "after")
    naps = (database.read(lambda c: c.execute(text("SELECT SLEEP(0.1)")).scalar_one()) for _ in range(100))
    assert await asyncio.gather(*naps) == [0] * 100


async def test_a_save_cut_short_by_silence_is_stored_whole_or_not_at_all(
    database: Database, mariadb: MariadbServer
) -> None:
    keeper = await warmed_up(database)
    for number in range(6):
        saving = [asyncio.create_task(saved(database, f"s{number}-{n}")) for n in range(10)]
        await asyncio.sleep(0.002 * number)
        with mariadb.frozen():
            await asyncio.wait(saving)
        async with asyncio.timeout(60):
            while not await reachable(keeper):
                await asyncio.sleep(0.1)
        for n, task in enumerate(saving):
            name = f"s{number}-{n}"
            kept = await keeper.load(ConversationId(name))
            assert await keeper.turns(ConversationId(name)) == ((turn(name),) if kept else ())
            assert kept is not None or task.exception() is not None


async def reachable(keeper: SqlConversations) -> bool:
    try:
        return await keeper.load(C1) is not None
    except RepositoryUnavailable:
        return False


async def test_a_storm_of_cancelled_callers_leaves_nothing_open(database: Database, mariadb: MariadbServer) -> None:
    keeper = await warmed_up(database)

    async def cancelled(number: int) -> None:
        call = keeper.load(C1) if number % 2 else saved(database, f"storm{number}")
        task = asyncio.create_task(call)
        for _ in range(number % 40):
            await asyncio.sleep(0)
        await asyncio.sleep(0.0005 * (number % 5))
        task.cancel()
        await asyncio.wait([task])

    await asyncio.gather(*map(cancelled, range(300)))
    await saved(database, "after")
    assert await asyncio.gather(*(keeper.load(C1) for _ in range(100))) == [conversation()] * 100
    async with asyncio.timeout(30):
        while await mariadb.tell("SELECT trx_id FROM information_schema.INNODB_TRX"):
            await asyncio.sleep(0.1)


async def test_a_caller_who_leaves_while_the_server_is_silent_leaves_at_once(
    database: Database, mariadb: MariadbServer
) -> None:
    await warmed_up(database)
    with mariadb.frozen():
        tasks = [asyncio.create_task(database.read(nap)), asyncio.create_task(saved(database, "left"))]
        await asyncio.sleep(0.1)
        began = time.monotonic()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert time.monotonic() - began < PATIENCE / 2
    await eventually_saved(database, "after")


async def test_closing_is_not_held_up_by_a_silent_server(mariadb: MariadbServer) -> None:
    database = Database(mariadb.url(await mariadb.fresh()), patience=PATIENCE)
    await database.__aenter__()
    await saved(database, "c1")
    await warmed_up(database)
    with mariadb.frozen():
        writing = asyncio.create_task(saved(database, "c2"))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await database.__aexit__(None, None, None)
        assert time.monotonic() - began < 2 * IN_TIME
    with pytest.raises(RepositoryUnavailable):
        await writing
