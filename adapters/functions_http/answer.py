"""What an API's answer says about the call."""

import re
import unicodedata
from collections.abc import Mapping

import msgspec

from domain.dialogue.invocation import InvocationOutcome, NotDone, Refused, Succeeded, Unknown
from domain.slots.entity import SlotContent
from domain.values import Value

MESSAGE_CHARACTERS = 200
_COME_AGAIN = frozenset({408, 425, 429})
"""Statuses by which a server says that it has not taken the request up."""
_RELAYED = frozenset({502, 504})
"""A gateway speaks here: what the API behind it did is not known."""


class Attempt(Value, frozen=True):
    """What one try came to.

    `settled` is the last word. Otherwise `outcome` is what it means if there is no further try, `certain` says that
    the call was not taken up, `answered` that a whole answer came, and `pause` is the wait the server asked for, in
    seconds.
    """

    outcome: InvocationOutcome
    settled: bool = False
    certain: bool = False
    answered: bool = True
    pause: float | None = None


def attempt_of(status: int, retry_after: str | None, body: bytes, *, idempotent: bool) -> Attempt:
    """Read a complete answer. A body that is no JSON object has no fields and no message."""
    if 200 <= status < 300:
        return Attempt(Succeeded(result_fields(body)), settled=True)
    reason = f"status {status}"
    if status in _COME_AGAIN or (status == 503 and retry_after is not None):
        return Attempt(NotDone(reason), certain=True, pause=_seconds(retry_after))
    if 400 <= status < 500:
        return Attempt(Refused(message_of(body)), settled=True)
    if status in (307, 308):
        return Attempt(NotDone(f"{reason}: redirects are not followed"), settled=True)
    if status >= 500 and idempotent and status not in _RELAYED:
        return Attempt(NotDone(reason))
    # A 302 or 303 often follows a form that was carried out.
    return Attempt(Unknown(reason), settled=status < 500)


def result_fields(body: bytes) -> dict[str, SlotContent]:
    """The scalar fields of a JSON object, and those of an object under `data`, which win."""
    answer = _object(body)
    data = answer.get("data")
    inner = data if isinstance(data, dict) else {}
    return {name: value for name, value in {**answer, **inner}.items() if isinstance(value, str | int | float)}


def message_of(body: bytes) -> str:
    """The API's own words: `message`, `error` or `detail`, without control characters, at most 200 characters."""
    answer = _object(body)
    for field in ("message", "error", "detail"):
        words = answer.get(field)
        if isinstance(words, Mapping):
            words = words.get("message")
        if isinstance(words, str) and (text := _plain(words)):
            return text[:MESSAGE_CHARACTERS]
    return ""


def _object(body: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _plain(words: str) -> str:
    """One line without control, format (directions can be turned by them) and unassigned characters."""
    spaced = re.sub(r"\s+", " ", words)
    return "".join(char for char in spaced if not unicodedata.category(char).startswith("C")).strip()


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; a date counts as nothing said."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
