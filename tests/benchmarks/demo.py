"""A `huiyi demo` under measurement, as a process of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.load import BOOKING, booking, rate
from tests.benchmarks.processes import Tree, free_port, running

DEMO_API = "demo_api"
"""What the business API's process is left out of sums by."""


class Booked(NamedTuple):
    """What bookings came to: turns a second, and milliseconds of CPU a turn of the service and its workers."""

    turns: int
    per_second: float
    cpu: float


class Demo(NamedTuple):
    """Where it listens, and its processes."""

    port: int
    tree: Tree

    async def book(self, clients: int, each: int) -> Booked:
        """So many bookings of each of so many clients, every turn stored."""
        before = self.tree.cpu_seconds(without=DEMO_API)
        bookings = await rate(clients, each, booking, self.port)
        turns = clients * each * len(BOOKING)
        cpu = self.tree.cpu_seconds(without=DEMO_API) - before
        return Booked(turns, bookings * len(BOOKING), cpu * 1000 / turns)


@contextmanager
def demo(folder: Path, **environment: str) -> Iterator[Demo]:
    """The demo while it runs in `folder`, with settings of its own."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("huiyi")), "demo", "--port", str(port)]
    url = f"http://127.0.0.1:{port}/health/ready"
    with running(command, url, folder=folder, LOG_LEVEL="WARNING", **environment) as tree:
        yield Demo(port, tree)
