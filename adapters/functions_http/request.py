"""From an invocation to the HTTP request that carries it."""

import re
from collections.abc import Mapping

import httpx
import msgspec

from adapters.functions_http.variables import VariableMissing, fill
from domain.dialogue.invocation import Invocation
from domain.intents.intent import Function
from domain.slots.entity import SlotContent

_HOST = re.compile(rb"[0-9A-Za-z._:-]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")


class CannotBeSent(Exception):
    """The request cannot be made. The message names what is wrong and never a value."""


def request_for(invocation: Invocation, function: Function, variables: Mapping[str, str]) -> httpx.Request:
    """The request of one invocation. Raises CannotBeSent.

    Arguments travel as a JSON object, or in the query with GET and DELETE; those that are None are left out.
    """
    url = _url(function, variables)
    headers = _headers(function, variables)
    headers["Idempotency-Key"] = invocation.key
    given: Mapping[str, SlotContent | None] = invocation.arguments
    arguments = {name: value for name, value in given.items() if value is not None}
    try:
        if function.method in ("GET", "DELETE"):
            return httpx.Request(function.method, _with_query(url, arguments), headers=headers)
        headers.setdefault("Content-Type", "application/json")
        return httpx.Request(function.method, url, headers=headers, content=msgspec.json.encode(arguments))
    except (UnicodeError, httpx.InvalidURL) as error:
        raise CannotBeSent("an argument holds text that cannot be encoded") from error


def obstacles(function: Function, variables: Mapping[str, str]) -> str:
    """What keeps the function from being called whatever its arguments; empty when nothing does."""
    try:
        _url(function, variables)
        _headers(function, variables)
    except CannotBeSent as error:
        return str(error)
    return ""


def _with_query(url: httpx.URL, arguments: Mapping[str, SlotContent]) -> httpx.URL:
    return url.copy_merge_params(dict(arguments)) if arguments else url


def _url(function: Function, variables: Mapping[str, str]) -> httpx.URL:
    try:
        url = httpx.URL(fill(function.url, variables))
        url.host.encode("idna")  # what the resolver does, and fails at, with an empty or overlong label
    except VariableMissing as error:
        raise CannotBeSent(str(error)) from error
    except (UnicodeError, httpx.InvalidURL) as error:
        raise CannotBeSent("the url is malformed") from error
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host) or not 0 < (url.port or 80) < 65536:
        raise CannotBeSent("the url is not an http:// or https:// address")
    return url


def _headers(function: Function, variables: Mapping[str, str]) -> httpx.Headers:
    # Unencoded answers only: a few compressed bytes could otherwise unpack into any amount of memory.
    headers = httpx.Headers({"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "huiyi"})
    for name, text in function.headers.items():
        try:
            value = fill(text, variables)
        except VariableMissing as error:
            raise CannotBeSent(str(error)) from error
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise CannotBeSent(f"the header {name!a} holds characters that HTTP does not carry")
        headers[name] = value
    return headers
