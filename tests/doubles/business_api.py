"""A business API on a free loopback port that behaves, and misbehaves, as a test says."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Behaviour:
    """What the API does with one request.

    `executes` says whether the request has its effect. `breaks` says how the exchange goes wrong: no answer at all, a
    closed connection before or in the middle of the answer.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    executes: bool = True
    breaks: Literal["hangs", "drops", "stops halfway", "drips"] | None = None


def answer(status: int = 200, fields: object = None, *, executes: bool | None = None, **headers: str) -> Behaviour:
    """A whole answer with a JSON body; 2xx answers have their effect unless said otherwise."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    body = json.dumps({} if fields is None else fields).encode()
    return Behaviour(status, body, named, status < 300 if executes is None else executes)


HANGS = Behaviour(breaks="hangs")
DROPS = Behaviour(breaks="drops")
STOPS_HALFWAY = Behaviour(body=b'{"order_id": "FL1"}' * 9, breaks="stops halfway")
DRIPS = Behaviour(body=b'{"order_id": "FL1"}' * 9, breaks="drips")


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The Idempotency-Key, empty when there was none."""
        return self.headers.get("idempotency-key", "")


@dataclass
class BusinessApi:
    """Plays its behaviours one after the other; the last one goes on for ever.

    `executions` counts effects by key. A key seen before has no further effect, as the API of an idempotent function
    is expected to do.
    """

    port: int = 0
    script: list[Behaviour] = field(default_factory=lambda: [answer()])
    received: list[Received] = field(default_factory=list)
    executions: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plays(self, *behaviours: Behaviour) -> None:
        self.script = list(behaviours)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await _request(reader)
        self.received.append(request)
        behaviour = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if behaviour.executes and request.key not in self.executions:
            self.executions[request.key] += 1
        if behaviour.breaks == "hangs":
            await asyncio.sleep(60)
        if behaviour.breaks in ("hangs", "drops"):
            return False
        await _respond(writer, behaviour)
        return behaviour.breaks is None


async def _request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)


async def _respond(writer: asyncio.StreamWriter, behaviour: Behaviour) -> None:
    lines = [f"HTTP/1.1 {behaviour.status} Whatever", f"Content-Length: {len(behaviour.body)}"]
    lines += [f"{name}: {value}" for name, value in behaviour.headers]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    if behaviour.breaks == "drips":
        for byte in behaviour.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)
    halfway = len(behaviour.body) // 2 if behaviour.breaks == "stops halfway" else None
    writer.write(behaviour.body[:halfway])
    await writer.drain()


@asynccontextmanager
async def business_api() -> AsyncIterator[BusinessApi]:
    """A running API."""
    api = BusinessApi()
    connections: set[asyncio.Task[None]] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with suppress(asyncio.CancelledError):
            await api.serve(reader, writer)
        connections.discard(task)

    server = await asyncio.start_server(served, "127.0.0.1", 0, limit=1 << 22)
    api.port = server.sockets[0].getsockname()[1]
    try:
        yield api
    finally:
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


async def nobody_listens() -> str:
    """An address on which every connection is refused."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return f"http://127.0.0.1:{port}"
