"""Requests that no well-behaved client sends, put straight to the application."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Litestar

Headers = Sequence[tuple[bytes, bytes]]
JSON: Headers = ((b"host", b"localhost"), (b"content-type", b"application/json"))


class Received(msgspec.Struct):
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


async def call(
    app: Litestar,
    *,
    method: str = "POST",
    path: str,
    query: bytes = b"",
    headers: Headers = JSON,
    body: Sequence[bytes] = (b"",),
    hangs_up: bool = False,
) -> Received:
    """One request, its body in as many pieces as given; with `hangs_up` the client goes after the last piece."""
    events: list[Any] = [{"type": "http.request", "body": piece, "more_body": True} for piece in body]
    events[-1]["more_body"] = hangs_up
    sent: list[Any] = []

    async def receive() -> Any:
        return events.pop(0) if events else {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        sent.append(event)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    await app(scope, receive, send)
    start, *rest = sent
    return Received(start["status"], dict(start["headers"]), b"".join(event["body"] for event in rest))
