"""Where a server is, and how a request to it is made."""

import re
from collections.abc import Mapping
from typing import Literal

import httpx

from domain.errors import SettingsInvalid
from domain.values import Value

_HOST = re.compile(rb"[0-9A-Za-z._:-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e][\x20-\x7e]*")


class Request(Value, frozen=True, kw_only=True):
    """What to ask. `repeatable` says that asking twice does no more than asking once."""

    path: str
    method: Literal["GET", "POST"] = "POST"
    body: bytes = b""
    content_type: str = "application/json"
    accept: str = "application/json"
    repeatable: bool = False


class Endpoint:
    """A server's address and the headers that each request carries.

    Raises SettingsInvalid, which names the server and neither address nor header, where a call could never be made.
    """

    def __init__(self, server: str, address: str, headers: Mapping[str, str] | None = None) -> None:
        self.server = server
        self._base = _base(server, address)
        for name, value in (headers or {}).items():
            if not _HEADER_VALUE.fullmatch(value):
                raise SettingsInvalid(f"{server}: the header {name} holds characters that HTTP does not carry")
        # Unencoded answers only: a few compressed bytes could otherwise unpack into any amount of memory.
        self._headers = {"Accept-Encoding": "identity", "User-Agent": "huiyi", **(headers or {})}

    def request(self, request: Request) -> httpx.Request:
        """The request as it goes out."""
        headers = httpx.Headers({**self._headers, "Accept": request.accept})
        if request.method == "GET":
            return httpx.Request("GET", self._base + request.path, headers=headers)
        headers["Content-Type"] = request.content_type
        return httpx.Request(request.method, self._base + request.path, headers=headers, content=request.body)


def _base(server: str, address: str) -> str:
    try:
        url = httpx.URL(address.strip())
        url.host.encode("idna")  # what the resolver does, and fails at, with an empty or overlong label
    except (UnicodeError, httpx.InvalidURL) as error:
        raise SettingsInvalid(f"{server}: the address is malformed") from error
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host) or not 0 < (url.port or 80) < 65536:
        raise SettingsInvalid(f"{server}: an address that begins with http:// or https://, please")
    if url.userinfo or url.query or url.fragment:
        raise SettingsInvalid(f"{server}: an address without a user, a query and a fragment, please")
    return str(url).rstrip("/")
