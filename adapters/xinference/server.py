"""The server: where it is, and what its refusals mean."""

import re
import ssl
from collections.abc import Callable
from typing import Final

from adapters.rest.answer import Answer, explained
from adapters.rest.caller import Limits, RestCaller
from adapters.rest.endpoint import Endpoint
from domain.values import Unavailable

NOT_RUNNING: Final = Unavailable("refused", "the model is not running")
TOO_LONG: Final = Unavailable("too_long", "the prompt does not fit the model's context")

_CONTEXT = re.compile(r"context (?:length|size|window)|maximum model length|exceed_context_size", re.IGNORECASE)
_UNKNOWN_MODEL = re.compile(r"model not found|model .{0,200}(?:does not exist|not found)", re.IGNORECASE)
_RATE = re.compile(r"rate limit|too many requests|loading", re.IGNORECASE)
_SHUT_OUT = re.compile(r"too many failed attempts", re.IGNORECASE)
_CALLERS_FAULT = b"Internal Server Error: "
_READ_OF_WORDS = 4000


def caller(
    server: str,
    base_url: str,
    api_key: str,
    *,
    limits: Limits,
    tls: ssl.SSLContext | None,
    monotonic: Callable[[], float],
    jitter: Callable[[], float],
) -> RestCaller:
    """A caller for the server; the address may end in `/v1` or not. Raises SettingsInvalid."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    address = base_url.strip().rstrip("/").removesuffix("/v1")
    endpoint = Endpoint(server, address, headers)
    return RestCaller(endpoint, explain=reason_in, limits=limits, tls=tls, monotonic=monotonic, jitter=jitter)


def reason_in(answer: Answer) -> Unavailable | None:
    """Why the answer is none. Status 500 is often the caller's fault, and the words differ from version to version.

    They may quote a prompt or an inner address, so they are read and never told.
    """
    why = explained(answer)
    if why is None:
        return None
    words = answer.body[:_READ_OF_WORDS].decode("utf-8", "replace")
    if answer.status == 429 and _SHUT_OUT.search(words):
        return Unavailable("unauthorised", "status 429: shut out for wrong keys")
    if answer.status in (400, 404) and _UNKNOWN_MODEL.search(words):
        return NOT_RUNNING
    if answer.status in (400, 413, 422, 500) and _CONTEXT.search(words):
        return TOO_LONG
    if answer.status == 500 and answer.content_type == "text/plain" and answer.body.startswith(_CALLERS_FAULT):
        return Unavailable("refused", "status 500: the request is not understood")
    return why


def reason_in_event(words: str) -> Unavailable:
    """Why a stream broke off, by the words of its error."""
    if _CONTEXT.search(words):
        return TOO_LONG
    if _RATE.search(words):
        return Unavailable("overloaded", "the stream began with a refusal or broke off")
    return Unavailable("broken", "the model failed while it answered")
