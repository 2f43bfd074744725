"""The real Duckling engine behind the HTTP form of its example server."""

import asyncio
import atexit
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl

from tests.doubles.loopback import Incoming, Wire, loopback

WORKER = Path(__file__).with_name("duckling_worker.py")
FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 1 << 20


class Worker:
    """A process with the engine. Blocking, for threads; processes outlive event loops and are used again."""

    spare: ClassVar[list["Worker"]] = []

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"LC_ALL": "C.UTF-8"}
        )
        atexit.register(self.end)
        self._read()

    @classmethod
    def ready(cls) -> "Worker":
        return cls.spare.pop() if cls.spare else cls()

    def ask(self, fields: dict[str, str]) -> bytes:
        """What the engine prints; nothing when it has ended meanwhile."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(fields).encode() + b"\n")
            self._process.stdin.flush()
        return self._read()

    def end(self) -> None:
        atexit.unregister(self.end)
        self._process.kill()
        with suppress(BrokenPipeError), self._process:
            pass
        self._process.wait()

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@dataclass
class DucklingDouble:
    """Answers `/parse` with the engine, or what a test puts into `says` (raw bytes, to be sent as they are).

    A text may take `seconds`; its process is then killed and another takes its place. `asked` holds the forms that
    came in.
    """

    url: str = ""
    seconds: float = 10.0
    pause: float = 0.0
    says: bytes | None = None
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)

    async def handle(self, request: Incoming, wire: Wire) -> bool:
        if (request.method, request.target) == ("GET", "/"):
            await wire.answer(200, b"quack!", "text/plain")
        elif (request.method, request.target) == ("GET", "/targets"):
            await wire.answer(200, b'{"en": [], "zh": []}')
        elif (request.method, request.target) == ("POST", "/parse"):
            return await self._parse(request, wire)
        else:
            await wire.answer(404, b"", "text/plain")
        return True

    async def _parse(self, request: Incoming, wire: Wire) -> bool:
        if len(request.body) > MOST_BYTES:
            return False
        is_form = request.headers.get("content-type", "").partition(";")[0] == FORM
        try:
            fields = dict(parse_qsl(request.body.decode(), True, errors="strict")) if is_form else {}
            int(fields.get("reftime", "0"))
        except ValueError:  # the answer is made while it is sent, so that these come too late for a status
            await wire.head(200, Content_Type="application/json", Transfer_Encoding="chunked")
            return False
        self.asked.append(fields)
        if "text" not in fields:
            await wire.answer(422, b"Need a 'text' parameter to parse")
            return True
        if self.pause and await wire.left_within(self.pause):
            return False
        body = self.says if self.says is not None else await self._entities(fields, wire)
        if body is None:
            return False
        await wire.head(self.status, Content_Type="application/json", Transfer_Encoding="chunked")
        if body:
            await wire.chunk(body)
        await wire.chunk(b"")
        return True

    async def _entities(self, fields: dict[str, str], wire: Wire) -> bytes | None:
        """None when it takes too long, or the caller hangs up: the real server goes on, which only costs time here."""
        worker = await asyncio.to_thread(Worker.ready)
        reading = asyncio.ensure_future(asyncio.to_thread(worker.ask, fields))
        leaving = asyncio.ensure_future(wire.left_within(self.seconds))
        answered = False
        try:
            await asyncio.wait([reading, leaving], return_when=asyncio.FIRST_COMPLETED)
            answered = reading.done() and reading.result() != b""
            return reading.result() if answered else None
        finally:
            leaving.cancel()
            if answered:
                Worker.spare.append(worker)
            else:
                worker.end()
                Worker.spare.append(await asyncio.to_thread(Worker))
            await asyncio.gather(reading, leaving, return_exceptions=True)


@asynccontextmanager
async def duckling_server() -> AsyncIterator[DucklingDouble]:
    """A running server; an engine is ready when it begins."""
    Worker.spare.append(await asyncio.to_thread(Worker.ready))
    double = DucklingDouble()
    async with loopback(double.handle) as double.url:
        yield double
