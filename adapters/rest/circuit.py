"""Leaves a server alone that keeps failing (M. Nygard, Release It!, 2007)."""

from collections.abc import Callable

from domain.values import Unavailable

_NO_REASON = Unavailable("broken")


class Circuit:
    """Opens after `limit` failures in a row, for `seconds`; then one call a period may try whether the server is back.

    It also opens at once, and for longer, where the server has said that asking again is of no use.
    """

    def __init__(self, monotonic: Callable[[], float], *, limit: int = 5, seconds: float = 10.0) -> None:
        self._monotonic = monotonic
        self._limit = limit
        self._seconds = seconds
        self._period = seconds
        self._held = False
        self._failures = 0
        self._closed_from = 0.0
        self._reason = _NO_REASON

    def admits(self) -> bool:
        """Whether a call may go out now. Asking after the period is taking the one call that tries."""
        if self._failures < self._limit:
            return True
        now = self._monotonic()
        if now < self._closed_from:
            return False
        # The next period begins here, so that a try that is given up half-way does not leave the circuit stuck.
        self._closed_from = now + self._period
        return True

    def failed(self, reason: Unavailable = _NO_REASON) -> None:
        """The server was not there, or turned the call away."""
        self._failures += 1
        if self._failures >= self._limit and not self._held:
            self._reason = reason
            self._closed_from = self._monotonic() + self._seconds

    def hold(self, reason: Unavailable, *, seconds: float) -> None:
        """Open at once, for so long and for as long again after each call that tries in vain."""
        self._failures = max(self._failures, self._limit)
        self._held = True
        self._period = seconds
        self._closed_from = self._monotonic() + seconds
        self._reason = reason

    def worked(self) -> None:
        """The server answered."""
        self._failures = 0
        self._held = False
        self._period = self._seconds

    @property
    def refusal(self) -> Unavailable:
        """What to answer while it is open: a key that is wrong stays the news, anything else is `open`."""
        if self._reason.code == "unauthorised":
            return self._reason
        why = f"{self._reason.code}: {self._reason.detail}" if self._reason.detail else self._reason.code
        return Unavailable("open", f"left alone after {why}")
