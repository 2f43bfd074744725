"""No entity extractor."""

from datetime import datetime

from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.entity_extractor import EntityExtractor
from domain.slots.entity import Entity
from domain.values import Unavailable


class AbsentEntityExtractor(EntityExtractor):
    """Stands where an extractor is not configured."""

    async def prepare(self, published: PublishedCatalogue) -> None:
        """Nothing to get ready."""

    async def extract(
        self,
        text: str,  # noqa: ARG002 - the port asks for it
        *,
        version: CatalogueVersion,  # noqa: ARG002 - the port asks for it
        kinds: frozenset[EntityName],  # noqa: ARG002 - the port asks for it
        now: datetime,  # noqa: ARG002 - the port asks for it
        language: str,  # noqa: ARG002 - the port asks for it
    ) -> tuple[Entity, ...] | Unavailable:
        """Unavailable, always and at once: that nothing was read is not that nothing is there."""
        return Unavailable("not_configured")
