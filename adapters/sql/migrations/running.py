"""Runs Alembic on a connection that is open already."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def alembic_config(connection: Connection | None = None) -> Config:
    """A configuration made here: no alembic.ini is read and logging is left alone."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def run_migrations(connection: Connection) -> None:
    """Upgrade to the newest revision inside the caller's transaction."""
    command.upgrade(alembic_config(connection), "head")
