"""Puts a checked catalogue into service."""

from contextlib import suppress

from application.catalogue_library import CatalogueLibrary
from domain.errors import PartUnavailable
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.intents.lint import checked
from domain.ports.catalogues import Catalogues
from domain.ports.clock import Clock
from domain.ports.events import Events


class PublishCatalogue:
    """Checks, stores, learns, and tells the other replicas. Conversations under way keep their version."""

    def __init__(self, *, catalogues: Catalogues, library: CatalogueLibrary, events: Events, clock: Clock) -> None:
        self._catalogues = catalogues
        self._library = library
        self._events = events
        self._clock = clock

    async def __call__(self, catalogue: Catalogue) -> PublishedCatalogue:
        """The catalogue with its number; a catalogue equal to the current one keeps that number.

        Others who cannot be told find it later. Raises CatalogueInvalid with every problem, RepositoryUnavailable, or
        PartUnavailable when it cannot be learnt.
        """
        published = await self._catalogues.publish(checked(catalogue), at=self._clock.now())
        await self._library.adopt(published)
        # It is in service; who does not hear of it looks for newer ones from time to time.
        with suppress(PartUnavailable):
            await self._events.publish("catalogue_published", str(published.version))
        return published
