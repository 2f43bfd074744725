"""One request on its way and its answer coming in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import TypeVar

import httpx

from adapters.rest.answer import Answer, seconds
from adapters.rest.failure import HTTPX_ERRORS, Failure, broken_off
from domain.values import Unavailable

T = TypeVar("T")


class Exchange:
    """A request and its answer, within so many seconds from now. Never raises for what the network does.

    Needs closing whatever came of it. An answer above `most_bytes` is a failure. A time-out that left the server less
    than `fair_seconds` is not its fault.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        request: httpx.Request,
        *,
        within: float,
        connect_seconds: float,
        fair_seconds: float,
        most_bytes: int,
    ) -> None:
        self._transport = transport
        self._request = request
        self._until = asyncio.get_running_loop().time() + within
        self._fair = within >= fair_seconds
        self._bytes_left = most_bytes
        self._sent = False
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        waits = {"connect": min(connect_seconds, within), "read": within, "write": within, "pool": within}
        request.extensions = {"trace": self._watch, "timeout": waits}

    async def begin(self) -> Answer | Failure:
        """Send the request; the answer's head, without its body."""
        response = await self._guarded(self._transport.handle_async_request(self._request))
        if isinstance(response, Failure):
            return response
        self._response = response
        self._chunks = response.aiter_raw()
        return self._answer(response, b"")

    async def chunk(self) -> bytes | Failure | None:
        """The next bytes of the body; None at its end."""
        assert self._chunks is not None  # noqa: S101  asked for only after `begin`
        data = await self._guarded(anext(self._chunks, None))
        if isinstance(data, bytes):
            self._bytes_left -= len(data)
            if self._bytes_left < 0:
                return Failure(Unavailable("broken", "the answer is too large"))
        return data

    async def whole(self) -> Answer | Failure:
        """The answer with all the body that has not been read yet."""
        body = bytearray()
        while (data := await self.chunk()) is not None:
            if isinstance(data, Failure):
                return data
            body += data
        assert self._response is not None  # noqa: S101  asked for only after `begin`
        return self._answer(self._response, bytes(body))

    async def aclose(self) -> None:
        """Give the connection back, or drop it with whatever has not been read."""
        if self._response is not None:
            with suppress(*HTTPX_ERRORS):
                await self._response.aclose()

    async def _guarded(self, step: Awaitable[T]) -> T | Failure:
        try:
            async with asyncio.timeout_at(self._until):
                return await step
        except (TimeoutError, *HTTPX_ERRORS) as error:
            return broken_off(error, sent=self._sent, begun=self._response is not None, fair=self._fair)

    async def _watch(self, event: str, _details: dict[str, object]) -> None:
        self._sent = self._sent or event.endswith(".send_request_headers.started")

    def _answer(self, response: httpx.Response, body: bytes) -> Answer:
        headers = response.headers
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, body, kind, seconds(headers.get("Retry-After")))
