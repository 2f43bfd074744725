"""A turn's time, and how its parts share it."""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Final, Literal, TypeVar

from domain.ports.clock import Clock
from domain.values import Unavailable

T = TypeVar("T")

TURN_SECONDS: Final = 40.0

Part = Literal["waiting", "understanding", "answering", "acting"]

_SHARES: Final[Mapping[Part, float]] = {"waiting": 0.25, "understanding": 0.2, "answering": 0.125, "acting": 0.75}
"""What each part may take of the whole: 10, 8, 5 and 30 of 40 seconds."""

_MARGIN: Final = 0.05
"""What of the whole is kept back for the save."""


class Budget:
    """How much is left of the time that a turn was given when this was made."""

    def __init__(self, clock: Clock, seconds: float = TURN_SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._ends = clock.now() + timedelta(seconds=seconds)

    @property
    def left(self) -> float:
        """Seconds until the turn must be over; negative from then on."""
        return (self._ends - self._clock.now()) / timedelta(seconds=1)

    def share(self, part: Part) -> float:
        """Seconds that a part may take from now on: its share of the whole, or less where less is left."""
        return max(min(_SHARES[part] * self._seconds, self.left - _MARGIN * self._seconds), 0.0)


async def in_time(work: Awaitable[T], seconds: float) -> T | Unavailable:
    """What the work comes to, or Unavailable(`timeout`) when it is cancelled after so many seconds."""
    try:
        async with asyncio.timeout(seconds) as limit:
            return await work
    except TimeoutError:
        if not limit.expired():
            raise
        return Unavailable("timeout")
