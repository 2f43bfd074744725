"""The way to a real Xinference, for the contracts of what is asked of it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import pytest

CHAT, EMBEDDING = (os.environ.get(f"HUIYI_XINFERENCE_{kind}", kind.lower()) for kind in ("CHAT", "EMBEDDING"))
"""The models' names there."""


class Road:
    """A way on which everything takes `seconds` longer, each time anew."""

    def __init__(self, url: str, seconds: float) -> None:
        self.url = url
        self.seconds = seconds


@asynccontextmanager
async def road_to_xinference(seconds: float = 0.0) -> AsyncIterator[Road]:
    """The server that HUIYI_XINFERENCE_URL names, at a distance; the test is skipped where it names none."""
    url = os.environ.get("HUIYI_XINFERENCE_URL", "")
    if not url:
        pytest.skip("HUIYI_XINFERENCE_URL names no server; `just test-xinference` starts one")
    place = urlsplit(url)
    travellers: set[asyncio.Task[None]] = set()

    async def accompany(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        travellers.add(task)
        with suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection(place.hostname, place.port)
            with suppress(OSError):
                await asyncio.gather(_carry(reader, back, road), _carry(there, writer, None))
        writer.close()
        travellers.discard(task)

    server = await asyncio.start_server(accompany, "127.0.0.1", 0)
    road = Road(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seconds)
    try:
        yield road
    finally:
        server.close()
        for task in tuple(travellers):
            task.cancel()
        await asyncio.gather(*travellers, return_exceptions=True)
        await server.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, road: Road | None) -> None:
    """Bytes from one side to the other; when one side hangs up, so does the other."""
    try:
        while data := await reader.read(1 << 16):
            if road is not None and road.seconds:
                await asyncio.sleep(road.seconds)
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
