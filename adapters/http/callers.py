"""Who is calling: the request's id, the language it reads, and the key it carries."""

import hmac
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException

from adapters.http.languages import Tongue, preferred
from adapters.http.settings import HttpSettings
from domain.ports.clock import Clock

HttpRequest: TypeAlias = Request[Any, Any, Any]
Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]

OPEN = {"open": True}
"""Option of a route that needs no key."""

OPERATORS = {"operators": True}
"""Option of a route that an administrator's key opens as well."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def header(connection: Connection, name: bytes) -> bytes | None:
    """The first header of that name (lower case), or None."""
    for key, value in connection.scope["headers"]:
        if key == name:
            return value
    return None


def request_id(request: HttpRequest, clock: Clock) -> str:
    """The caller's X-Request-ID where it is well formed, else a fresh one; the same throughout a request."""
    known = request.scope["state"].get("request_id")
    if isinstance(known, str):
        return known
    given = header(request, b"x-request-id")
    made = given.decode("ascii") if given is not None and _REQUEST_ID.fullmatch(given) else clock.new_id()
    request.scope["state"]["request_id"] = made
    return made


def tongue(connection: Connection) -> Tongue:
    """The language for this caller's texts."""
    accepted = header(connection, b"accept-language")
    return "zh" if accepted is None else preferred(accepted.decode("latin-1"))


def key_check(settings: HttpSettings) -> Callable[[HttpRequest], Awaitable[None]]:
    """What lets a request in: a known X-API-Key, or a route that is open.

    A hook before the request and not a guard: Litestar copies the whole route handler for each guard it calls.
    """
    callers = frozenset(key.encode() for key in settings.api_keys)
    operators = frozenset(key.encode() for key in settings.admin_api_keys)

    async def check(request: HttpRequest) -> None:
        options = request.route_handler.opt
        if "open" in options:
            return
        keys = callers | operators if "operators" in options else callers
        if keys and not _known(header(request, b"x-api-key"), keys):
            raise NotAuthorizedException(headers={"WWW-Authenticate": 'ApiKey header="X-API-Key"'})

    return check


def _known(given: bytes | None, keys: frozenset[bytes]) -> bool:
    """Whether it is one of the keys; takes as long for a wrong one as for a right one."""
    return given is not None and sum(hmac.compare_digest(given, key) for key in keys) > 0
