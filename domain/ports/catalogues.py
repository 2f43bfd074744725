"""Keeps published catalogues."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion


class Catalogues(Protocol):
    """Numbered, immutable catalogues; the one with the highest number is current. Raises RepositoryUnavailable."""

    @abstractmethod
    async def publish(self, catalogue: Catalogue, *, at: datetime) -> PublishedCatalogue:
        """Store as the new current version, numbered one above the last.

        A catalogue equal to the current one is not stored again; the current one comes back.
        Two publishers at once get two different numbers.
        """

    @abstractmethod
    async def current(self) -> PublishedCatalogue | None:
        """The newest version, or None before the first."""

    @abstractmethod
    async def get(self, version: CatalogueVersion) -> PublishedCatalogue | None:
        """A version, however old; None when it never was."""
