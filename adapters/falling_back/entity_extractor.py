"""An entity extractor with another behind it."""

import asyncio
from datetime import datetime

from adapters.falling_back.both import Both
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.entity_extractor import EntityExtractor
from domain.slots.entity import Entity
from domain.values import Unavailable


class FallingBackEntityExtractor(Both, EntityExtractor):
    """Asks `second` where `first` gives no answer; that it finds nothing is an answer."""

    def __init__(self, first: EntityExtractor, second: EntityExtractor) -> None:
        super().__init__(first, second)
        self._first = first
        self._second = second

    async def prepare(self, published: PublishedCatalogue) -> None:
        """Both get ready. Raises PartUnavailable when either cannot."""
        await asyncio.gather(self._first.prepare(published), self._second.prepare(published))

    async def extract(
        self,
        text: str,
        *,
        version: CatalogueVersion,
        kinds: frozenset[EntityName],
        now: datetime,
        language: str,
    ) -> tuple[Entity, ...] | Unavailable:
        """The first one's entities, or the second one's; with both out of order, why the first is."""
        answer = await self._first.extract(text, version=version, kinds=kinds, now=now, language=language)
        if not isinstance(answer, Unavailable):
            return answer
        other = await self._second.extract(text, version=version, kinds=kinds, now=now, language=language)
        return answer if isinstance(other, Unavailable) else other
