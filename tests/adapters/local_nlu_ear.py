"""A recogniser that has learnt a catalogue, and utterances with their values marked by hand."""

from dataclasses import dataclass, field

import msgspec

from adapters.absent.embedder import AbsentEmbedder
from adapters.local_nlu.recogniser import LocalRecogniser
from domain.dialogue.expectation import expect
from domain.dialogue.state import Agenda, Choosing, Collecting, Confirming, Frame, Idle, State
from domain.dialogue.understanding import Recognition
from domain.intents.annotated import read_example
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion, EntityName, IntentName, SlotName
from domain.ports.embedder import Embedder
from domain.slots.entity import Entity
from domain.slots.negation import mark_negated
from domain.values import Unavailable
from tests.doubles.small_catalogue import small_catalogue

VERSION = CatalogueVersion(1)
FLIGHT, BALANCE, MOVIE = IntentName("book_flight"), IntentName("check_balance"), IntentName("book_movie")

IDLE = Idle()
COLLECTING = Collecting(Frame(FLIGHT), SlotName("departure_city"))
CHOOSING = Choosing((FLIGHT, MOVIE), "请问订哪种票？")
CONFIRMING = Confirming(Frame(FLIGHT))
SUSPENDED = Idle(Agenda((Frame(FLIGHT),)))


def spoken(marked: str) -> tuple[str, tuple[Entity, ...]]:
    """An utterance with values marked `[北京](city)`: its plain text, and the entities, rejected ones marked."""
    example = read_example(marked)
    entities = tuple(
        Entity(EntityName(str(note.slot)), note.start, note.end, note.text, note.text) for note in example.annotations
    )
    return example.text, mark_negated(example.text, entities)


def small(**changes: object) -> Catalogue:
    """The small catalogue, some of it changed."""
    return msgspec.structs.replace(small_catalogue(), **changes)


@dataclass
class Ear:
    """Hears utterances in a state of the conversation; without an encoder unless it is given one."""

    catalogue: Catalogue = field(default_factory=small_catalogue)
    embedder: Embedder = field(default_factory=AbsentEmbedder)

    async def learn(self) -> "Ear":
        self.recogniser = LocalRecogniser(self.embedder)
        await self.recogniser.learn(PublishedCatalogue(VERSION, self.catalogue))
        return self

    async def hear(self, marked: str, state: State = IDLE) -> Recognition:
        text, entities = spoken(marked)
        expectation = expect(state, self.catalogue)
        answer = await self.recogniser.recognise(text, entities, version=VERSION, expectation=expectation)
        assert not isinstance(answer, Unavailable)
        return answer

    async def cues(self, marked: str, state: State = CONFIRMING) -> list[str]:
        """The kinds of the acts heard, in order."""
        return [cue.kind for cue in (await self.hear(marked, state)).cues]

    async def wanted(self, marked: str, state: State = IDLE) -> list[str]:
        """What each part asks for: an accepted intent, a declared ambiguity, or nothing."""
        return [
            segment.ambiguity
            or next((c.intent for c in segment.candidates if c.confidence >= self.catalogue.policies.accept), "")
            for segment in (await self.hear(marked, state)).segments
        ]


def roles(answer: Recognition) -> dict[str, str | None]:
    """The slot that each value is said to be for, by the words it was given in."""
    return {entity.text: entity.role for segment in answer.segments for entity in segment.entities}
