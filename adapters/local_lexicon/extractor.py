"""The catalogue's own entity types: dictionaries and patterns."""

import asyncio
from datetime import datetime

from adapters.local_lexicon.lexicon import Lexicon
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.entity_extractor import EntityExtractor
from domain.slots.entity import Entity
from domain.values import Unavailable

MOST_CHARACTERS = 1000


class LexiconExtractor(EntityExtractor):
    """Finds values by spelling, sound and check digit. A version never prepared is Unavailable(`not_learned`)."""

    def __init__(self) -> None:
        self._lexicons: dict[CatalogueVersion, Lexicon] = {}
        self._preparing = asyncio.Lock()

    async def prepare(self, published: PublishedCatalogue) -> None:
        """Build the catalogue's lexicon in a thread. Raises PartUnavailable when a pattern cannot be compiled."""
        async with self._preparing:
            if published.version not in self._lexicons:
                self._lexicons[published.version] = await asyncio.to_thread(Lexicon, published.catalogue)

    async def extract(
        self,
        text: str,
        *,
        version: CatalogueVersion,
        kinds: frozenset[EntityName],
        now: datetime,
        language: str,
    ) -> tuple[Entity, ...] | Unavailable:
        """Entities of the catalogue's types; text beyond 1000 characters is not read."""
        del now, language  # a catalogue's values mean the same at all times and in all languages
        lexicon = self._lexicons.get(version)
        if lexicon is None:
            return Unavailable("not_learned", f"catalogue version {version} was never prepared")
        return lexicon.find(text[:MOST_CHARACTERS], kinds)
