"""One try of one request."""

import asyncio

import httpx

from adapters.functions_http.answer import Attempt, attempt_of
from domain.dialogue.invocation import NotDone, Unknown

ANSWER_BYTES = 1 << 20


class _Progress:
    """Watches how far the transport has got."""

    def __init__(self) -> None:
        self.sent = False

    async def __call__(self, event: str, _details: dict[str, object]) -> None:
        self.sent = self.sent or event.endswith(".send_request_headers.started")


async def attempt(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, *, seconds: float, idempotent: bool
) -> Attempt:
    """Send the request and read the answer within so many seconds. Never raises for what the network does.

    What fails before the first byte went out was certainly not done; after that nobody knows.
    """
    progress = _Progress()
    request.extensions = {"trace": progress}
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(transport, request, idempotent=idempotent)
    except TimeoutError:
        reason = "time-out"
    except (httpx.TransportError, httpx.StreamError) as error:
        reason = type(error).__name__
    if progress.sent:
        return Attempt(Unknown(f"{reason} after sending"), answered=False)
    return Attempt(NotDone(f"{reason} before sending"), certain=True, answered=False)


async def _exchange(transport: httpx.AsyncBaseTransport, request: httpx.Request, *, idempotent: bool) -> Attempt:
    response = await transport.handle_async_request(request)
    try:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > ANSWER_BYTES:
                return Attempt(Unknown("the answer is too large"), settled=True)
    finally:
        await response.aclose()
    retry_after = response.headers.get("Retry-After")
    return attempt_of(response.status_code, retry_after, bytes(body), idempotent=idempotent)
