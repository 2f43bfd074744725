"""Recognition, what was recognised before from a cache."""

import msgspec

from adapters.caching.answers import Answers
from adapters.caching.discretion import Discretion
from domain.dialogue.understanding import Expectation, Recognition
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion
from domain.ports.cache import Cache
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.values import Unavailable, Value


class _Question(Value, frozen=True):
    """Everything a recognition depends on. The text as it was said, since segments quote it."""

    made_by: str
    version: CatalogueVersion
    catalogue: str
    text: str
    entities: tuple[Entity, ...]
    expectation: Expectation


class CachedRecogniser(IntentRecogniser):
    """Recognises an utterance once for everybody who says it where the same is expected.

    Not kept: what is unavailable, and an utterance with a sensitive value in it, or in whose place one was asked for.
    `made_by` names the release and the encoder, so that recognitions of another are not taken for its own.
    """

    def __init__(self, inner: IntentRecogniser, cache: Cache, *, seconds: float = 3600.0, made_by: str = "") -> None:
        self._inner = inner
        self._made_by = made_by
        self._learnt: dict[CatalogueVersion, Discretion] = {}
        self._answers = Answers(cache, msgspec.json.Decoder(Recognition), part="recognition", seconds=seconds)

    async def learn(self, published: PublishedCatalogue) -> None:
        """As the inner one does."""
        await self._inner.learn(published)
        if published.version not in self._learnt:
            self._learnt[published.version] = Discretion(published.catalogue)

    async def recognise(
        self,
        text: str,
        entities: tuple[Entity, ...],
        *,
        version: CatalogueVersion,
        expectation: Expectation,
    ) -> Recognition | Unavailable:
        """The answer kept, or else the inner one's."""
        key = self._key(text, entities, version, expectation)
        known = None if key is None else await self._answers.get(key)
        if known is not None:
            return known
        answer = await self._inner.recognise(text, entities, version=version, expectation=expectation)
        if key is not None and not isinstance(answer, Unavailable):
            await self._answers.put(key, answer)
        return answer

    def _key(
        self, text: str, entities: tuple[Entity, ...], version: CatalogueVersion, expectation: Expectation
    ) -> str | None:
        """None for what is not to be kept."""
        learnt = self._learnt.get(version)
        if (
            learnt is None
            or learnt.forbids_kind(expectation.kind)
            or learnt.forbids_entities(entities)
            or learnt.forbids_text(text)
        ):
            return None
        return self._answers.key(_Question(self._made_by, version, learnt.fingerprint, text, entities, expectation))
