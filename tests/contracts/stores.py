"""Engines that keep things, for the suites of conversations, invocations and catalogues.

A suite sees a `Store` and not the engine. Set HUIYI_TEST_DATABASE_URL to run the suites on a server as well; every
test then begins with empty tables.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

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
PLAIN = ["sqlite", *(["server"] if SERVER else [])]
ENGINES = [*PLAIN, *(f"{engine}, cached" for engine in PLAIN)]


@asynccontextmanager
async def opened(engine: str, folder: Path) -> AsyncIterator[Store]:
    """A fresh, empty store."""
    url = SERVER if engine.startswith("server") else f"sqlite:///{folder / 'store.db'}"
    async with AsyncExitStack() as stack:

        async def store() -> Store:
            database = await stack.enter_async_context(Database(url))
            kept: Conversations = SqlConversations(database)
            if engine.endswith("cached"):
                kept = CachedConversations(kept, MemoryCache())
            return Store(kept, SqlInvocations(database), SqlCatalogues(database), store, lambda: _hide_tables(database))

        first = await store()
        if engine.startswith("server"):
            await _empty(url)
        yield first


async def _hide_tables(database: Database) -> None:
    def rename(connection: sqlalchemy.Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {table.name}_hidden")

    await database.write(rename)


async def _empty(url: str) -> None:
    def delete(connection: sqlalchemy.Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sqlalchemy.delete(table))

    async with Database(url) as database:
        await database.write(delete)
