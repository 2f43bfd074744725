"""Brings the tables up to date."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Connection, String, column, inspect, select, table, text

from domain.errors import RepositoryUnavailable

T = TypeVar("T")

_HEAD = "0001"
# For this database only: a server's names of locks are for all of its databases. It is held until the connection ends.
_LOCK = text("SELECT GET_LOCK(CONCAT('huiyi ', SHA1(DATABASE())), 300)")
_STAMP = select(column("version_num", String)).select_from(table("alembic_version"))


class Storage(Protocol):
    """The two ways into a database that upgrading needs."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection."""

    async def alone(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which may take minutes, in a transaction, at a server on a connection that then ends."""


def head_revision() -> str:
    """The revision that this release works with. Needs no database."""
    return _HEAD


async def current_revision(database: Storage) -> str | None:
    """The revision of the database, None for an empty one. Raises RepositoryUnavailable."""
    return await database.read(_stamp)


async def upgrade(database: Storage) -> None:
    """Run the migrations that are missing; several processes may do so at once. Raises RepositoryUnavailable."""
    await database.alone(partial(_locked, work=_run_missing))


async def downgrade(database: Storage, revision: str) -> None:
    """Take migrations back to an earlier revision, `-1` for the last one alone and `base` for all.

    What the tables of a later one hold is lost. Raises InvalidRequest for a revision that is none or no earlier one,
    RepositoryUnavailable.
    """
    from adapters.sql.migrations.running import take_back  # noqa: PLC0415 - Alembic takes about 0.1 s to import

    await database.alone(partial(_locked, work=partial(take_back, revision=revision)))


async def upgrade_if_behind(database: Storage) -> None:
    """Like `upgrade`, and quick when there is nothing to do."""
    if await current_revision(database) != _HEAD:
        await upgrade(database)


def _stamp(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(_STAMP).scalar_one_or_none()


def _locked(connection: Connection, *, work: Callable[[Connection], None]) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver would begin later, after the look at the stamp
        work(connection)
        return
    # A server commits each change of a table by itself, so the transaction keeps nobody else out.
    if connection.execute(_LOCK).scalar_one() != 1:
        raise RepositoryUnavailable("another process has been changing the tables for minutes")
    work(connection)


def _run_missing(connection: Connection) -> None:
    if _stamp(connection) == _HEAD:
        return
    # Alembic takes about 0.1 s to import; only a database that is behind should pay for it.
    from adapters.sql.migrations.running import run_migrations  # noqa: PLC0415 - see the line above

    run_migrations(connection)
