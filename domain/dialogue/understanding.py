"""What was understood of one utterance."""

from typing import Literal

from domain.names import EntityName, IntentName, SlotName
from domain.slots.entity import Entity
from domain.values import Value

Tier = Literal["context", "example", "local", "model", "knowledge", "fallback"]

CueKind = Literal[
    "affirm", "deny", "choose", "cancel", "postpone", "hold", "correct", "resume", "repeat", "skip", "person",
]  # fmt: skip


class Cue(Value, frozen=True):
    """A dialogue act that only has meaning in context. `number` is set for a choice: from 1, or -1 for the last."""

    kind: CueKind
    text: str
    number: int | None = None


class Candidate(Value, frozen=True):
    """An intent and its calibrated probability, 0..1."""

    intent: IntentName
    confidence: float


class Segment(Value, frozen=True):
    """One part of an utterance in the order said, with what it asks for and the entities inside it.

    `candidates` are ordered, most probable first; empty when the part carries no intent of its own.
    `ambiguity` names the catalogue's ambiguity that fits better than any single intent.
    """

    text: str
    candidates: tuple[Candidate, ...] = ()
    entities: tuple[Entity, ...] = ()
    ambiguity: str = ""


class Evidence(Value, frozen=True):
    """One line of the answer to 'why': which stage, what it saw."""

    stage: str
    detail: str


class Understanding(Value, frozen=True):
    """One utterance, read. There is always at least one segment."""

    text: str
    segments: tuple[Segment, ...]
    cues: tuple[Cue, ...] = ()
    tier: Tier = "fallback"
    is_question: bool = False
    evidence: tuple[Evidence, ...] = ()
    degraded: tuple[str, ...] = ()

    def cue(self, *kinds: CueKind) -> Cue | None:
        """The first cue of one of these kinds."""
        return next((cue for cue in self.cues if cue.kind in kinds), None)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities of every segment, in order."""
        return tuple(entity for segment in self.segments for entity in segment.entities)


class Expectation(Value, frozen=True):
    """What the state makes likely: the answer to an open question, a choice, a confirmation.

    `cues` are the dialogue acts that mean something now. `intent` is being worked on, `slot` was asked
    and takes entities of `kind`. `options` are the titles on offer, numbered from 1.
    """

    cues: frozenset[CueKind] = frozenset()
    intent: IntentName | None = None
    slot: SlotName | None = None
    kind: EntityName | None = None
    options: tuple[IntentName, ...] = ()
    suspended: tuple[IntentName, ...] = ()


class Recognition(Value, frozen=True):
    """What a recogniser says: segments with candidates (probabilities calibrated), cues, and how it decided.

    Entities of the segments are those it was given, each with its role set where the words around point to one.
    """

    segments: tuple[Segment, ...]
    cues: tuple[Cue, ...] = ()
    tier: Tier = "local"
    is_question: bool = False
    evidence: tuple[Evidence, ...] = ()
