"""Bringing the tables up to date."""

import asyncio
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from adapters.sql import upgrading
from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from adapters.sql.migrations.running import alembic_config
from adapters.sql.schema import metadata
from adapters.sql.upgrading import current_revision, head_revision, upgrade
from domain.errors import RepositoryUnavailable
from tests.contracts.stored_values import conversation, turn
from tests.servers.mariadb import MariadbServer

ROOT = Path(__file__).parents[2]

ENTER = """
import asyncio, sys
from adapters.sql.database import Database
async def main():
    async with Database(sys.argv[1]):
        print("alembic" in sys.modules)
asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "mariadb"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    mariadb: MariadbServer = request.getfixturevalue("mariadb")
    return mariadb.url(await mariadb.fresh())


def processes(url: str, count: int) -> list[str]:
    """What so many processes that enter the database at once have to say."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    children = [
        subprocess.Popen([sys.executable, "-c", ENTER, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        for _ in range(count)
    ]
    said = []
    for child in children:
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, err.decode()
        said.append(out.decode().strip())
    return said


def test_the_head_is_the_newest_revision_there_is() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == head_revision()


async def test_an_empty_database_is_brought_to_the_head(url: str) -> None:
    async with Database(url, migrate=False) as database:
        assert await current_revision(database) is None
        await upgrade(database)
        assert await current_revision(database) == head_revision()
        await upgrade(database)
        assert await current_revision(database) == head_revision()


async def test_the_revisions_make_the_tables_that_the_code_uses(url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with Database(url) as database:
        assert await database.read(differences) == []


async def test_revisions_can_be_taken_back(url: str) -> None:
    def down(connection: Connection) -> list[str]:
        command.downgrade(alembic_config(connection), "base")
        return inspect(connection).get_table_names()

    async with Database(url) as database:
        assert await database.write(down) == ["alembic_version"]
        assert await current_revision(database) is None


async def test_data_is_kept_when_the_database_is_entered_again(url: str) -> None:
    async with Database(url) as database:
        await SqlConversations(database).save(conversation(), turn=turn())
    async with Database(url) as database:
        assert await SqlConversations(database).load(conversation().id) == conversation()


def test_processes_that_start_together_on_an_empty_database_all_come_up(url: str) -> None:
    assert len(processes(url, 4)) == 4


async def test_databases_entered_together_in_one_process_all_come_up(url: str) -> None:
    async def enter() -> str | None:
        async with Database(url) as database:
            return await current_revision(database)

    assert await asyncio.gather(*(enter() for _ in range(4))) == [head_revision()] * 4


def test_alembic_is_loaded_only_when_there_is_something_to_do(url: str) -> None:
    assert processes(url, 1) == ["True"]
    assert processes(url, 1) == ["False"]


async def test_logging_is_left_as_it_was(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    before = (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").level)
    async with Database(url):
        pass
    assert (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").level) == before
    assert capfd.readouterr() == ("", "")


async def test_tables_that_a_crash_left_half_made_are_completed(mariadb: MariadbServer) -> None:
    url = mariadb.url(await mariadb.fresh())

    def undo_half(connection: Connection) -> None:
        for statement in ("DROP TABLE intents", "DROP TABLE invocations", "DELETE FROM alembic_version"):
            connection.exec_driver_sql(statement)

    async with Database(url) as database:
        await SqlConversations(database).save(conversation(), turn=turn())
        await database.write(undo_half)
    async with Database(url) as database:
        assert await current_revision(database) == head_revision()
        assert {"intents", "invocations"} <= set(await database.read(lambda c: inspect(c).get_table_names()))
        assert await SqlConversations(database).load(conversation().id) == conversation()


async def test_while_another_process_changes_the_tables_one_waits(mariadb: MariadbServer) -> None:
    name = await mariadb.fresh()
    changing = await mariadb.connect()
    async with changing.cursor() as cursor:
        await cursor.execute(f"SELECT GET_LOCK(CONCAT('huiyi ', SHA1('{name}')), 1)")
    entering = asyncio.create_task(upgraded(mariadb.url(name)))
    await asyncio.wait((entering,), timeout=1)
    assert not entering.done()
    assert await mariadb.tell(f"SHOW TABLES FROM {name}") == []
    await changing.ensure_closed()
    assert await entering == head_revision()


async def upgraded(url: str) -> str | None:
    async with Database(url) as database:
        return await current_revision(database)


async def test_whoever_waits_in_vain_says_so(mariadb: MariadbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    name = await mariadb.fresh()
    changing = await mariadb.connect()
    async with changing.cursor() as cursor:
        await cursor.execute(f"SELECT GET_LOCK(CONCAT('huiyi ', SHA1('{name}')), 1)")
    monkeypatch.setattr(upgrading, "_LOCK", text(str(upgrading._LOCK).replace("300", "0")))
    with pytest.raises(RepositoryUnavailable, match="another process"):
        await upgraded(mariadb.url(name))
    await changing.ensure_closed()


async def test_a_folder_with_odd_characters_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "百分 %s 100%"
    folder.mkdir()
    async with Database(f"sqlite:///{folder / 'store.db'}") as database:
        assert await current_revision(database) == head_revision()
    assert (folder / "store.db").exists()
