"""How saves share transactions, and what a crash leaves."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from adapters.sql.group_commit import GroupCommit
from adapters.sql.invocations import SqlInvocations
from adapters.sql.rows import Save, rows_of
from domain.errors import RepositoryUnavailable
from domain.names import ConversationId, InvocationKey
from tests.contracts.stored_values import conversation, turn
from tests.servers.mariadb import MariadbServer

T = TypeVar("T")
ROOT = Path(__file__).parents[2]


class CountingDatabase(Database):
    """Counts transactions."""

    transactions = 0

    async def write(self, work: Callable[[Connection], T]) -> T:
        self.transactions += 1
        return await super().write(work)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[CountingDatabase]:
    async with CountingDatabase(f"sqlite:///{tmp_path / 'store.db'}", patience=0.2) as database:
        database.transactions = 0
        yield database


def rows(number: int) -> Save:
    return rows_of(conversation(f"c{number}"), turn(f"c{number}"), [])


async def stored(database: Database, number: int) -> bool:
    return await SqlConversations(database).load(ConversationId(f"c{number}")) is not None


async def test_saves_that_come_together_share_a_transaction(database: CountingDatabase) -> None:
    saves = GroupCommit(database, largest=10)
    await asyncio.gather(*(saves.store(rows(n)) for n in range(30)))
    assert database.transactions == 3
    assert all([await stored(database, n) for n in range(30)])


async def test_one_save_alone_waits_for_nobody(database: CountingDatabase) -> None:
    saves = GroupCommit(database)
    for number in range(3):
        await asyncio.wait_for(saves.store(rows(number)), 2)
    assert database.transactions == 3


async def test_who_leaves_before_the_transaction_begins_is_not_stored(database: CountingDatabase) -> None:
    saves = GroupCommit(database, largest=1)
    tasks = [asyncio.create_task(saves.store(rows(n))) for n in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    assert [await stored(database, n) for n in range(3)] == [True, False, True]


@pytest.mark.parametrize("poison", [object(), 2**70, "\ud800"], ids=["type", "overflow", "surrogate"])
async def test_rows_that_the_engine_cannot_take_hurt_their_own_save_only(
    database: CountingDatabase, poison: object
) -> None:
    saves = GroupCommit(database)
    bad = rows(1)
    bad.turn["document"] = poison
    results = await asyncio.gather(*(saves.store(each) for each in (rows(0), bad, rows(2))), return_exceptions=True)
    assert isinstance(results[1], RepositoryUnavailable)
    assert [await stored(database, n) for n in range(3)] == [True, False, True]


async def test_an_outage_is_told_to_each_with_its_cause_and_passes(database: CountingDatabase, tmp_path: Path) -> None:
    saves = GroupCommit(database)
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("BEGIN IMMEDIATE")
        results = await asyncio.gather(*(saves.store(rows(n)) for n in range(5)), return_exceptions=True)
        other.rollback()
    other.close()
    assert all(isinstance(result, RepositoryUnavailable) and result.__cause__ for result in results)
    assert len(set(map(id, results))) == 5
    assert database.transactions == 1
    await asyncio.gather(*(saves.store(rows(n)) for n in range(5)))
    assert all([await stored(database, n) for n in range(5)])


async def test_when_the_writing_itself_is_interrupted_nobody_waits_for_ever(database: CountingDatabase) -> None:
    saves = GroupCommit(database, largest=2)
    tasks = [asyncio.create_task(saves.store(rows(n))) for n in range(5)]
    for _ in range(3):
        await asyncio.sleep(0)
    for running in tuple(database._running):
        running.cancel()
    done, waiting = await asyncio.wait(tasks, timeout=5)
    assert not waiting
    assert all(isinstance(task.exception(), RepositoryUnavailable) for task in done)
    await saves.store(rows(9))
    assert await stored(database, 9)


async def test_closing_waits_for_what_is_being_saved(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with Database(url) as database:
        saves = GroupCommit(database, largest=1)
        tasks = [asyncio.create_task(saves.store(rows(n))) for n in range(8)]
        await asyncio.sleep(0)
    assert all(task.done() and task.exception() is None for task in tasks)
    async with Database(url) as database:
        assert all([await stored(database, n) for n in range(8)])


@pytest.mark.parametrize(("engine", "acknowledged"), [("sqlite", 40), ("sqlite", 700), ("mariadb", 300)])
async def test_a_killed_process_loses_no_acknowledged_save(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, acknowledged: int
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if engine == "mariadb":
        mariadb: MariadbServer = request.getfixturevalue("mariadb")
        url = mariadb.url(await mariadb.fresh())
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.sql_crash_writer", url],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    with child.stdout as output:
        lines = [output.readline() for _ in range(acknowledged)]
        child.send_signal(signal.SIGKILL)
        lines += output.read().splitlines(keepends=True)
    assert child.wait() == -signal.SIGKILL
    latest = {name: int(number) for name, number in (line.decode().split() for line in lines if line.endswith(b"\n"))}
    assert sum(latest.values()) >= acknowledged
    async with Database(url) as database:
        keeper, calls = SqlConversations(database), SqlInvocations(database)
        for name, version in latest.items():
            kept = await keeper.load(ConversationId(name))
            assert kept is not None
            assert kept.version >= version
            assert kept == conversation(name, kept.version)
            turns = await keeper.turns(kept.id, limit=10**6)
            assert [each.number for each in turns] == list(range(1, kept.version + 1))
            assert await calls.get(InvocationKey(f"{name}-{kept.version}")) is not None
            assert await calls.get(InvocationKey(f"{name}-{kept.version + 1}")) is None
            await keeper.save(conversation(name, kept.version + 1), turn=turn(name, kept.version + 1))
