"""What the service is given to do."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.benchmarks.client import Connection, Talk

BOOKING = ("我打算坐飞机出门，帮忙看看", "北京", "上海", "后天", "确认")
"""The first turn is embedded, the others are read in context; the last one calls the business API."""


async def rate(clients: int, each: int, work: Callable[[Connection, int], Awaitable[None]], port: int) -> float:
    """Rounds of `work` a second, from so many connections at once."""
    connections = [await Connection.open(port) for _ in range(clients)]

    async def one(number: int, connection: Connection) -> None:
        for turn in range(each):
            await work(connection, number * each + turn)

    began = time.perf_counter()
    await asyncio.gather(*(one(number, connection) for number, connection in enumerate(connections)))
    took = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    return clients * each / took


async def booking(connection: Connection, number: int) -> None:
    """A whole booking."""
    talk = Talk(connection, f"user-{number}")
    for text in BOOKING:
        data, _ = await talk.say(text)
    if data["status"] != "completed":
        raise RuntimeError(f"the booking ended {data['status']}: {data['response']}")
