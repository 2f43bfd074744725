"""A client that reads events as they come, and may hang up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Litestar

from tests.http.envelopes import STREAM, message
from tests.http.raw import JSON


class Reading:
    """One request to the stream and what has come of it so far."""

    def __init__(self, body: bytes) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.complete = False
        self._news = asyncio.Event()
        self._gone = asyncio.Event()
        self._to_come = [body, b""]  # some servers announce the end of a body twice

    async def receive(self) -> Any:
        if self._to_come:
            return {"type": "http.request", "body": self._to_come.pop(0), "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: Any) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            self.headers = {name.decode(): value.decode() for name, value in event["headers"]}
        else:
            assert self.status
            self.body += event["body"]
            self.complete = not event["more_body"]
        self._news.set()

    def hang_up(self) -> None:
        self._gone.set()

    async def until(self, text: str) -> None:
        """Read on until this has come."""
        async with asyncio.timeout(5):
            while text not in self.body.decode():
                self._news.clear()
                await self._news.wait()

    @property
    def events(self) -> list[tuple[str, Any]]:
        """The events so far, by name, with their data; `:` for a comment."""
        found: list[tuple[str, Any]] = []
        for block in self.body.decode().split("\n\n")[:-1]:
            if block.startswith(":"):
                found.append((":", block[1:].strip()))
                continue
            event, data = block.split("\n")
            found.append((event.removeprefix("event: "), msgspec.json.decode(data.removeprefix("data: "))))
        return found

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@asynccontextmanager
async def reading(app: Litestar, *, language: str = "zh", **changes: Any) -> AsyncIterator[Reading]:
    """The request under way; the end of the block waits until it has been served."""
    read = Reading(msgspec.json.encode(message(**changes)))
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": STREAM,
        "raw_path": STREAM.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*JSON, (b"accept-language", language.encode()), (b"x-request-id", b"req-1")],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    serving = asyncio.ensure_future(app(scope, read.receive, read.send))
    yield read
    async with asyncio.timeout(5):
        await serving
