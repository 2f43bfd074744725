"""`just bench`: the service beside a bare echo on the same machine in the same run.

Prints what was measured against what it is held to, and leaves with 1 when a bound is missed. Absolute times are this
machine's; the ratio to the echo travels.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from statistics import mean, median

from tests.benchmarks.client import Connection, Talk
from tests.benchmarks.demo import DEMO_API, Demo, demo
from tests.benchmarks.load import BOOKING, rate
from tests.benchmarks.processes import free_port, granian, running
from tests.benchmarks.table import Row, row, show

EMBEDDED = (
    "我打算坐飞机出门，帮忙看看",
    "想买高铁车票回老家",
    "看看我卡里还剩多少钱",
    "给我找个住的地方",
    "我想把钱转给朋友",
)
ECHO_BODY = json.dumps(
    {"user_id": "u-1", "input": "我想订一张明天从北京到上海的机票", "session_id": "5b0d" * 8}
).encode()


async def latencies(port: int) -> list[Row]:
    """One client: how long a turn takes, from sending to having the answer, the save included."""
    connection = await Connection.open(port)
    context: list[float] = []
    embedded: list[float] = []
    served: list[float] = []
    for number in range(60):
        talk = Talk(connection, f"latency-{number}")
        for text in BOOKING[:4]:
            data, took = await talk.say(text)
            served.append(float(data["processing_time_ms"]))
            (context if data["tier"] == "context" else embedded).append(took)
    for number in range(40):
        text = f"{EMBEDDED[number % len(EMBEDDED)]}{'啊' * (number // len(EMBEDDED))}"
        data, took = await Talk(connection, f"embedded-{number}").say(text)
        embedded.append(took)
    await connection.close()
    return [
        row("turn read in context, p50 at the client", median(context), "ms", 3),
        row("turn that embeds, p50 at the client", median(embedded), "ms", 8),
        row("service time as the reply tells it, p50", median(served), "ms"),
        row("service time as the reply tells it, mean", mean(served), "ms"),
    ]


async def echoed(connection: Connection, _number: int) -> None:
    """One echo."""
    await connection.post("/echo", ECHO_BODY)


async def throughput(service: Demo, clients: int, turns: int) -> tuple[list[Row], float]:
    """Bookings from many clients."""
    await service.book(clients, 2)
    booked = await service.book(clients, max(1, turns // len(BOOKING) // clients))
    return [
        row(f"turns a second from {clients} clients", booked.per_second, "/s", 400, least=True),
        row("CPU a turn, service and its workers", booked.cpu, "ms", 3),
    ], booked.cpu


async def memory(service: Demo, turns: int) -> list[Row]:
    """Resident memory, and how it grows over many turns."""
    sizes = [service.tree.rss_megabytes(without=DEMO_API)]
    for _ in range(2):
        await service.book(8, turns // len(BOOKING) // 8)
        sizes.append(service.tree.rss_megabytes(without=DEMO_API))
    before, middle, after = sizes
    return [
        row("resident memory, all processes of the service", after, "MB", 450),
        row(f"growth over the first {turns} turns", middle - before, "MB"),
        row(f"growth over the next {turns} turns", after - middle, "MB", 10),
    ]


async def echo_cost(clients: int) -> tuple[list[Row], float]:
    """The bare echo under the same load."""
    port = free_port()
    with running(granian("tests.benchmarks.echo:app", port), f"http://127.0.0.1:{port}/") as server:
        await rate(clients, 50, echoed, port)
        before = server.cpu_seconds()
        per_second = await rate(clients, 500, echoed, port)
        cpu = (server.cpu_seconds() - before) * 1000 / (clients * 500)
    return [
        row("bare echo, requests a second", per_second, "/s"),
        row("bare echo, CPU a request", cpu, "ms"),
    ], cpu


async def measured(options: argparse.Namespace) -> list[Row]:
    """Everything, in one run."""
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as service:
        rows = [row("start, command to first answer", service.tree.started, "s", 3)]
        rows += await latencies(service.port)
        load, own = await throughput(service, options.clients, options.turns)
        rows += load + await memory(service, options.memory_turns)
    beside, bare = await echo_cost(options.clients)
    return [*rows, *beside, row("CPU of a turn, in echoes", own / bare, "x")]


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(prog="just bench", description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--turns", type=int, default=4000, help="turns of the throughput run")
    parser.add_argument("--memory-turns", type=int, default=10_000, help="turns in each half of the memory run")
    if not show(asyncio.run(measured(parser.parse_args()))):
        sys.exit(1)


if __name__ == "__main__":
    main()
