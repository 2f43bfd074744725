"""Spares callers the wait for somebody who is silent."""

from collections.abc import Callable


class Rest:
    """After a silence, calls are turned away at once for `seconds`; then one a period finds out whether it is over."""

    def __init__(self, monotonic: Callable[[], float], *, seconds: float) -> None:
        self._monotonic = monotonic
        self._seconds = seconds
        self._until: float | None = None

    def admits(self) -> bool:
        """Whether a call may go out now. Asking after the period is taking the one call that tries."""
        if self._until is None:
            return True
        now = self._monotonic()
        if now < self._until:
            return False
        self._until = now + self._seconds
        return True

    def begin(self) -> None:
        """Nobody answered."""
        self._until = self._monotonic() + self._seconds

    def end(self) -> None:
        """Somebody answered."""
        self._until = None
