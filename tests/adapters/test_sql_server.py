"""A database server: how it is spoken to."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncmy
import pytest
from sqlalchemy import Connection, event, text, update
from sqlalchemy.exc import OperationalError

from adapters.sql.catalogues import SqlCatalogues
from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from adapters.sql.engines import place_of
from adapters.sql.invocations import SqlInvocations
from adapters.sql.schema import conversations
from adapters.sql.translation import RowsRefused
from domain.errors import RepositoryUnavailable, SettingsInvalid
from domain.names import ConversationId, InvocationKey
from tests.contracts.stored_values import catalogue, conversation, invocation, turn
from tests.doubles.manual_clock import START
from tests.servers.certificates import certificate
from tests.servers.mariadb import MariadbServer

C1 = ConversationId("c1")


@pytest.fixture
async def database(mariadb: MariadbServer) -> AsyncIterator[Database]:
    async with Database(mariadb.url(await mariadb.fresh()), patience=10) as database:
        yield database


async def value(database: Database, query: str) -> object:
    return await database.read(lambda connection: connection.execute(text(query)).scalar_one())


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("mysql://u:p@db/huiyi", "mysql+asyncmy"),
        ("mysql+aiomysql://u:p@db/huiyi?charset=utf8", "mysql+asyncmy"),
        ("mariadb://u:p@db/huiyi?ssl_ca=/ca.pem", "mariadb+asyncmy"),
        ("sqlite:///store.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///store.db", "sqlite+aiosqlite"),
    ],
)
def test_the_driver_is_chosen_here(url: str, driver: str) -> None:
    place = place_of(url)
    assert place.url.drivername == driver
    assert "charset" not in place.url.query


@pytest.mark.parametrize(
    "url", ["", "secret", "postgresql://u:secret@db/x", "mysql://u:secret@db:port/x", "mysql://u:secret@db/x?ssl=true"]
)
def test_what_is_no_address_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Database(url)
    assert "secret" not in caught.value.message


async def test_a_session_is_the_same_whatever_the_server_is_set_to(mariadb: MariadbServer) -> None:
    before = [
        row[0] for row in await mariadb.tell("SELECT CONCAT('SET GLOBAL sql_mode = \"', @@GLOBAL.sql_mode, '\"')")
    ]
    await mariadb.tell("SET GLOBAL sql_mode = ''")
    await mariadb.tell("SET GLOBAL time_zone = '+08:00'")
    try:
        async with Database(mariadb.url(await mariadb.fresh()), patience=10) as database:
            query = "SELECT CONCAT_WS(' ', @@sql_mode, @@time_zone, @@character_set_client, @@character_set_results)"
            modes = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
            assert await value(database, query) == f"{modes} +00:00 utf8mb4 utf8mb4"
            assert (
                await database.write(lambda c: c.execute(text(query)).scalar_one()) == f"{modes} +00:00 utf8mb4 utf8mb4"
            )
            level = text("SELECT @@tx_isolation")
            assert await database.write(lambda c: c.execute(level).scalar_one()) == "READ-COMMITTED"
    finally:
        await mariadb.tell(str(before[0]))
        await mariadb.tell("SET GLOBAL time_zone = 'SYSTEM'")


async def test_characters_of_four_bytes_are_kept_though_the_database_is_set_to_latin1(database: Database) -> None:
    keeper = SqlConversations(database)
    kept = conversation("𠮷🍜", user="👩‍👩‍👧‍👦")
    await keeper.save(kept, turn=turn("𠮷🍜", message="🍜1"), invocations=[invocation("k🍜", "𠮷🍜")])
    assert await keeper.load(kept.id) == kept
    assert await SqlInvocations(database).get(InvocationKey("k🍜")) is not None
    published = await SqlCatalogues(database).publish(catalogue("订𠮷🍜"), at=START)
    assert await SqlCatalogues(database).current() == published
    assert await value(database, "SELECT title FROM intents") == "订𠮷🍜"
    assert await keeper.load(ConversationId("𠮷🍣")) is None


async def test_what_does_not_fit_is_refused_and_not_cut(database: Database) -> None:
    keeper = SqlConversations(database)
    with pytest.raises(RowsRefused):
        await keeper.save(conversation("c" * 65), turn=turn("c" * 65))
    assert await value(database, "SELECT COUNT(*) FROM conversations") == 0


async def test_a_turn_costs_one_read_and_one_transaction(mariadb: MariadbServer, database: Database) -> None:
    keeper = SqlConversations(database)
    await keeper.save(conversation(), turn=turn())
    before = await counted(mariadb)
    await keeper.load(C1)
    await keeper.save(conversation(version=2), turn=turn(number=2), invocations=[invocation(number=2)])
    after = await counted(mariadb)
    grown = {name: after[name] - before[name] for name in after if after[name] > before[name]}
    assert grown == {"Com_select": 1, "Com_update": 1, "Com_insert": 2, "Com_commit": 1}


async def counted(mariadb: MariadbServer) -> dict[str, int]:
    """How often each statement that touches rows, or ends a transaction, was given."""
    names = "'Com_select','Com_update','Com_insert','Com_delete','Com_replace','Com_begin','Com_commit','Com_rollback'"
    rows = await mariadb.tell(f"SHOW GLOBAL STATUS WHERE Variable_name IN ({names})")
    return {str(name): int(str(number)) for name, number in rows}


async def test_statements_are_ones_that_any_server_takes(database: Database) -> None:
    said: list[str] = []
    for engine in (database._reading, database._writing):
        assert engine is not None
        event.listen(
            engine.sync_engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: said.append(statement)
        )
    keeper, calls, publisher = SqlConversations(database), SqlInvocations(database), SqlCatalogues(database)
    await keeper.save(conversation(), turn=turn(), invocations=[invocation()])
    await keeper.save(conversation(version=2, turns=1), turn=turn(text="again"))
    await keeper.load(C1)
    await keeper.turns(C1)
    await calls.unsettled()
    await publisher.publish(catalogue(), at=START)
    await keeper.delete(C1)
    assert {statement.split()[0] for statement in said} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert not [statement for statement in said if re.search(r"ON DUPLICATE|RETURNING|FOR UPDATE|IGNORE", statement)]


async def test_tls_with_a_trusted_authority(mariadb: MariadbServer) -> None:
    url = f"{mariadb.url(await mariadb.fresh())}?ssl_ca={mariadb.authority}"
    async with Database(url, patience=10) as database:
        query = "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'"
        assert await value(database, query)
        await SqlConversations(database).save(conversation(), turn=turn())
        assert await SqlConversations(database).load(C1) == conversation()


async def test_tls_with_another_authority_is_refused(mariadb: MariadbServer, tmp_path: Path) -> None:
    other = certificate(tmp_path).authority
    with pytest.raises(RepositoryUnavailable):
        async with Database(f"{mariadb.url(await mariadb.fresh())}?ssl_ca={other}", patience=10):
            pass


async def test_whoever_finds_every_connection_in_use_waits_for_one(database: Database) -> None:
    nap = text("SELECT SLEEP(0.05)")
    naps = (database.read(lambda connection: connection.execute(nap).scalar_one()) for _ in range(150))
    assert await asyncio.gather(*naps) == [0] * 150
    assert database._reading is not None
    assert database._reading.pool.checkedin() == 16  # type: ignore[attr-defined] # of the pool that it has


async def test_of_two_that_stand_in_each_others_way_both_succeed(mariadb: MariadbServer, database: Database) -> None:
    keeper = SqlConversations(database)
    for name in ("a", "b"):
        await keeper.save(conversation(name), turn=turn(name))
    runs: list[str] = []

    def touch(first: str, second: str) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            runs.append(first)
            _touch(connection, first)
            if runs.count(first) == 1:
                connection.execute(text("SELECT SLEEP(1)"))
            _touch(connection, second)

        return work

    before = await deadlocks(mariadb)
    await asyncio.gather(database.write(touch("a", "b")), database.write(touch("b", "a")))
    assert await deadlocks(mariadb) == before + 1
    assert sorted(runs) in (["a", "a", "b"], ["a", "b", "b"])
    assert await value(database, "SELECT SUM(turns) FROM conversations") == 6


@pytest.mark.parametrize("code", [1213, 1020, 9007])
async def test_who_is_undone_again_and_again_gives_up(database: Database, code: int) -> None:
    runs: list[int] = []

    def work(_connection: Connection) -> None:
        runs.append(code)
        raise OperationalError("UPDATE …", None, asyncmy.errors.OperationalError(code, "undone"))

    with pytest.raises(RowsRefused, match="in favour of another"):
        await database.write(work)
    assert len(runs) == 4


async def deadlocks(mariadb: MariadbServer) -> int:
    ((_, number),) = await mariadb.tell("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
    return int(str(number))


def _touch(connection: Connection, name: str) -> None:
    connection.execute(update(conversations).where(conversations.c.id == name).values(turns=conversations.c.turns + 1))


async def test_who_cannot_have_a_row_says_so_in_time_and_hinders_nobody(mariadb: MariadbServer) -> None:
    name = await mariadb.fresh()
    async with Database(mariadb.url(name), patience=4) as database:
        keeper = SqlConversations(database)
        for who in ("a", "b", "c"):
            await keeper.save(conversation(who), turn=turn(who))
        holder = await mariadb.connect(name)
        async with holder.cursor() as cursor:
            await cursor.execute("BEGIN")
            await cursor.execute("UPDATE conversations SET turns = turns WHERE id = 'b'")

        async def save(who: str) -> None:
            await keeper.save(conversation(who, 2), turn=turn(who, 2))

        async with asyncio.timeout(30):
            results = await asyncio.gather(save("a"), save("b"), save("c"), return_exceptions=True)
        assert isinstance(results[1], RepositoryUnavailable)
        await holder.ensure_closed()
        versions = [await keeper.load(ConversationId(who)) for who in ("a", "c")]
        assert [kept.version for kept in versions if kept is not None] == [2, 2]
        await save("b")
