"""Why a turn went as it did."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from adapters.http.turn_data import (
    CatalogueNumber,
    Confidence,
    IntentOrNone,
    SessionId,
    StatusShown,
    TierShown,
    TurnNumber,
)
from domain.dialogue.conversation import Turn
from domain.dialogue.understanding import Segment
from domain.intents.catalogue import Catalogue
from domain.names import IntentName
from domain.slots.entity import Entity, SlotContent


class CandidateData(msgspec.Struct, frozen=True, kw_only=True):
    """An intent that was considered."""

    intent: Annotated[str, Meta(description="The intent's name.", examples=["book_flight"])]
    confidence: Confidence
    threshold: Annotated[float, Meta(description="From which confidence on this intent is accepted.", examples=[0.6])]


class EntityData(msgspec.Struct, frozen=True, kw_only=True):
    """A span of the message with a meaning. Sensitive ones are masked, their span is that of the original message."""

    kind: Annotated[str, Meta(description="What kind of value.", examples=["city"])]
    start: Annotated[int, Meta(description="First character, from 0.", examples=[7])]
    end: Annotated[int, Meta(description="Character after the last.", examples=[9])]
    text: Annotated[str, Meta(description="The words.", examples=["北京"])]
    value: Annotated[SlotContent, Meta(description="Normalised.", examples=["北京"])]
    confidence: Confidence
    source: Annotated[str, Meta(description="What found it.", examples=["dictionary"])]
    role: Annotated[str | None, Meta(description="The slot the words around it point to.", examples=["departure_city"])]
    negated: Annotated[bool, Meta(description="Whether the user rejects it.", examples=[False])]
    valid: Annotated[
        bool, Meta(description="False where a value of the kind belongs but this is none.", examples=[True])
    ]


class SegmentData(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the message and what it asks for."""

    text: Annotated[str, Meta(description="The part's words.", examples=["我想订一张从北京出发的机票"])]
    candidates: Annotated[list[CandidateData], Meta(description="Intents considered, most probable first.")]
    entities: Annotated[list[EntityData], Meta(description="Values found, in order.")]
    ambiguity: Annotated[
        str | None, Meta(description="The declared ambiguity the part fits, or null.", examples=["ticket"])
    ]


class CueData(msgspec.Struct, frozen=True, kw_only=True):
    """A dialogue act: a yes, a choice, a cancellation."""

    kind: Annotated[str, Meta(description="Which act.", examples=["affirm"])]
    text: Annotated[str, Meta(description="The words.", examples=["好的"])]
    number: Annotated[int | None, Meta(description="The option chosen by number, -1 for the last.", examples=[1])]


class EvidenceData(msgspec.Struct, frozen=True, kw_only=True):
    """What one stage saw."""

    stage: Annotated[str, Meta(description="Which stage.", examples=["local"])]
    detail: Annotated[str, Meta(description="What it saw.", examples=["nearest example: 买机票 (0.93)"])]


class ThresholdsData(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers that decided."""

    accept: Annotated[float, Meta(description="A candidate at or above it is taken.", examples=[0.6])]
    ambiguous: Annotated[float, Meta(description="Candidates at or above it may be offered.", examples=[0.2])]
    margin: Annotated[float, Meta(description="How far the first must lead the second.", examples=[0.15])]


class WhyData(msgspec.Struct, frozen=True, kw_only=True):
    """Everything behind one turn."""

    session_id: SessionId
    turn: TurnNumber
    at: Annotated[datetime, Meta(description="When the message arrived.")]
    input: Annotated[str, Meta(description="What the user said; sensitive values masked.")]
    intent: IntentOrNone
    confidence: Confidence
    status: StatusShown
    tier: TierShown
    rule: Annotated[str, Meta(description="The move of the state machine that decided.", examples=["request"])]
    is_question: Annotated[bool, Meta(description="Whether the message is a question.", examples=[False])]
    segments: Annotated[list[SegmentData], Meta(description="The message's parts in the order said.")]
    cues: Annotated[list[CueData], Meta(description="Dialogue acts found.")]
    evidence: Annotated[list[EvidenceData], Meta(description="What each stage saw, in order.")]
    degraded: Annotated[list[str], Meta(description="Parts that could not help this time.")]
    thresholds: Annotated[ThresholdsData, Meta(description="As deployed in the catalogue that was used.")]
    catalogue_version: CatalogueNumber


def shown_why(turn: Turn, catalogue: Catalogue) -> WhyData:
    """The stored evidence (masked when it was stored) beside the thresholds of the catalogue that was used."""
    heard, policies = turn.understanding, catalogue.policies
    return WhyData(
        session_id=turn.conversation,
        turn=turn.number,
        at=turn.at,
        input=turn.text,
        intent=turn.reply.intent,
        confidence=turn.reply.confidence,
        status=turn.reply.status,
        tier=heard.tier,
        rule=turn.rule,
        is_question=heard.is_question,
        segments=[_segment(segment, catalogue) for segment in heard.segments],
        cues=[CueData(kind=cue.kind, text=cue.text, number=cue.number) for cue in heard.cues],
        evidence=[EvidenceData(stage=seen.stage, detail=seen.detail) for seen in heard.evidence],
        degraded=list(heard.degraded),
        thresholds=ThresholdsData(accept=policies.accept, ambiguous=policies.ambiguous, margin=policies.margin),
        catalogue_version=turn.catalogue_version,
    )


def _segment(segment: Segment, catalogue: Catalogue) -> SegmentData:
    return SegmentData(
        text=segment.text,
        candidates=[
            CandidateData(
                intent=candidate.intent,
                confidence=candidate.confidence,
                threshold=_threshold(catalogue, candidate.intent),
            )
            for candidate in segment.candidates
        ],
        entities=[_entity(entity) for entity in segment.entities],
        ambiguity=segment.ambiguity or None,
    )


def _threshold(catalogue: Catalogue, intent: IntentName) -> float:
    own = catalogue.intent(intent).threshold
    return catalogue.policies.accept if own is None else own


def _entity(entity: Entity) -> EntityData:
    return EntityData(
        kind=entity.kind,
        start=entity.start,
        end=entity.end,
        text=entity.text,
        value=entity.value,
        confidence=entity.confidence,
        source=entity.source,
        role=entity.role,
        negated=entity.negated,
        valid=entity.valid,
    )
