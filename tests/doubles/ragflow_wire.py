"""What the RAGFlow double says and hears."""

import asyncio
import json
from dataclasses import dataclass
from typing import Literal

from tests.doubles.loopback import Incoming, Wire

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


def received(request: Incoming) -> Received:
    """The request, read."""
    parts = request.target.partition("?")[0].split("/")
    name = next((part for part in reversed(parts) if part in _DOORS), "")
    body = json.loads(request.body) if request.body else {}
    return Received(name, request.method, request.target, request.headers, body)


async def play(wire: Wire, played: Played) -> bool:
    """Send it; whether the connection goes on."""
    if isinstance(played, Reply):
        await wire.answer(played.status, played.encoded, played.kind)
        return True
    if isinstance(played, Stream):
        await _stream(wire, played)
    if played.breaks == "hangs":
        await wire.left_within(60)
    return played.breaks is None


async def _stream(wire: Wire, stream: Stream) -> None:
    await wire.head(200, Content_Type="text/event-stream; charset=utf-8", Transfer_Encoding="chunked")
    for event in stream.events:
        if stream.pause:
            await asyncio.sleep(stream.pause)
        line = event if isinstance(event, str) else f"data:{json.dumps(event, ensure_ascii=False)}\n\n"
        await wire.chunk(line.encode())
    if stream.breaks is None:
        await wire.chunk(b"")
