"""What there is to say and to do about the tables of the database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import typer

from adapters.cli.plain_text import harmless
from adapters.cli.runtime import Runtime, Tables
from domain.errors import InvalidRequest

T = TypeVar("T")

ONE_BACK: Final = "-1"
NONE: Final = "none"


def tell_status(runtime: Runtime, *, env_file: Path | None) -> bool:
    """Show where the tables are, their revision and this release's, and what to do; True when the two are equal."""

    async def tell(tables: Tables) -> bool:
        current, known = await tables.current(), tables.revisions
        for label, value in (("database", tables.place), ("current", current or NONE), ("head", known[-1])):
            typer.echo(f"{label:8}  {harmless(value)}")
        typer.echo(_verdict(current, known))
        return current == known[-1]

    return _with_tables(runtime, env_file, tell)


def upgrade(runtime: Runtime, *, env_file: Path | None) -> None:
    """Bring the tables up to date, and say from where to where."""

    async def work(tables: Tables) -> None:
        before = await tables.current()
        await tables.upgrade()
        typer.echo(_change(tables, before, await tables.current()))

    _with_tables(runtime, env_file, work)


def downgrade(runtime: Runtime, revision: str | None, *, sure: bool, env_file: Path | None) -> None:
    """Take the tables back to a revision, or by one, and say from where to where.

    Raises InvalidRequest, before anything is opened, when the user is not sure.
    """
    if not sure:
        raise InvalidRequest("a downgrade may lose data: stop the services, make a backup, then say it with --yes")

    async def work(tables: Tables) -> None:
        before = await tables.current()
        if before is not None:
            await tables.downgrade(revision or ONE_BACK)
        typer.echo(_change(tables, before, await tables.current()))

    _with_tables(runtime, env_file, work)


def _with_tables(runtime: Runtime, env_file: Path | None, work: Callable[[Tables], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with runtime.storing(env_file=env_file) as tables:
            return await work(tables)

    return asyncio.run(opened())


def _verdict(current: str | None, known: Sequence[str]) -> str:
    if current == known[-1]:
        return "ok: the tables are those of this release"
    if current is None:
        return "empty: huiyi db upgrade makes the tables, and so does the next start"
    if current in known:
        return "behind: huiyi db upgrade brings the tables up to date, and so does the next start"
    return "unknown: another release made the tables; use that one, or let that one take them back (huiyi db downgrade)"


def _change(tables: Tables, before: str | None, after: str | None) -> str:
    place = f"the tables of {harmless(tables.place)}"
    if before == after:
        return f"ok: nothing to do, {place} are at {after or NONE}"
    return f"ok: {place} went from {before or NONE} to {after or NONE}"
