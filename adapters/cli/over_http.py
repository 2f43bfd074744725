"""A conversation with a service that runs elsewhere, over its HTTP API."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Generic, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from adapters.cli.conversing import Interlocutor, ShownReasons, ShownTurn
from domain.errors import (
    Conflict,
    DeadlineExceeded,
    HuiyiError,
    InvalidRequest,
    NotFound,
    PartUnavailable,
    SessionNotFound,
)
from domain.names import Language

PREFIX: Final = "/api/v1"
TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)
"""A turn may call a business function, which may take half a minute."""

T = TypeVar("T", bound=msgspec.Struct)


class _Envelope(msgspec.Struct, Generic[T]):
    """A body of the API that holds an answer."""

    data: T


class _Failure(msgspec.Struct):
    """A body of the API that says what went wrong."""

    error_code: str = ""
    message: str = ""
    details: Mapping[str, str] = {}


class OverHttp(Interlocutor):
    """Asks the HTTP API."""

    language: Language | None = None

    def __init__(self, client: httpx.AsyncClient, *, user: str) -> None:
        self._client = client
        self._user = user

    async def say(self, text: str, session_id: str | None) -> ShownTurn:
        """`POST /chat/interact`."""
        body = {"user_id": self._user, "input": text}
        if session_id is not None:
            body["session_id"] = session_id
        request = self._client.build_request("POST", f"{PREFIX}/chat/interact", json=body)
        return await self._answer(request, _Envelope[ShownTurn])

    async def why(self, session_id: str, turn: int) -> ShownReasons:
        """`GET /sessions/{id}/turns/{n}/why`."""
        path = f"{PREFIX}/sessions/{quote(session_id, safe='')}/turns/{turn}/why"
        request = self._client.build_request("GET", path, params={"user_id": self._user})
        return await self._answer(request, _Envelope[ShownReasons])

    async def _answer(self, request: httpx.Request, shape: type[_Envelope[T]]) -> T:
        service = f"the service at {request.url.scheme}://{request.url.netloc.decode()}"
        try:
            response = await self._client.send(request)
        except httpx.TimeoutException as error:
            raise DeadlineExceeded(f"{service} did not answer in time") from error
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise PartUnavailable("service", f"no answer from {service}: {reason}") from error
        if not response.is_success:
            raise _refusal(service, response)
        try:
            return msgspec.json.decode(response.content, type=shape).data
        except msgspec.MsgspecError as error:
            raise PartUnavailable("service", f"{service} does not answer like Huiyi: {error}") from error


def _refusal(service: str, response: httpx.Response) -> HuiyiError:
    """What an HTTP error means, in the words of the service where it has any."""
    status = response.status_code
    failure = _failure(response.content)
    details = "".join(f"; {place}: {text}" for place, text in failure.details.items())
    said = f"{failure.message or response.reason_phrase} ({failure.error_code or status}){details}"
    if status in (401, 403):
        return InvalidRequest(f"{service} wants a valid key, see --api-key: {said}")
    if failure.error_code == SessionNotFound.code:
        return SessionNotFound(f"{said}; /new begins another conversation")
    if status == 404:
        return NotFound(f"{service} has no such thing: {said}")
    if status == 409:
        return Conflict(said)
    if 400 <= status < 500:
        return InvalidRequest(said)
    return PartUnavailable("service", f"{service} cannot answer: {said}")


def _failure(content: bytes) -> _Failure:
    try:
        return msgspec.json.decode(content, type=_Failure)
    except msgspec.MsgspecError:
        return _Failure()


def checked_url(url: str) -> str:
    """The address without a slash at its end; raises InvalidRequest for one that is none."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InvalidRequest(f"--url {url}: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidRequest(f"--url {url}: write it like http://127.0.0.1:8000")
    return url.rstrip("/")


@asynccontextmanager
async def over_http(url: str, *, user: str, api_key: str | None, language: str | None) -> AsyncIterator[OverHttp]:
    """A client while its connections are open. `language` is what the service's errors are to be told in."""
    headers = {"X-API-Key": api_key, "Accept-Language": language}
    # The address is where to go: proxies from the environment are not asked.
    async with httpx.AsyncClient(
        base_url=url,
        headers={name: value for name, value in headers.items() if value},
        timeout=TIMEOUT,
        trust_env=False,
    ) as client:
        yield OverHttp(client, user=user)
