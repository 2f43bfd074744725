"""The machine's clock."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from domain.ports.clock import Clock


def _wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is the Clock port's adapter, the one place that asks the machine


class SystemClock(Clock):
    """Stands still while the machine's clock, set back, catches up with what was given out."""

    def __init__(self, wall: Callable[[], datetime] = _wall) -> None:
        self._wall = wall
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The later of the machine's time and what was given before."""
        self._latest = max(self._latest, self._wall())
        return self._latest

    def new_id(self) -> str:
        """128 bits from the operating system."""
        return secrets.token_hex(16)
