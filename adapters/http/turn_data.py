"""A turn as clients see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from application.handle_turn import TurnReply
from domain.dialogue.conversation import Turn
from domain.dialogue.reply import MessageType, Reply, ReplySlot
from domain.dialogue.transition import Status
from domain.dialogue.understanding import Tier
from domain.names import SlotName
from domain.slots.entity import SlotContent

SessionId = Annotated[
    str,
    Meta(description="The conversation; send it with the next message.", examples=["5b0d6a52c1c94c6e9a5f2f0f3b1c7d10"]),
]
TurnNumber = Annotated[int, Meta(description="Counts the conversation's turns from 1.", examples=[1])]
CatalogueNumber = Annotated[int, Meta(description="The version of the catalogue that was used.", examples=[3])]
Said = Annotated[str, Meta(description="The text for the user.", examples=["请问您从哪个城市出发？"])]
Confidence = Annotated[float, Meta(description="Calibrated probability, 0 to 1.", examples=[0.97])]
IntentOrNone = Annotated[
    str | None, Meta(description="The intent the reply is about, or null.", examples=["book_flight"])
]
StatusShown = Annotated[Status, Meta(description="Where the task stands after this turn.", examples=["incomplete"])]
ResponseType = Annotated[
    str,
    Meta(
        description="What kind of text the response is: slot_prompt, disambiguation, confirmation_prompt, api_result, "
        "cancellation_confirmation, postponement_with_save, async_processing, error_with_alternatives, "
        "validation_error_prompt, small_talk_with_context_return, qa_response, intent_transfer_with_completion, "
        "multi_intent_with_continuation, clarification_request, handoff.",
        examples=["slot_prompt"],
    ),
]
TierShown = Annotated[Tier, Meta(description="Who understood the message, cheapest first.", examples=["local"])]
Milliseconds = Annotated[float, Meta(description="Time the turn took, in milliseconds.", examples=[6.4])]


class SlotData(msgspec.Struct, frozen=True):
    """A slot's value. Sensitive values show their last four characters at most."""

    value: Annotated[SlotContent, Meta(description="Normalised: dates are ISO 8601, numbers plain.", examples=["北京"])]
    original_text: Annotated[str, Meta(description="The user's words for it.", examples=["帝都"])]
    confidence: Confidence
    source: Annotated[str, Meta(description="What found it.", examples=["dictionary"])]
    is_validated: Annotated[bool, Meta(description="Whether it passed the slot's checks.", examples=[True])]
    is_confirmed: Annotated[bool, Meta(description="Whether the user confirmed it.", examples=[False])]


class OptionData(msgspec.Struct, frozen=True):
    """One entry of a numbered offer."""

    intent: Annotated[str, Meta(description="The intent's name.", examples=["book_flight"])]
    title: Annotated[str, Meta(description="What the user is shown.", examples=["订机票"])]
    confidence: Confidence


class SourceData(msgspec.Struct, frozen=True):
    """Where an answer from the documents comes from."""

    source: Annotated[str, Meta(description="The document.", examples=["refunds.md"])]
    title: Annotated[str, Meta(description="Its heading.", examples=["退票规则"])]
    quote: Annotated[str, Meta(description="The words the answer rests on.", examples=["起飞前 24 小时退票免手续费。"])]
    score: Annotated[float, Meta(description="How well they fit the question, 0 to 1.", examples=[0.82])]


