"""What RAGFlow wraps its answers in: `{"code", "message", "data"}`, under HTTP 200 even where it fails."""

import json
from collections.abc import Mapping
from typing import Final

from adapters.rest.answer import Answer, explained
from domain.values import Unavailable

DENIED: Final = "denied"
"""Not authorised, whoever is meant: new servers say so for the key of a model's provider too."""
GONE: Final = "gone"
"""What was named is not there, or belongs to somebody else."""
WANTS_MESSAGES: Final = "wants_messages"
"""The ways of 0.25.1 to 0.25.5, which do not know `question`."""
FAILED: Final = "failed"
"""RAGFlow works, but not for this request."""

EVENTS: Final = "text/event-stream"

_OUTWARD: Mapping[str, tuple[str, str]] = {
    DENIED: ("unauthorised", "RAGFlow's key, whose what was asked is, or a key that RAGFlow itself uses for a model"),
    GONE: ("refused", "what was asked is not there, or not this key's"),
    WANTS_MESSAGES: ("refused", "the question was not understood"),
    FAILED: ("broken", ""),
}
_ARGUMENT = 101
_DATA = 102
_NOT_AUTHORISED = frozenset({109, 401})


def parsed(text: str | bytes) -> object:
    """The JSON of a text; a number that is none (NaN, as older servers write) and a text that is no JSON are None."""
    try:
        read: object = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return read


def fields(thing: object) -> Mapping[str, object]:
    """The fields of an object; none where it is something else."""
    return thing if isinstance(thing, dict) else {}


def failure(envelope: Mapping[str, object]) -> Unavailable | None:
    """Why the envelope holds no success; None where it does. Its message may hold anything, and is never told."""
    code, data = envelope.get("code"), envelope.get("data")
    if code == 0:
        # Servers before 0.25 answer like this where no key came.
        return Unavailable(DENIED, "code 0 without data") if data is False else None
    if not isinstance(code, int):
        return Unavailable("broken", "the answer is not RAGFlow's; is the address that of its API?")
    if code in _NOT_AUTHORISED:
        return Unavailable(DENIED, f"code {code}")
    if code == _ARGUMENT and "messages" in str(envelope.get("message")):
        return Unavailable(WANTS_MESSAGES, f"code {code}")
    return Unavailable(GONE if code == _DATA else FAILED, f"code {code}")


def explain(answer: Answer) -> Unavailable | None:
    """Why an answer is no success: by its status, then by its envelope; the events of a stream speak for themselves."""
    if answer.status in (401, 403):
        return Unavailable(DENIED, f"status {answer.status}")
    if (why := explained(answer)) is not None:
        return why
    return None if answer.content_type == EVENTS else failure(fields(parsed(answer.body)))


def outward(why: Unavailable) -> Unavailable:
    """The same reason by a code that everybody knows."""
    code, hint = _OUTWARD.get(why.code, (why.code, ""))
    return Unavailable(code, f"{why.detail}: {hint}" if hint else why.detail)
