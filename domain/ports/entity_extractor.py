"""Finds values in text."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.slots.entity import Entity
from domain.values import Unavailable


class EntityExtractor(Protocol):
    """Reads dates, numbers, dictionary values and the like out of an utterance."""

    @abstractmethod
    async def prepare(self, published: PublishedCatalogue) -> None:
        """Get ready for a catalogue's entity types. Preparing the same version again changes nothing."""

    @abstractmethod
    async def extract(
        self,
        text: str,
        *,
        version: CatalogueVersion,
        kinds: frozenset[EntityName],
        now: datetime,
        language: str,
    ) -> tuple[Entity, ...] | Unavailable:
        """Entities of the wanted kinds, by position, or why there is no answer. Never raises for an outage.

        `text[e.start:e.end] == e.text` holds for each. Kinds this extractor does not know are passed over.
        `now` carries the user's zone; relative dates count from it. Readings of different kinds may overlap,
        those of one kind do not. The same input gives the same answer. A hostile text costs bounded time.
        """