class ChatData(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a message."""

    response: Said
    session_id: SessionId
    turn: TurnNumber
    intent: IntentOrNone
    confidence: Annotated[float, Meta(description="The intent's probability; 0 without an intent.", examples=[0.97])]
    slots: Annotated[Mapping[str, SlotData], Meta(description="The intent's slots that hold a value, by name.")]
    missing_slots: Annotated[
        list[str], Meta(description="Required slots without a value.", examples=[["arrival_city"]])
    ]
    asked_slot: Annotated[str | None, Meta(description="The slot just asked for, or null.", examples=["arrival_city"])]
    status: StatusShown
    response_type: ResponseType
    next_action: Annotated[
        str,
        Meta(
            description="What is expected of the user: collect_missing_slots, user_choice, user_confirmation, "
            "clarification, wait, retry or none.",
            examples=["collect_missing_slots"],
        ),
    ]
    message_type: Annotated[
        MessageType, Meta(description="What the user's message was taken for.", examples=["intent_request"])
    ]
    ambiguous_intents: Annotated[list[OptionData], Meta(description="The options of an open offer, numbered from 1.")]
    pending_intents: Annotated[
        list[str], Meta(description="Intents that come next, in order.", examples=[["book_hotel"]])
    ]
    suspended_intents: Annotated[list[str], Meta(description="Interrupted intents, the last one on top.")]
    api_result: Annotated[
        Mapping[str, SlotContent] | None,
        Meta(description="What the intent's function gave back, or null.", examples=[{"order_id": "F20261125001"}]),
    ]
    sources: Annotated[list[SourceData], Meta(description="Where an answer from the documents comes from, best first.")]
    tier: TierShown
    processing_time_ms: Milliseconds
    catalogue_version: CatalogueNumber


class TurnData(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of a conversation."""

    turn: TurnNumber
    at: Annotated[datetime, Meta(description="When the message arrived.")]
    message_id: Annotated[str | None, Meta(description="The message's id, where it came with one.")]
    input: Annotated[str, Meta(description="What the user said; sensitive values masked.", examples=["订机票"])]
    response: Said
    intent: IntentOrNone
    confidence: Confidence
    slots: Annotated[Mapping[str, SlotData], Meta(description="The slots as they stood, by name.")]
    status: StatusShown
    response_type: ResponseType
    tier: TierShown
    processing_time_ms: Milliseconds
    catalogue_version: CatalogueNumber


def shown_slots(slots: Mapping[SlotName, ReplySlot]) -> dict[str, SlotData]:
    """Slots in the contract's shape."""
    return {
        name: SlotData(
            slot.value, slot.original_text, slot.confidence, slot.source, slot.is_validated, slot.is_confirmed
        )
        for name, slot in slots.items()
    }


def shown_reply(answered: TurnReply) -> ChatData:
    """A reply in the contract's shape."""
    reply: Reply = answered.reply
    return ChatData(
        response=reply.text,
        session_id=answered.session_id,
        turn=answered.turn,
        intent=reply.intent,
        confidence=reply.confidence,
        slots=shown_slots(reply.slots),
        missing_slots=list(reply.missing_slots),
        asked_slot=reply.asked_slot,
        status=reply.status,
        response_type=reply.response_type,
        next_action=reply.next_action,
        message_type=reply.message_type,
        ambiguous_intents=[OptionData(o.intent, o.title, o.confidence) for o in reply.options],
        pending_intents=list(reply.pending_intents),
        suspended_intents=list(reply.suspended_intents),
        api_result=dict(reply.result) or None,
        sources=[SourceData(p.source, p.title, p.quote, p.score) for p in reply.sources],
        tier=reply.tier,
        processing_time_ms=round(answered.processing_ms, 3),
        catalogue_version=answered.catalogue_version,
    )


def shown_turn(turn: Turn) -> TurnData:
    """A stored turn as it may be shown."""
    return TurnData(
        turn=turn.number,
        at=turn.at,
        message_id=turn.message_id,
        input=turn.text,
        response=turn.reply.text,
        intent=turn.reply.intent,
        confidence=turn.reply.confidence,
        slots=shown_slots(turn.reply.slots),
        status=turn.reply.status,
        response_type=turn.reply.response_type,
        tier=turn.reply.tier,
        processing_time_ms=round(turn.processing_ms, 3),
        catalogue_version=turn.catalogue_version,
    )
