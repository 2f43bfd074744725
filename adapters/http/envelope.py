"""The shape of every answer, and how it is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Meta

from adapters.http.callers import HttpRequest, request_id, tongue
from adapters.http.languages import Phrase
from domain.ports.clock import Clock

T = TypeVar("T")

DONE = Phrase("成功", "Success")

RequestId = Annotated[
    str, Meta(description="Names this request in logs; also in the X-Request-ID header.", examples=["req-7f3a"])
]
Instant = Annotated[datetime, Meta(description="When the answer was made, in UTC.")]


class Envelope(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """An answer to a request that was served."""

    success: Annotated[bool, Meta(description="Always true here.", examples=[True])] = True
    code: Annotated[int, Meta(description="The HTTP status.", examples=[200])] = 200
    message: Annotated[str, Meta(description="For people, in the language of Accept-Language.", examples=["成功"])]
    data: Annotated[T, Meta(description="What was asked for.")]
    timestamp: Instant
    request_id: RequestId


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a request that was not served; the HTTP status is the same as `code`."""

    success: Annotated[bool, Meta(description="Always false here.", examples=[False])] = False
    code: Annotated[int, Meta(description="The HTTP status.", examples=[422])]
    error_code: Annotated[
        str, Meta(description="Stable, for programs to branch on.", examples=["VALIDATION_ERROR", "SESSION_NOT_FOUND"])
    ]
    message: Annotated[
        str, Meta(description="For people, in the language of Accept-Language.", examples=["请求内容有误"])
    ]
    details: Annotated[
        Mapping[str, str],
        Meta(description="What is wrong, by field path or part.", examples=[{"input": "最多 2000 个字符"}]),
    ]
    timestamp: Instant
    request_id: RequestId


class JsonAnswer:
    """An encoded answer on its way out. Litestar's own response objects cost several times as much per request."""

    __slots__ = ("_body", "_headers")

    def __init__(self, body: bytes, request_id: str) -> None:
        self._body = body
        self._headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", request_id.encode()),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        """Send it."""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class Answers:
    """Puts what was found into the envelope."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._encode = msgspec.json.Encoder().encode

    def success(self, request: HttpRequest, data: msgspec.Struct) -> ASGIApp:
        """A 200 with `data`."""
        name = request_id(request, self._clock)
        envelope = Envelope(message=DONE.said(tongue(request)), data=data, timestamp=self._clock.now(), request_id=name)
        return JsonAnswer(self._encode(envelope), name)

    def failure(
        self,
        request: HttpRequest,
        *,
        status: int,
        code: str,
        message: Phrase,
        details: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> Response[bytes]:
        """Any other status, with what the client may know about it."""
        name = self.name_of(request)
        failure = Failure(
            code=status,
            error_code=code,
            message=message.said(tongue(request)),
            details=details,
            timestamp=self._clock.now(),
            request_id=name,
        )
        return Response(
            self._encode(failure),
            status_code=status,
            media_type="application/json",
            headers={**headers, "X-Request-ID": name},
        )

    def name_of(self, request: HttpRequest) -> str:
        """The request's id."""
        return request_id(request, self._clock)
