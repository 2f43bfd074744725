"""The answer of one turn, as values."""

from collections.abc import Mapping
from typing import Literal

from domain.dialogue.transition import Status
from domain.dialogue.understanding import Tier
from domain.names import IntentName, SlotName
from domain.ports.knowledge_base import Passage
from domain.slots.entity import SlotContent
from domain.values import Value

MessageType = Literal[
    "intent_request", "incomplete_intent", "ambiguous_intent", "slot_filling",
    "correction", "choice", "digression", "control",
]  # fmt: skip


class ReplySlot(Value, frozen=True):
    """A slot as shown to a client; sensitive values are masked."""

    value: SlotContent
    original_text: str
    confidence: float
    source: str
    is_validated: bool
    is_confirmed: bool


class ReplyOption(Value, frozen=True):
    """One entry of a numbered offer."""

    intent: IntentName
    title: str
    confidence: float


class Reply(Value, frozen=True, kw_only=True):
    """What the user is told, and everything a client needs to show it."""

    text: str
    status: Status
    response_type: str
    next_action: str
    message_type: MessageType
    intent: IntentName | None = None
    confidence: float = 0.0
    slots: Mapping[SlotName, ReplySlot] = {}
    missing_slots: tuple[SlotName, ...] = ()
    asked_slot: SlotName | None = None
    options: tuple[ReplyOption, ...] = ()
    pending_intents: tuple[IntentName, ...] = ()
    suspended_intents: tuple[IntentName, ...] = ()
    result: Mapping[str, SlotContent] = {}
    sources: tuple[Passage, ...] = ()
    tier: Tier = "fallback"
