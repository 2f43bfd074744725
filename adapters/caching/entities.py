"""Entity extraction, what was read before from a cache."""

from datetime import datetime

import msgspec

from adapters.caching.answers import Answers
from adapters.caching.discretion import Discretion
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.cache import Cache
from domain.ports.entity_extractor import EntityExtractor
from domain.slots.entity import Entity
from domain.values import Unavailable, Value


class _Question(Value, frozen=True):
    """Everything the readings of a text depend on. `zone` says more than the offset that `minute` ends with."""

    made_by: str
    version: CatalogueVersion
    catalogue: str
    text: str
    kinds: frozenset[EntityName]
    language: str
    minute: str
    zone: str


class CachedExtractor(EntityExtractor):
    """Reads a text once a minute, whoever says it.

    Relative dates count from the present minute, which is part of the key; `seconds` beyond that minute gain nothing.
    Not kept: what is unavailable, readings of which one is sensitive, and those of a text with digits that may be a
    sensitive value unknown to this extractor. `made_by` names the extractor and the release, so that readings of
    another are not taken for its own.
    """

    def __init__(self, inner: EntityExtractor, cache: Cache, *, seconds: float = 60.0, made_by: str = "") -> None:
        self._inner = inner
        self._made_by = made_by
        self._prepared: dict[CatalogueVersion, Discretion] = {}
        self._answers = Answers(cache, msgspec.json.Decoder(tuple[Entity, ...]), part="entities", seconds=seconds)

    async def prepare(self, published: PublishedCatalogue) -> None:
        """As the inner one does."""
        await self._inner.prepare(published)
        if published.version not in self._prepared:
            self._prepared[published.version] = Discretion(published.catalogue)

    async def extract(
        self,
        text: str,
        *,
        version: CatalogueVersion,
        kinds: frozenset[EntityName],
        now: datetime,
        language: str,
    ) -> tuple[Entity, ...] | Unavailable:
        """The readings kept, or else the inner one's; the seconds of `now` do not count."""
        minute = now.replace(second=0, microsecond=0)
        prepared = self._prepared.get(version)
        if prepared is None or prepared.forbids_text(text):
            return await self._inner.extract(text, version=version, kinds=kinds, now=minute, language=language)
        key = self._answers.key(
            _Question(
                made_by=self._made_by,
                version=version,
                catalogue=prepared.fingerprint,
                text=text,
                kinds=kinds,
                language=language,
                minute=minute.isoformat(),
                zone=str(minute.tzinfo),
            )
        )
        known = None if key is None else await self._answers.get(key)
        if known is not None:
            return known
        answer = await self._inner.extract(text, version=version, kinds=kinds, now=minute, language=language)
        if key is not None and not isinstance(answer, Unavailable) and not prepared.forbids_entities(answer):
            await self._answers.put(key, answer)
        return answer
