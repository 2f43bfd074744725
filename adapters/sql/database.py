"""Owns the connections."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.sql.engines import Synchronous, engines, lone_engine, place_of, writers
from adapters.sql.translation import Contended, translated
from adapters.sql.upgrading import upgrade_if_behind
from adapters.sql.waiting import outcome
from domain.errors import RepositoryUnavailable

T = TypeVar("T")
Work = Callable[[Connection], T]

_ATTEMPTS = 4


class Database:
    """A database by URL (`sqlite:///path`, `mysql://…`, `mariadb://…`), open inside the `async with` block.

    A server is spoken to through TLS when the URL says whom to trust (`?ssl_ca=/path/ca.pem`). `migrate` brings the
    tables up to date on entry. `patience` is how long, in seconds, to wait for a connection or for another process
    to finish writing; from a server no answer takes longer, whatever has become of it. `synchronous` is SQLite's: under
    NORMAL a crash of the process loses nothing and a crash of the machine may lose the last commits; FULL survives
    both and pays a flush for each commit.
    """

    def __init__(
        self, url: str, *, migrate: bool = True, patience: float = 5.0, synchronous: Synchronous = "NORMAL"
    ) -> None:
        self._place = place_of(url)
        self._migrate = migrate
        self._patience = patience
        self._synchronous = synchronous
        # A file answers when its disk does, and a thread that waits for it cannot be called back.
        self._limit = None if self._place.is_sqlite else patience
        self.writers = writers(self._place)
        self._gate = asyncio.Semaphore(self.writers)
        self._running: set[asyncio.Task[Any]] = set()  # what each of them gives back is its caller's affair
        self._reading: AsyncEngine | None = None
        self._writing: AsyncEngine | None = None

    async def __aenter__(self) -> Self:
        self._reading, self._writing = engines(self._place, patience=self._patience, synchronous=self._synchronous)
        try:
            if self._migrate:
                await upgrade_if_behind(self)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._running:
            await asyncio.wait(self._running)
        await self._close()

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a connection that sees what is committed; RepositoryUnavailable when that fails."""
        look = self._look(work)
        if self._limit is None:
            return await look
        return await outcome(self.start(look), within=self._limit, leaving_ends_it=True)

    async def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction, committed when this returns and rolled back when `work` raises.

        `work` runs again when the server undid the transaction for the sake of others. A cancelled caller leaves at
        once; the transaction still ends by itself, one way or the other. RowsRefused or RepositoryUnavailable when it
        fails, or when it is not known whether it did.
        """
        task = self.start(self._transaction(work))
        return await outcome(task, within=self._limit, leaving_ends_it=False)

    async def alone(self, work: Work[T]) -> T:
        """Like `write`, for work that may take minutes; at a server on a connection that then ends."""
        if self._place.is_sqlite:
            return await self.write(work)
        engine = lone_engine(self._place)
        try:
            with translated():
                async with engine.begin() as connection:
                    return await connection.run_sync(work)
        finally:
            await engine.dispose()

    def start(self, job: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Run a job that the end of the `async with` block waits for."""
        task = asyncio.create_task(job)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _look(self, work: Work[T]) -> T:
        with translated():
            async with _opened(self._reading).connect() as connection:
                return await connection.run_sync(work)

    async def _transaction(self, work: Work[T]) -> T:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._attempt(work)
            except Contended:
                continue
        return await self._attempt(work)

    async def _attempt(self, work: Work[T]) -> T:
        with translated():
            async with self._gate, _opened(self._writing).begin() as connection:
                return await connection.run_sync(work)

    async def _close(self) -> None:
        for engine in (self._reading, self._writing):
            await _opened(engine).dispose()
        self._reading = self._writing = None


def _opened(engine: AsyncEngine | None) -> AsyncEngine:
    if engine is None:
        raise RepositoryUnavailable("the storage is closed")
    return engine
