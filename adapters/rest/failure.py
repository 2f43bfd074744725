"""What a try that came to nothing means for the next one."""

from typing import Literal

import httpx

from adapters.rest.answer import Answer
from domain.values import Unavailable, Value

HTTPX_ERRORS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpx.CookieConflict)
"""Every error of the library, by the roots of its trees."""


class Failure(Value, frozen=True):
    """Why a try came to nothing.

    `certain` says that the request was not taken up, `worthwhile` that another try may fare better, `server` what it
    tells about the server. `pause` is the wait that one asked for, in seconds.
    """

    why: Unavailable
    certain: bool = False
    worthwhile: bool = False
    server: Literal["fails", "works", "unknown"] = "fails"
    pause: float | None = None

    def may_repeat(self, *, repeatable: bool) -> bool:
        """Whether to try again: what was not done may be, what is in doubt only if that does no harm."""
        return self.certain or (self.worthwhile and repeatable)


def broken_off(error: Exception, *, sent: bool, begun: bool, fair: bool) -> Failure:
    """What an error of the network means, by how far the exchange had got. Tells the error's kind, never its words.

    `fair` says that the server had time enough to answer.
    """
    slow = isinstance(error, TimeoutError | httpx.TimeoutException)
    reason = "time-out" if isinstance(error, TimeoutError) else type(error).__name__
    stage = "in the answer" if begun else "after sending" if sent else "before sending"
    code = "timeout" if slow else "broken" if sent or begun else "refused"
    return Failure(
        Unavailable(code, f"{reason} {stage}"),
        certain=not (sent or begun),
        worthwhile=not (slow or begun),
        server="fails" if fair or not slow else "unknown",
    )


def told(why: Unavailable, answer: Answer) -> Failure:
    """What it means that a whole answer is no success, by the reason found in it.

    `overloaded` and `broken` may pass and speak against the server, `timeout` does only the latter. By any other
    reason the server works: the request is at fault, or the key.
    """
    if why.code == "overloaded":
        certain = answer.status in (425, 429) or answer.retry_after is not None
        return Failure(why, certain=certain, worthwhile=True, pause=answer.retry_after)
    return Failure(
        why, worthwhile=why.code == "broken", server="fails" if why.code in ("broken", "timeout") else "works"
    )
