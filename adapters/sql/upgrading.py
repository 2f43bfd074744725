"""Brings the tables up to date."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection, String, column, inspect, select, table

T = TypeVar("T")

_HEAD = "0001"
_STAMP = select(column("version_num", String)).select_from(table("alembic_version"))


class Storage(Protocol):
    """The two ways into a database that upgrading needs."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction."""


def head_revision() -> str:
    """The revision that this release works with. Needs no database."""
    return _HEAD


async def current_revision(database: Storage) -> str | None:
    """The revision of the database, None for an empty one. Raises RepositoryUnavailable."""
    return await database.read(_stamp)


async def upgrade(database: Storage) -> None:
    """Run the migrations that are missing; several processes may do so at once. Raises RepositoryUnavailable."""
    await database.write(_upgrade)


async def upgrade_if_behind(database: Storage) -> None:
    """Like `upgrade`, and quick when there is nothing to do."""
    if await current_revision(database) != _HEAD:
        await upgrade(database)


def _stamp(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(_STAMP).scalar_one_or_none()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver would begin later, after the look at the stamp
    if _stamp(connection) == _HEAD:
        return
    # Alembic takes about 0.1 s to import; only a database that is behind should pay for it.
    from adapters.sql.migrations.running import run_migrations  # noqa: PLC0415 - see the line above

    run_migrations(connection)
