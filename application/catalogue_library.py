"""The catalogues in use: the current one for new conversations, older ones for those that began with them."""

import asyncio

from application.understand import Understand
from domain.errors import PartUnavailable
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion
from domain.ports.catalogues import Catalogues


class CatalogueLibrary:
    """Fetches catalogues once and makes them understood before anybody uses them."""

    def __init__(self, *, catalogues: Catalogues, understand: Understand) -> None:
        self._catalogues = catalogues
        self._understand = understand
        self._ready: dict[CatalogueVersion, PublishedCatalogue] = {}
        self._current: PublishedCatalogue | None = None
        self._learning = asyncio.Lock()

    def current(self) -> PublishedCatalogue:
        """The catalogue for new conversations. Raises PartUnavailable before the first is published."""
        if self._current is None:
            raise PartUnavailable("catalogue", "no catalogue is published yet")
        return self._current

    async def version(self, version: CatalogueVersion) -> PublishedCatalogue:
        """The catalogue of that number, ready for use. Raises PartUnavailable when it cannot be had."""
        ready = self._ready.get(version)
        if ready is not None:
            return ready
        stored = await self._catalogues.get(version)
        if stored is None:
            raise PartUnavailable("catalogue", f"catalogue version {version} is not stored")
        return await self._learnt(stored)

    async def adopt(self, published: PublishedCatalogue) -> None:
        """Make a catalogue the current one, once it is learnt; an older number than the current is not adopted."""
        ready = await self._learnt(published)
        if self._current is None or ready.version >= self._current.version:
            self._current = ready

    async def _learnt(self, published: PublishedCatalogue) -> PublishedCatalogue:
        async with self._learning:
            if published.version not in self._ready:
                await self._understand.learn(published)
                self._ready[published.version] = published
            return self._ready[published.version]
