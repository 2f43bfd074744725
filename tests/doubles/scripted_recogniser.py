"""A recogniser that hears what a test says it hears."""

from collections.abc import Awaitable, Callable, Iterator, Mapping

import msgspec

from domain.dialogue.understanding import Candidate, Cue, Expectation, Recognition, Segment
from domain.errors import PartUnavailable
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, IntentName
from domain.ports.intent_recogniser import IntentRecogniser
from domain.slots.entity import Entity
from domain.values import Unavailable

Heard = str | tuple[str, ...] | Cue | Unavailable
"""What a part of an utterance is: an intent beyond doubt, several equally likely ones, a cue, or not to be had."""


class ScriptedRecogniser(IntentRecogniser):
    """Reads an utterance part by part, split at `，`; a part that is not in the script asks for nothing.

    Entities go to the part they stand in. `heard` lists the texts it was given, `refusal` is raised by `learn`.
    `meanwhile`, where set, happens while it reads.
    """

    def __init__(self, script: Mapping[str, Heard]) -> None:
        self.script = dict(script)
        self.learnt: list[CatalogueVersion] = []
        self.heard: list[str] = []
        self.expected: list[Expectation] = []
        self.refusal: PartUnavailable | None = None
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def learn(self, published: PublishedCatalogue) -> None:
        if self.refusal is not None:
            raise self.refusal
        if published.version not in self.learnt:
            self.learnt.append(published.version)

    async def recognise(
        self,
        text: str,
        entities: tuple[Entity, ...],
        *,
        version: CatalogueVersion,
        expectation: Expectation,
    ) -> Recognition | Unavailable:
        self.heard.append(text)
        self.expected.append(expectation)
        if self.meanwhile is not None:
            await self.meanwhile()
        if version not in self.learnt:
            return Unavailable("not_learned")
        told = [self.script.get(part, ()) for part in text.split("，")]
        missing = next((answer for answer in told if isinstance(answer, Unavailable)), None)
        if missing is not None:
            return missing
        cues = tuple(answer for answer in told if isinstance(answer, Cue))
        segments = tuple(
            msgspec.structs.replace(segment, candidates=_candidates(answer))
            for segment, answer in zip(_parts(text, entities), told, strict=True)
        )
        return Recognition(segments, cues, "context" if cues else "local")


def _candidates(answer: Heard) -> tuple[Candidate, ...]:
    if isinstance(answer, str):
        return (Candidate(IntentName(answer), 0.95),)
    return tuple(Candidate(IntentName(name), 0.45) for name in answer) if isinstance(answer, tuple) else ()


def _parts(text: str, entities: tuple[Entity, ...]) -> Iterator[Segment]:
    start = 0
    for part in text.split("，"):
        end = start + len(part)
        yield Segment(part, (), tuple(entity for entity in entities if start <= entity.start < end))
        start = end + 1
