"""A turn's transition as a reply."""

from collections.abc import Mapping

from domain.dialogue.effect import Answer, Ask, Explain, Noted, Offer, Report
from domain.dialogue.masking import masked
from domain.dialogue.reply import MessageType, Reply, ReplyOption, ReplySlot
from domain.dialogue.state import Choosing, Collecting, Confirming, Frame, State, active_frame, agenda_of
from domain.dialogue.transition import Status, Transition
from domain.dialogue.understanding import Understanding
from domain.dialogue.wording import Wording
from domain.intents.catalogue import Catalogue
from domain.names import IntentName, SlotName
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.slots.checking import missing_slots

_TYPES: Mapping[Status, tuple[str, str]] = {
    "incomplete": ("slot_prompt", "collect_missing_slots"),
    "ambiguous": ("disambiguation", "user_choice"),
    "awaiting_confirmation": ("confirmation_prompt", "user_confirmation"),
    "completed": ("api_result", "none"),
    "cancelled": ("cancellation_confirmation", "none"),
    "postponed": ("postponement_with_save", "none"),
    "api_processing": ("async_processing", "wait"),
    "api_error": ("error_with_alternatives", "retry"),
    "validation_error": ("validation_error_prompt", "collect_missing_slots"),
    "interruption_handled": ("small_talk_with_context_return", "none"),
    "intent_transfer": ("intent_transfer_with_completion", "none"),
    "multi_intent_processing": ("multi_intent_with_continuation", "none"),
    "ragflow_handled": ("qa_response", "none"),
    "intent_not_found": ("clarification_request", "clarification"),
    "handed_off": ("handoff", "wait"),
    "expired": ("clarification_request", "clarification"),
}

_MESSAGES: Mapping[str, MessageType] = {
    "pick": "choice", "chosen": "choice", "offer": "ambiguous_intent", "fill_in": "slot_filling",
    "digress": "digression", "answer": "digression", "request": "intent_request", "several": "intent_request",
}  # fmt: skip


def compose(
    transition: Transition,
    *,
    heard: Understanding,
    answer: KnowledgeAnswer | None,
    catalogue: Catalogue,
    turn: int,
) -> Reply:
    """The reply to one utterance: words, status, and the slots and intents a client shows.

    `answer` is what the knowledge base said to the transition's Answer effect, if it had one. Sensitive
    values are masked.
    """
    wording = Wording(catalogue, turn)
    status: Status = transition.status
    if answer is not None and status == "intent_not_found":
        status = "ragflow_handled"
    response_type, next_action = _TYPES[status]
    active = active_frame(transition.state)
    about = None if status == "interruption_handled" else transition.focus
    shown_frame = transition.focus or active
    return Reply(
        text=_text(transition, wording, answer),
        status=status,
        response_type=response_type,
        next_action=_awaited(transition.state) or next_action,
        message_type=_message_type(transition),
        intent=about.intent if about is not None else None,
        confidence=about.confidence if about is not None else 0.0,
        slots=_slots(shown_frame, catalogue) if shown_frame is not None else {},
        missing_slots=_missing(shown_frame, catalogue),
        asked_slot=transition.state.asked if isinstance(transition.state, Collecting) else None,
        options=_options(transition, heard, wording),
        pending_intents=_pending(transition),
        suspended_intents=_suspended(transition, status),
        result=next((e.result for e in transition.effects if isinstance(e, Report)), {}),
        sources=answer.passages if answer is not None else (),
        tier="knowledge" if answer is not None else heard.tier,
    )


def _text(transition: Transition, wording: Wording, answer: KnowledgeAnswer | None) -> str:
    parts: list[str] = []
    explained: set[SlotName] = set()
    for effect in transition.effects:
        words = wording.words(effect)
        if isinstance(effect, Answer) and answer is not None:
            words = answer.text
        elif isinstance(effect, Explain) and words.endswith(("？", "?")):
            explained.add(effect.slot)
        elif isinstance(effect, Ask) and effect.slot in explained:
            continue
        if words:
            parts.append(words)
    return "\n".join(parts)


def _awaited(state: State) -> str:
    """What the client should expect next, where the state leaves a question open."""
    match state:
        case Collecting():
            return "collect_missing_slots"
        case Confirming():
            return "user_confirmation"
        case Choosing():
            return "user_choice"
        case _:
            return ""


def _message_type(transition: Transition) -> MessageType:
    if any(isinstance(effect, Noted) and effect.slots for effect in transition.effects):
        return "correction"
    kind = _MESSAGES.get(transition.rule, "control")
    if kind == "intent_request" and isinstance(transition.state, Collecting):
        return "incomplete_intent"
    return kind


def _slots(frame: Frame, catalogue: Catalogue) -> dict[SlotName, ReplySlot]:
    return {name: _slot(frame, name, catalogue) for name in catalogue.intent(frame.intent).slots if name in frame.slots}


def _slot(frame: Frame, name: SlotName, catalogue: Catalogue) -> ReplySlot:
    value = frame.slots[name]
    secret = catalogue.is_sensitive(catalogue.slot(frame.intent, name))
    return ReplySlot(
        masked(value.value) if secret else value.value,
        masked(value.original_text) if secret else value.original_text,
        round(value.confidence, 4),
        value.source,
        value.valid,
        value.confirmed,
    )


def _missing(frame: Frame | None, catalogue: Catalogue) -> tuple[SlotName, ...]:
    return missing_slots(frame.slots, catalogue.intent(frame.intent)) if frame is not None else ()


def _options(transition: Transition, heard: Understanding, wording: Wording) -> tuple[ReplyOption, ...]:
    offer = next((e for e in transition.effects if isinstance(e, Offer)), None)
    if offer is None:
        return ()
    confidences = {c.intent: c.confidence for segment in heard.segments for c in segment.candidates}
    return tuple(ReplyOption(name, wording.label(name), round(confidences.get(name, 0.0), 4)) for name in offer.options)


def _pending(transition: Transition) -> tuple[IntentName, ...]:
    """Intents still to come: the active one when the reply is about another, then the queue."""
    active, focus = active_frame(transition.state), transition.focus
    first = (active.intent,) if active is not None and focus is not None and active.intent != focus.intent else ()
    return (*first, *(frame.intent for frame in agenda_of(transition.state).queued))


def _suspended(transition: Transition, status: Status) -> tuple[IntentName, ...]:
    """Intents that wait, the one next in line last; during a digression that is the active one."""
    waiting = tuple(frame.intent for frame in agenda_of(transition.state).suspended)
    active = active_frame(transition.state)
    if status == "interruption_handled" and active is not None:
        return (*waiting, active.intent)
    return waiting
