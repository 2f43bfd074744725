"""Entity extraction, observed."""

from datetime import datetime

from adapters.telemetry.metrics import Metrics
from adapters.telemetry.stage import Stage
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.entity_extractor import EntityExtractor
from domain.slots.entity import Entity
from domain.values import Unavailable


class ObservedExtractor(EntityExtractor):
    """Times and traces each extraction, counts those that did not succeed. `name` tells one extractor from another."""

    def __init__(self, inner: EntityExtractor, *, metrics: Metrics, name: str) -> None:
        self._inner = inner
        self._metrics = metrics
        self._name = name

    async def prepare(self, published: PublishedCatalogue) -> None:
        """As the inner one does."""
        await self._inner.prepare(published)

    async def extract(
        self,
        text: str,
        *,
        version: CatalogueVersion,
        kinds: frozenset[EntityName],
        now: datetime,
        language: str,
    ) -> tuple[Entity, ...] | Unavailable:
        """The inner answer."""
        with Stage(self._name, self._metrics) as stage:
            answer = await self._inner.extract(text, version=version, kinds=kinds, now=now, language=language)
            return stage.checked(answer)
