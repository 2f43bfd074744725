"""A server's whole answer, and what its status says."""

from typing import TypeVar

import msgspec

from domain.values import Unavailable, Value

T = TypeVar("T")


class Answer(Value, frozen=True):
    """Status and body. `retry_after` is the wait the server asked for, in seconds."""

    status: int
    body: bytes = b""
    content_type: str = ""
    retry_after: float | None = None


def decoded(body: bytes, kind: type[T]) -> T | None:
    """The JSON of a body as the wanted kind; None when it is something else."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; a date counts as nothing said."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None


def explained(answer: Answer) -> Unavailable | None:
    """Why there is no success in the answer, by its status alone; None where there is. Nothing of the body is told."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if status in (401, 403):
        return Unavailable("unauthorised", f"status {status}: the key is missing, wrong, or not enough")
    if status in (425, 429, 503):
        return Unavailable("overloaded", f"status {status}")
    if status == 504:
        return Unavailable("timeout", "status 504")
    if status in (408, 500, 502) or status > 504:
        return Unavailable("broken", f"status {status}")
    return Unavailable("refused", f"status {status}")
