"""Short-lived storage of bytes by key."""

from abc import abstractmethod
from typing import Protocol


class Cache(Protocol):
    """May forget anything at any time; never gives back what was not put in or has expired."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """What was put under the key and has not expired. None when absent, and when the cache is out of order."""

    @abstractmethod
    async def put(self, key: str, value: bytes, *, seconds: float) -> None:
        """Keep a value for at most so long, replacing what was there. A cache out of order drops it in silence."""

    @abstractmethod
    async def drop(self, key: str) -> None:
        """Forget a key; absent keys are fine. Raises PartUnavailable when the key may still be there."""
