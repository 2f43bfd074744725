"""What the RAGFlow double says and hears, in the bytes of HTTP."""

import asyncio
import json
from dataclasses import dataclass
from typing import Literal

Fields = dict[str, object]

_DOORS = ("sessions", "completions", "retrieval", "chats", "datasets")


@dataclass(frozen=True)
class Reply:
    """A whole answer: an object for JSON, or a text as it is."""

    body: object
    status: int = 200
    kind: str = "application/json"

    @property
    def encoded(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Stream:
    """A stream of events: an object for JSON, or a text as it is.

    `breaks` says what happens after them: the connection is closed in mid-stream, or nothing more comes. `pause` is
    the seconds before each.
    """

    events: tuple[object, ...]
    breaks: Literal["drops", "hangs"] | None = None
    pause: float = 0.0


@dataclass(frozen=True)
class Trouble:
    """No answer: the connection is closed, or nothing comes."""

    breaks: Literal["drops", "hangs"]


DROPS = Trouble("drops")
HANGS = Trouble("hangs")
Played = Reply | Stream | Trouble


def failure(code: int, message: str = "", *, status: int = 200, **more: object) -> Reply:
    """The envelope of a failure, by default under HTTP 200 as RAGFlow likes it."""
    return Reply({"code": code, "message": message, **more}, status)


def events(*contents: object, end: bool = True, breaks: Literal["drops", "hangs"] | None = None) -> Stream:
    """A stream of these contents of `data`, each in its envelope, and the event that ends it."""
    wrapped = [{"code": 0, "message": "", "data": content} for content in contents]
    return Stream((*wrapped, *([{"code": 0, "message": "", "data": True}] if end else [])), breaks)


@dataclass(frozen=True)
class Received:
    """A request as it came in. `name` says which of the double's doors it came to."""

    name: str
    method: str
    target: str
    headers: dict[str, str]
    body: Fields


async def play(writer: asyncio.StreamWriter, played: Played) -> bool:
    """Send it; whether the connection goes on."""
    if isinstance(played, Reply):
        await _respond(writer, played)
        return True
    if isinstance(played, Stream):
        await _stream(writer, played)
    if played.breaks == "hangs":
        await asyncio.sleep(60)
    return played.breaks is None


async def read_request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path = target.partition("?")[0].removeprefix("/api/v1/")
    name = next((part for part in reversed(path.split("/")) if part in _DOORS), "")
    return Received(name, method, target, headers, json.loads(body) if body else {})


async def _respond(writer: asyncio.StreamWriter, reply: Reply) -> None:
    body = reply.encoded
    head = f"HTTP/1.1 {reply.status} Whatever\r\nContent-Type: {reply.kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _stream(writer: asyncio.StreamWriter, stream: Stream) -> None:
    kind = "Content-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(f"HTTP/1.1 200 OK\r\n{kind}".encode())
    for event in stream.events:
        if stream.pause:
            await asyncio.sleep(stream.pause)
        line = event if isinstance(event, str) else f"data:{json.dumps(event, ensure_ascii=False)}\n\n"
        data = line.encode()
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()
    if stream.breaks is None:
        writer.write(b"0\r\n\r\n")
    await writer.drain()
