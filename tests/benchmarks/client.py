"""The cheapest HTTP client that will do: the machine's time is for the server."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any


class Connection:
    """One connection kept alive; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        return int(answer[9:12]), await self._reader.readexactly(length)

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


class Talk:
    """One user's conversation: says things, remembers the session, notes how long each answer took."""

    def __init__(self, connection: Connection, user: str) -> None:
        self._connection = connection
        self._user = user
        self._session: str | None = None

    async def say(self, text: str) -> tuple[Mapping[str, Any], float]:
        """The answer's data, and milliseconds from sending to having it."""
        message = {"user_id": self._user, "input": text}
        if self._session is not None:
            message["session_id"] = self._session
        began = time.perf_counter()
        status, body = await self._connection.post("/api/v1/chat/interact", json.dumps(message).encode())
        took = (time.perf_counter() - began) * 1000
        if status != 200:
            raise RuntimeError(f"{status}: {body[:300]!r}")
        data: Mapping[str, Any] = json.loads(body)["data"]
        self._session = str(data["session_id"])
        return data, took
