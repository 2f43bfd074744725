"""Engines that keep things, for the suites of conversations, invocations and catalogues.

A suite sees a `Store` and not the engine. Set HUIYI_TEST_DATABASE_URL to run the suites on another server as well.
On a server every test begins with empty tables.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy

from adapters.caching.conversations import CachedConversations
from adapters.memory.cache import MemoryCache
from adapters.sql.catalogues import SqlCatalogues
from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from adapters.sql.invocations import SqlInvocations
from adapters.sql.schema import metadata
from domain.ports.catalogues import Catalogues
from domain.ports.conversations import Conversations
from domain.ports.invocations import Invocations


@dataclass(frozen=True)
class Store:
    """One process's view of a storage. `replica` gives another's; `break_down` makes the storage fail for all."""

    conversations: Conversations
    invocations: Invocations
    catalogues: Catalogues
    replica: Callable[[], Awaitable["Store"]]
    break_down: Callable[[], Awaitable[None]]


SERVER = os.environ.get("HUIYI_TEST_DATABASE_URL", "")
PLAIN = ["sqlite", "mariadb", *(["server"] if SERVER else [])]
ENGINES = [*PLAIN, *(f"{engine}, cached" for engine in PLAIN)]


@asynccontextmanager
async def opened(engine: str, folder: Path, *, request: pytest.FixtureRequest | None = None) -> AsyncIterator[Store]:
    """A fresh, empty store; `request` is for engines that run as servers of the tests."""
    engine, _, cached = engine.partition(", ")
    url = await _place(engine, folder, request)
    async with AsyncExitStack() as stack:

        async def store() -> Store:
            database = await stack.enter_async_context(Database(url))
            kept: Conversations = SqlConversations(database)
            if cached:
                kept = CachedConversations(kept, MemoryCache())

            async def break_down() -> None:
                await _rename_tables(database, "{}", "{}_hidden")
                stack.push_async_callback(_rename_tables, database, "{}_hidden", "{}")

            return Store(kept, SqlInvocations(database), SqlCatalogues(database), store, break_down)

        first = await store()
        if engine != "sqlite":
            await _empty(url)
        yield first


async def _place(engine: str, folder: Path, request: pytest.FixtureRequest | None) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder / 'store.db'}"
    if engine == "server":
        return SERVER
    assert request is not None
    mariadb = request.getfixturevalue("mariadb")
    await mariadb.tell("CREATE DATABASE IF NOT EXISTS contracts")
    return str(mariadb.url("contracts"))


async def _rename_tables(database: Database, before: str, after: str) -> None:
    def rename(connection: sqlalchemy.Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            names = before.format(table.name), after.format(table.name)
            connection.exec_driver_sql("ALTER TABLE {} RENAME TO {}".format(*names))

    await database.write(rename)


async def _empty(url: str) -> None:
    def delete(connection: sqlalchemy.Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sqlalchemy.delete(table))

    async with Database(url) as database:
        await database.write(delete)
