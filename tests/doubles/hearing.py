"""Understandings written by hand, for tests of the machine."""

from domain.dialogue.understanding import Candidate, Cue, CueKind, Segment, Tier, Understanding
from domain.names import EntityName, IntentName, SlotName
from domain.slots.entity import Entity, SlotContent


def entity(
    text: str,
    kind: str,
    value: SlotContent | None = None,
    *,
    at: int = 0,
    role: str | None = None,
    negated: bool = False,
    valid: bool = True,
) -> Entity:
    """An entity of some kind at a position."""
    return Entity(
        EntityName(kind),
        at,
        at + len(text),
        text,
        text if value is None else value,
        role=SlotName(role) if role else None,
        role_confidence=1.0 if role else 0.0,
        negated=negated,
        valid=valid,
    )


def segment(text: str = "", intent: str | None = None, *entities: Entity, confidence: float = 0.95) -> Segment:
    """One part of an utterance with at most one candidate."""
    candidates = (Candidate(IntentName(intent), confidence),) if intent else ()
    return Segment(text, candidates, entities)


def heard(
    text: str,
    *segments: Segment,
    cues: tuple[CueKind, ...] = (),
    number: int | None = None,
    tier: Tier | None = None,
    question: bool = False,
) -> Understanding:
    """An utterance with its segments (one empty one where none is given) and cues; cues alone are read in context."""
    return Understanding(
        text,
        segments or (Segment(text),),
        tuple(Cue(kind, text, number) for kind in cues),
        tier or ("context" if cues and not segments else "local"),
        question,
    )
