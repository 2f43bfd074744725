"""The database, beyond the contracts of what it keeps."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy.exc
from sqlalchemy import Connection, insert, text
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from adapters.sql.catalogues import SqlCatalogues
from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database, Synchronous
from adapters.sql.schema import catalogue_versions, metadata
from adapters.sql.translation import Collision
from domain.errors import RepositoryUnavailable
from domain.names import CatalogueVersion, ConversationId
from tests.contracts.stored_values import catalogue, conversation, turn
from tests.doubles.manual_clock import START

T = TypeVar("T")
C1 = ConversationId("c1")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{tmp_path / 'store.db'}", patience=0.1) as database:
        yield database


async def threads_sink_to(number: int) -> None:
    """A connection's thread ends a moment after the connection."""
    async with asyncio.timeout(5):
        while threading.active_count() > number:
            await asyncio.sleep(0.01)


def vendor_errors() -> list[type[Exception]]:
    public = [value for name, value in vars(sqlalchemy.exc).items() if not name.startswith("_")]
    classes = [value for value in public if isinstance(value, type) and issubclass(value, Exception)]
    return sorted((c for c in classes if not issubclass(c, Warning)), key=lambda c: c.__name__)


def test_the_walk_over_the_vendors_errors_finds_them() -> None:
    assert {"OperationalError", "TimeoutError", "IntegrityError", "ResourceClosedError"} <= {
        error.__name__ for error in vendor_errors()
    }


DRIVER_ERRORS = [OSError, ConnectionResetError, TimeoutError, EOFError, asyncio.IncompleteReadError]


@pytest.mark.parametrize("kind", [*vendor_errors(), *DRIVER_ERRORS], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("way", ["read", "write"])
async def test_no_vendor_error_gets_past_the_database(database: Database, kind: type[Exception], way: str) -> None:
    error = kind.__new__(kind)

    def fail(_connection: Connection) -> None:
        raise error

    with pytest.raises(RepositoryUnavailable) as caught:
        await getattr(database, way)(fail)
    assert caught.value.__cause__ is error
    assert await database.read(lambda connection: connection.execute(text("SELECT 1")).scalar_one()) == 1


async def test_errors_of_ones_own_pass_unchanged_and_nothing_is_stored(database: Database) -> None:
    def fail(connection: Connection) -> None:
        row = {"version": 1, "digest": "", "document": "{}", "created_at": START.replace(tzinfo=None)}
        connection.execute(insert(catalogue_versions), row)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    assert await SqlCatalogues(database).current() is None


async def test_neither_message_nor_cause_shows_what_people_said(database: Database) -> None:
    keeper = SqlConversations(database)
    secret = "身份证11010519491231002X"
    await database.write(lambda connection: connection.execute(text("DROP TABLE turns")))
    with pytest.raises(RepositoryUnavailable) as caught:
        await keeper.save(conversation(user=secret), turn=turn(text=secret))
    chain: BaseException | None = caught.value
    while chain is not None:
        assert secret not in str(chain)
        chain = chain.__cause__


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    keeper = SqlConversations(database)
    with pytest.raises(RepositoryUnavailable):
        await keeper.load(C1)
    async with database:
        await keeper.save(conversation(), turn=turn())
    with pytest.raises(RepositoryUnavailable):
        await keeper.save(conversation(version=2), turn=turn(number=2))
    async with database:
        assert await keeper.load(C1) == conversation()


async def test_a_place_that_cannot_be_opened_fails_on_entry_and_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(RepositoryUnavailable):
        async with Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}"):
            pass
    await threads_sink_to(before)


async def test_a_file_that_is_no_database_fails_on_entry(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"not a database at all" * 500)
    with pytest.raises(RepositoryUnavailable):
        async with Database(f"sqlite:///{tmp_path / 'store.db'}"):
            pass


@pytest.mark.parametrize(("synchronous", "number"), [("NORMAL", 1), ("FULL", 2)])
async def test_every_connection_is_set_up(tmp_path: Path, synchronous: Synchronous, number: int) -> None:
    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    async with Database(f"sqlite:///{tmp_path / 's.db'}", synchronous=synchronous, patience=1.5) as database:
        expected = ["wal", number, 1, 1500]
        assert await database.write(settings) == expected
        assert await asyncio.gather(*(database.read(settings) for _ in range(4))) == [expected] * 4


async def test_readers_are_not_held_up_by_a_writer_of_another_process(database: Database, tmp_path: Path) -> None:
    keeper = SqlConversations(database)
    await keeper.save(conversation(), turn=turn())
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await keeper.load(C1) == conversation()
    with pytest.raises(RepositoryUnavailable):
        await keeper.delete(C1)
    other.execute("ROLLBACK")
    other.close()
    assert await keeper.delete(C1) is True


async def test_a_storm_of_cancelled_readers_uses_up_no_connection(database: Database) -> None:
    keeper = SqlConversations(database)
    await keeper.save(conversation(), turn=turn())
    threads = threading.active_count()
    for steps in range(150):
        task = asyncio.create_task(keeper.load(C1))
        for _ in range(steps % 25):
            await asyncio.sleep(0)
        await asyncio.sleep(0.0005 * (steps % 3))
        task.cancel()
        await asyncio.wait([task])
    async with asyncio.timeout(5):
        assert await asyncio.gather(*(keeper.load(C1) for _ in range(40))) == [conversation()] * 40
    await threads_sink_to(threads + 4)


async def test_a_document_that_cannot_be_read_is_an_outage_and_not_an_absence(database: Database) -> None:
    keeper = SqlConversations(database)
    await keeper.save(conversation(), turn=turn())
    await database.write(lambda connection: connection.exec_driver_sql("UPDATE conversations SET state = '{}'"))
    with pytest.raises(RepositoryUnavailable, match="Conversation cannot be read"):
        await keeper.load(C1)


async def test_a_publisher_who_always_comes_second_gives_up(tmp_path: Path) -> None:
    class Contested(Database):
        """Somebody else is always quicker."""

        async def write(self, work: Callable[[Connection], T]) -> T:
            raise Collision("taken")

    path = tmp_path / "store.db"
    async with Database(f"sqlite:///{path}"):
        pass
    async with Contested(f"sqlite:///{path}") as database:
        with pytest.raises(RepositoryUnavailable, match="too many"):
            await SqlCatalogues(database).publish(catalogue(), at=START)


async def test_intents_of_each_version_can_be_found_by_name(database: Database) -> None:
    keeper = SqlCatalogues(database)
    for title in ("订机票", "买" * 300):
        await keeper.publish(catalogue(title), at=START)
    query = text("SELECT catalogue_version, title FROM intents WHERE name = 'book_flight' ORDER BY catalogue_version")
    found = await database.read(lambda connection: [tuple(row) for row in connection.execute(query)])
    assert found == [(1, "订机票"), (2, "买" * 255)]
    second = await keeper.get(CatalogueVersion(2))
    assert second is not None
    assert second.catalogue == catalogue("买" * 300)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_tables_can_be_said_in_mysqls_words(table: sqlalchemy.Table) -> None:
    statement = str(CreateTable(table).compile(dialect=mysql.dialect()))
    assert "utf8mb4" in statement
    assert " TEXT" not in statement


async def test_a_server_is_reached_through_the_same_adapter() -> None:
    with pytest.raises(RepositoryUnavailable) as caught:
        async with Database("mysql://user:hidden@127.0.0.1:1/huiyi", patience=1):
            pass
    assert "hidden" not in str(caught.value)
