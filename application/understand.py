"""Text to understanding: entities, then what is asked for, cheapest evidence first."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from application.budget import in_time
from domain.dialogue.understanding import Evidence, Expectation, Segment, Understanding
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, EntityName
from domain.ports.entity_extractor import EntityExtractor
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.slots.negation import mark_negated
from domain.values import Unavailable

UNDERSTANDING_SECONDS: Final = 8.0

_FOR_ENTITIES: Final = 0.375
"""What of its time an extractor may take; the recogniser, which comes after the extractors, may take the rest."""


class Understand:
    """Reads utterances against a catalogue that was learnt before."""

    def __init__(self, *, recogniser: IntentRecogniser, extractors: Sequence[EntityExtractor]) -> None:
        self._recogniser = recogniser
        self._extractors = tuple(extractors)
        self._kinds: dict[CatalogueVersion, frozenset[EntityName]] = {}

    async def learn(self, published: PublishedCatalogue) -> None:
        """Make a catalogue known to every part. Raises PartUnavailable."""
        await asyncio.gather(
            self._recogniser.learn(published), *(extractor.prepare(published) for extractor in self._extractors)
        )
        self._kinds[published.version] = published.catalogue.kinds_of(tuple(published.catalogue.intents))

    async def __call__(
        self,
        text: str,
        *,
        published: PublishedCatalogue,
        expectation: Expectation,
        now: datetime,
        seconds: float = UNDERSTANDING_SECONDS,
    ) -> Understanding:
        """What a cleaned utterance means in this expectation, within so many seconds.

        `now` carries the user's zone. A part that does not answer in time, or at all, is named in `degraded`, and the
        rest is used.
        """
        entities, missing = await self._entities(text, published, now, seconds * _FOR_ENTITIES)
        hearing = self._recogniser.recognise(text, entities, version=published.version, expectation=expectation)
        heard = await in_time(hearing, seconds * (1 - _FOR_ENTITIES))
        if isinstance(heard, Unavailable):
            degraded = (*missing, f"recogniser:{heard.code}")
            return Understanding(text, (Segment(text, (), entities),), degraded=degraded)
        evidence = (*heard.evidence, *(Evidence("entity", _described(entity)) for entity in entities))
        return Understanding(text, heard.segments, heard.cues, heard.tier, heard.is_question, evidence, missing)

    async def _entities(
        self, text: str, published: PublishedCatalogue, now: datetime, seconds: float
    ) -> tuple[tuple[Entity, ...], tuple[str, ...]]:
        """Entities of every extractor by position, and the extractors that did not answer."""
        language = published.catalogue.language
        kinds = self._kinds[published.version]
        answers = await asyncio.gather(
            *(
                in_time(
                    extractor.extract(text, version=published.version, kinds=kinds, now=now, language=language), seconds
                )
                for extractor in self._extractors
            )
        )
        missing = tuple(f"entities:{answer.code}" for answer in answers if isinstance(answer, Unavailable))
        found = [entity for answer in answers if not isinstance(answer, Unavailable) for entity in answer]
        ordered = tuple(sorted(found, key=lambda e: (e.start, -e.end, e.kind)))
        return mark_negated(text, ordered), missing


def _described(entity: Entity) -> str:
    reading = f"{entity.text} [{entity.start}:{entity.end}] {entity.kind}={entity.value} ({entity.source})"
    return f"{reading} -> {entity.role}" if entity.role is not None else reading
