"""Leaves a host alone that keeps failing (M. Nygard, Release It!, 2007)."""

from collections.abc import Callable


class Circuit:
    """Opens after `limit` failures in a row, for `seconds`; then one call a period may try whether the host is back."""

    def __init__(self, monotonic: Callable[[], float], *, limit: int = 5, seconds: float = 10.0) -> None:
        self._monotonic = monotonic
        self._limit = limit
        self._seconds = seconds
        self._failures = 0
        self._closed_from = 0.0

    def admits(self) -> bool:
        """Whether a call may go out now. Asking after the period is taking the one call that tries."""
        if self._failures < self._limit:
            return True
        now = self._monotonic()
        if now < self._closed_from:
            return False
        # The next period begins here, so that a try that is given up half-way does not leave the circuit stuck.
        self._closed_from = now + self._seconds
        return True

    def failed(self) -> None:
        """The host was not there, or turned the call away."""
        self._failures += 1
        if self._failures >= self._limit:
            self._closed_from = self._monotonic() + self._seconds

    def worked(self) -> None:
        """The host answered."""
        self._failures = 0
