"""Keeps the record of function calls."""

from abc import abstractmethod
from typing import Protocol

from domain.dialogue.invocation import Invocation
from domain.names import InvocationKey


class Invocations(Protocol):
    """Invocations by key; they are written by `Conversations.save`. Raises RepositoryUnavailable."""

    @abstractmethod
    async def get(self, key: InvocationKey) -> Invocation | None:
        """The invocation as last saved, or None."""

    @abstractmethod
    async def unsettled(self, *, limit: int = 100) -> tuple[Invocation, ...]:
        """Invocations saved as pending, oldest first: what a crash left behind, or what is running now."""
