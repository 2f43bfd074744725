"""Recognition, observed."""

from adapters.telemetry.metrics import Metrics
from adapters.telemetry.stage import Stage
from adapters.telemetry.work import Work
from domain.dialogue.understanding import Expectation, Recognition
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.values import Unavailable


class ObservedRecogniser(IntentRecogniser):
    """Times and traces each recognition, counts those that did not succeed."""

    def __init__(self, inner: IntentRecogniser, *, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def learn(self, published: PublishedCatalogue) -> None:
        """Traced only: it takes seconds, and no user waits for it."""
        with Work("learn", catalogue_version=published.version):
            await self._inner.learn(published)

    async def recognise(
        self,
        text: str,
        entities: tuple[Entity, ...],
        *,
        version: CatalogueVersion,
        expectation: Expectation,
    ) -> Recognition | Unavailable:
        """The inner answer."""
        with Stage("recogniser", self._metrics) as stage:
            answer = await self._inner.recognise(text, entities, version=version, expectation=expectation)
            return stage.checked(answer)
