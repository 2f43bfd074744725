"""Runs Alembic on a connection that is open already."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Column, Connection, MetaData, String, Table

from domain.errors import InvalidRequest, RepositoryUnavailable

# As Alembic would make it, but for the name of the primary key: MySQL has none, and warns.
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def alembic_config(connection: Connection | None = None) -> Config:
    """A configuration made here: no alembic.ini is read and logging is left alone."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revisions() -> tuple[str, ...]:
    """Every revision of this release, the oldest first."""
    newest_first = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return tuple(script.revision for script in newest_first)[::-1]


def run_migrations(connection: Connection) -> None:
    """Upgrade to the newest revision inside the caller's transaction.

    Raises RepositoryUnavailable for tables of a revision that this release does not know.
    """
    _VERSION.create(connection, checkfirst=True)
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise RepositoryUnavailable(f"the tables were made by another release: {error}") from error


def take_back(connection: Connection, revision: str) -> None:
    """Downgrade to an earlier revision (`-1` is the one before, `base` none) inside the caller's transaction.

    Raises InvalidRequest for a revision that is none, or not an earlier one.
    """
    try:
        command.downgrade(alembic_config(connection), revision)
    except CommandError as error:
        raise InvalidRequest(f"the tables stay as they are: {error}") from error
