"""`just bench-parts`: the service on MariaDB and Redis beside the service on SQLite and memory.

Both are real `huiyi demo` processes and get the same bookings in turns, on servers that are started for it and stopped
afterwards. Prints what was measured against what it is held to, and leaves with 1 when a bound is missed.

A round trip is a statement or a ping that the database's server answered. Those that a transaction needs store a row or
commit; the others are the price of how it is done. They are counted with one client, so that nobody shares a commit.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

import pytest

from tests.benchmarks.client import Connection, Talk
from tests.benchmarks.counting import ENDS, OTHERS, READS, WRITES, counted, redis_counts, sql_counts, total
from tests.benchmarks.demo import Booked, Demo, demo
from tests.benchmarks.load import BOOKING
from tests.benchmarks.table import Row, show
from tests.servers.mariadb import MariadbServer
from tests.servers.redis import LoneRedis

CPU_BOUND, SPARE_BOUND, HISTORY_BOUND = 1.6, 2.0, 1.2
ROUNDS = 4


class Servers(NamedTuple):
    """What the second service works on."""

    mariadb: MariadbServer
    redis: LoneRedis


class Pair(NamedTuple):
    """The service on this process's parts, and on servers."""

    here: Demo
    there: Demo


def beside(what: str, here: float, there: float, unit: str, bound: float | None = None) -> Row:
    """Two measurements, and how many times the first the second is; `bound` is the most allowed of that."""
    held = bound is None or there / here <= bound
    values = (f"{here:.2f} {unit}", f"{there:.2f} {unit}", f"{there / here:.2f} x")
    return Row((what, *values, "" if bound is None else f"<= {bound:g} x"), held)


def alone(what: str, there: float, unit: str = "", bound: float | None = None) -> Row:
    """A measurement that only servers have."""
    held = bound is None or there <= bound
    return Row((what, "", f"{there:.2f} {unit}".rstrip(), "", "" if bound is None else f"<= {bound:g}"), held)


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Running, empty, each in a folder of its own."""
    for name in ("mariadb", "redis"):
        (folder / name).mkdir()
    redis = LoneRedis(folder / "redis")
    try:
        mariadb = MariadbServer(folder / "mariadb")
        try:
            yield Servers(mariadb, redis)
        finally:
            mariadb.stop()
    finally:
        redis.stop()


@contextmanager
def pair(folder: Path, running: Servers, database: str) -> Iterator[Pair]:
    """Both services, each in a folder of its own."""
    there = {"DATABASE_URL": running.mariadb.url(database), "REDIS_URL": running.redis.url}
    folders = [folder / name for name in ("here", "there")]
    for each in folders:
        each.mkdir()
    with demo(folders[0]) as here, demo(folders[1], **there) as other:
        yield Pair(here, other)


async def load(services: Pair, clients: int, turns: int) -> list[Row]:
    """Bookings from many clients, in short rounds by turns, so that both see the same machine."""
    each = max(1, turns // len(BOOKING) // clients // ROUNDS)
    sides: list[list[Booked]] = [[], []]
    for service in services:
        await service.book(clients, 2)
    for _ in range(ROUNDS):
        for booked, service in zip(sides, services, strict=True):
            booked.append(await service.book(clients, each))
    cpu_here, cpu_there = (mean(round_.cpu for round_ in booked) for booked in sides)
    here, there = (mean(round_.per_second for round_ in booked) for booked in sides)
    return [
        beside("CPU a turn, service and its workers", cpu_here, cpu_there, "ms", CPU_BOUND),
        beside(f"turns a second from {clients} clients", here, there, "/s"),
    ]


async def round_trips(service: Demo, running: Servers, bookings: int) -> list[Row]:
    """What one client's turns ask of the database and of Redis."""
    await service.book(1, 2)
    turns = bookings * len(BOOKING)
    work = partial(service.book, 1, bookings)
    sql = await counted(partial(sql_counts, running.mariadb), work)
    redis = await counted(partial(redis_counts, running.redis), work)
    writes, reads, ends, others = (total(sql, names) / turns for names in (WRITES, READS, ENDS, OTHERS))
    kinds = [(name, total(sql, (name,)) / turns) for name in (*WRITES, *READS, *ENDS, *OTHERS)]
    return [
        alone("SQL: statements that store rows, a turn", writes),
        alone("SQL: commits, a turn", ends),
        alone("SQL: selects, a turn", reads),
        alone("SQL: begins, rollbacks, settings, pings, a turn", others),
        alone("SQL: round trips that no transaction needs, a turn", reads + others, bound=SPARE_BOUND),
        alone("Redis: commands, those in scripts too, a turn", redis.total() / turns),
        *(alone(f"  of the SQL: {name}", count) for name, count in kinds if count),
        *(alone(f"  of Redis: {name}", count / turns) for name, count in redis.most_common() if count > 0),
    ]


async def history(service: Demo, turns: int, rounds: int) -> tuple[float, float]:
    """How long a turn takes in an empty conversation and after so many turns, in milliseconds at the client, p50."""
    connection = await Connection.open(service.port)
    long = Talk(connection, "history")
    for _ in range(turns // len(BOOKING)):
        await _booked(long)
    fresh_ones: list[float] = []
    long_ones: list[float] = []
    for number in range(rounds):
        fresh_ones += await _booked(Talk(connection, f"fresh-{number}"))
        long_ones += await _booked(long)
    await connection.close()
    return median(fresh_ones), median(long_ones)


async def _booked(talk: Talk) -> list[float]:
    answers = [await talk.say(text) for text in BOOKING]
    status = answers[-1][0]["status"]
    if status != "completed":
        raise RuntimeError(f"the booking ended {status}")
    return [took for _, took in answers]


async def histories(services: Pair, turns: int, rounds: int) -> list[Row]:
    """A long conversation against an empty one, on both."""
    rows = []
    for name, service in zip(("SQLite + memory", "MariaDB + Redis"), services, strict=True):
        fresh, long = await history(service, turns, rounds)
        values = (f"{fresh:.2f} ms", f"{long:.2f} ms", f"{long / fresh:.2f} x", f"<= {HISTORY_BOUND:g} x")
        rows.append(Row((f"turn on {name}, p50", *values), long / fresh <= HISTORY_BOUND))
    return rows


async def measured(options: argparse.Namespace, folder: Path) -> bool:
    """Everything, in one run; whether every bound is held."""
    with servers(folder) as running, pair(folder, running, await running.mariadb.fresh()) as services:
        compared = await load(services, options.clients, options.turns)
        asked = await round_trips(services.there, running, options.bookings)
        aged = await histories(services, options.history, options.bookings)
    tables: Sequence[tuple[tuple[str, ...], list[Row]]] = (
        (("", "SQLite + memory", "MariaDB + Redis", "", ""), [*compared, *asked]),
        (("", "empty", f"after {options.history} turns", "", ""), aged),
    )
    shown = [show([Row(head), *rows]) for head, rows in tables]
    return all(shown)


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(prog="just bench-parts", description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--turns", type=int, default=4000, help="turns of the throughput run, on each")
    parser.add_argument("--bookings", type=int, default=60, help="bookings that are counted, and timed")
    parser.add_argument("--history", type=int, default=2000, help="turns of the long conversation")
    with tempfile.TemporaryDirectory() as folder:
        try:
            held = asyncio.run(measured(parser.parse_args(), Path(folder)))
        except pytest.skip.Exception as missing:
            sys.exit(str(missing))
    if not held:
        sys.exit(1)


if __name__ == "__main__":
    main()
