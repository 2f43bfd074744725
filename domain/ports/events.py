"""Announcements to every part of the service, on every replica."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

Topic = Literal["catalogue_published", "configuration_changed"]


class Events(Protocol):
    """Publish and subscribe. Delivery is at most once: who must not miss anything checks versions too."""

    @abstractmethod
    async def publish(self, topic: Topic, body: str) -> None:
        """Tell every present listener of the topic. Raises PartUnavailable when the bus is out of order."""

    @abstractmethod
    def listen(self, topic: Topic) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Bodies published inside the block, in order. A listener that falls far behind loses the oldest ones."""
