"""Time and fresh identifiers, so that the core can be replayed."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The present. Neither method fails or blocks."""

    @abstractmethod
    def now(self) -> datetime:
        """The present instant with a zone (UTC). Never earlier than an instant it gave before, to the millisecond."""

    @abstractmethod
    def new_id(self) -> str:
        """A fresh identifier of 32 hexadecimal digits, unguessable and never repeated."""
