"""Owns the connections."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import stamina
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from adapters.sql.translation import translated
from adapters.sql.upgrading import upgrade_if_behind
from domain.errors import RepositoryUnavailable

T = TypeVar("T")
Work = Callable[[Connection], T]
Synchronous = Literal["NORMAL", "FULL"]

_TRIES = 6
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+asyncmy", "mariadb": "mariadb+asyncmy"}


class Database:
    """A database by URL (`sqlite:///path`, `mysql://…`, `mariadb://…`), open inside the `async with` block.

    `migrate` brings the tables up to date on entry. `connections` bounds readers, and writers too where the engine
    takes several; SQLite takes one. `patience` is how long, in seconds, to wait for a connection or for another
    process to finish writing. `synchronous` is SQLite's: under NORMAL a crash of the process loses nothing and a
    crash of the machine may lose the last commits; FULL survives both and pays a flush for each commit.
    """

    def __init__(
        self,
        url: str,
        *,
        migrate: bool = True,
        connections: int = 4,
        patience: float = 5.0,
        synchronous: Synchronous = "NORMAL",
    ) -> None:
        parsed = make_url(url)
        self._url = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
        self._is_sqlite = parsed.get_backend_name() == "sqlite"
        self._migrate = migrate
        self._connections = connections
        self._patience = patience
        self._synchronous = synchronous
        self.writers = 1 if self._is_sqlite else connections
        self._gate = asyncio.Semaphore(self.writers)
        self._running: set[asyncio.Task[Any]] = set()  # what each of them gives back is its caller's affair
        self._reading: AsyncEngine | None = None
        self._writing: AsyncEngine | None = None

    async def __aenter__(self) -> Self:
        # Reads run in autocommit: no transaction to begin and roll back, which is most of a short read's cost.
        self._reading = self._engine(self._connections, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
        self._writing = self._engine(self.writers)
        try:
            if self._migrate:
                await self._upgrade()
        except BaseException:
            await self._close()
            raise
        return self

    async def _upgrade(self) -> None:
        """Bring the tables up to date. While another process makes a SQLite file, it is locked without any waiting."""
        tries = _TRIES if self._is_sqlite else 1
        async for attempt in stamina.retry_context(on=RepositoryUnavailable, attempts=tries, timeout=self._patience):
            with attempt:
                await upgrade_if_behind(self)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._running:
            await asyncio.wait(self._running)
        await self._close()

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a connection that sees what is committed; RepositoryUnavailable when that fails."""
        with translated():
            async with _opened(self._reading).connect() as connection:
                return await connection.run_sync(work)

    async def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction, committed when this returns and rolled back when `work` raises.

        A cancelled caller leaves at once; the transaction still ends by itself, one way or the other.
        RowsRefused or RepositoryUnavailable when it fails.
        """
        return await asyncio.shield(self.start(self._transaction(work)))

    def start(self, job: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Run a job that the end of the `async with` block waits for."""
        task = asyncio.create_task(job)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _transaction(self, work: Work[T]) -> T:
        with translated():
            async with self._gate, _opened(self._writing).begin() as connection:
                return await connection.run_sync(work)

    async def _close(self) -> None:
        for engine in (self._reading, self._writing):
            await _opened(engine).dispose()
        self._reading = self._writing = None

    def _engine(self, size: int, **options: object) -> AsyncEngine:
        """An engine whose errors never show parameters, which are people's words."""
        lasting = {"pool_size": size, "max_overflow": 0, "pool_timeout": self._patience, "hide_parameters": True}
        if not self._is_sqlite:
            return create_async_engine(self._url, pool_pre_ping=True, **lasting, **options)
        # Every transaction is ended explicitly, so that handing a connection back needs no rollback.
        waiting = {"connect_args": {"timeout": self._patience}, "pool_reset_on_return": None}
        engine = create_async_engine(self._url, **lasting, **waiting, **options)
        event.listen(engine.sync_engine, "connect", self._prepare)
        return engine

    def _prepare(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for setting in ("journal_mode = WAL", f"synchronous = {self._synchronous}", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()


def _opened(engine: AsyncEngine | None) -> AsyncEngine:
    if engine is None:
        raise RepositoryUnavailable("the storage is closed")
    return engine
