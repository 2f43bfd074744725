"""Mutual exclusion by name."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Locks(Protocol):
    """One holder a name at a time."""

    @abstractmethod
    def hold(self, name: str, *, wait: float) -> AbstractAsyncContextManager[int]:
        """Hold the lock inside the block; the value is a fencing token that grows with each holder of the name.

        Waiters are served in the order they came. Waiting longer than `wait` seconds raises ConversationBusy.
        The lock is free again after the block, however it ends, cancellation included. Not re-entrant.
        """
