"""Clocks that begin where a test says."""

import time
from datetime import UTC, datetime, timedelta
from itertools import count

from domain.ports.clock import Clock

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""A Tuesday, nine in the morning in Shanghai."""


class ManualClock(Clock):
    """Time stands still between calls of `advance`; identifiers are numbered."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._ids = count(1)

    def now(self) -> datetime:
        """The instant it was set to."""
        return self._now

    def new_id(self) -> str:
        """The next number, in hexadecimal."""
        return f"{next(self._ids):032x}"

    def advance(self, seconds: float) -> None:
        """Let so much time pass; negative amounts are refused."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += timedelta(seconds=seconds)


class RunningClock(ManualClock):
    """Time passes by itself as well."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__(start)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The instant it was set to, and what has passed since it was made."""
        return super().now() + timedelta(seconds=time.monotonic() - self._began)
