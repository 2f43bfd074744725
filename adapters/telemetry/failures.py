"""Failures that nobody expected, written down."""

import traceback

from adapters.telemetry.log import log, whatever_the_sink
from adapters.telemetry.metrics import Metrics

_LINKS = 8
_FRAMES = 40
_LONGEST = 200


class StructlogFailureLog:
    """Counts and logs failures with their tracebacks.

    Messages of exceptions are left out, since they may quote a user (`invalid literal for int(): '…'`). A message
    without such parts is in the source lines that the traceback shows.
    """

    def __init__(self, *, metrics: Metrics) -> None:
        self._metrics = metrics

    def __call__(self, error: Exception, *, request_id: str, method: str, path: str) -> None:
        """Record it; does not raise."""
        self._metrics.failure()
        with whatever_the_sink():
            log().error(
                "failure",
                error=type(error).__qualname__,
                request_id=request_id,
                method=_plain(method),
                path=_plain(path),
                exception=_told(error),
            )


def _told(error: BaseException) -> str:
    """Where it was raised and what led to it, the last first."""
    told: list[str] = []
    link: BaseException | None = error
    while link is not None and len(told) < _LINKS:
        kind = type(link)
        told.append(
            f"{kind.__module__}.{kind.__qualname__}\n" + "".join(traceback.format_tb(link.__traceback__, -_FRAMES))
        )
        link = link.__cause__ if link.__suppress_context__ else link.__context__
    return "caused by ".join(told)


def _plain(text: str) -> str:
    """What a client may have made up, in printable ASCII and not too long."""
    return text[:_LONGEST].encode("unicode_escape").decode("ascii")
