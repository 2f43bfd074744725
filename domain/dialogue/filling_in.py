"""Values for the active frame: answers, additions and corrections are one and the same move."""

from domain.dialogue.cancelling import asks_for_another
from domain.dialogue.effect import Effect, Noted
from domain.dialogue.proceeding import hand_over, proceed
from domain.dialogue.situation import Situation
from domain.dialogue.state import Collecting, Confirming, Frame
from domain.dialogue.transition import Transition
from domain.intents.intent import Intent
from domain.intents.normalise import canonical
from domain.slots.entity import Entity
from domain.slots.filling import Filling, filled, takes
from domain.slots.slot import SlotValue

_MOSTLY = 0.4
"""Share of the utterance that values must cover to count as an answer when its intent is in doubt."""
_LONGEST_TEXT_ANSWER = 60
_LONGEST_UNKNOWN_VALUE = 4


def fill_in(situation: Situation) -> Transition | None:
    """Put what was said into the frame and take its next step; corrected values are named."""
    state = situation.state
    if not isinstance(state, Collecting | Confirming) or asks_for_another(situation):
        return None
    intent = situation.setting.catalogue.intent(state.frame.intent)
    entities = tuple(e for e in situation.heard.entities if any(takes(s, e.kind) for s in intent.slots.values()))
    if entities and not _is_answer(situation, entities):
        return None
    asked = state.asked if isinstance(state, Collecting) else None
    filling = filled(
        state.frame.slots, intent, entities or _whole_answer(situation, intent), asked=asked, now=situation.setting.now
    )
    return _stepped(situation, state, filling) if filling.changed else None


def _stepped(situation: Situation, state: Collecting | Confirming, filling: Filling) -> Transition:
    before = state.frame
    frame = Frame(before.intent, filling.values, before.confidence)
    attempt = 0
    if isinstance(state, Collecting) and not _holds(frame, state):
        attempt = state.attempts + 1
        if attempt >= situation.setting.catalogue.policies.reprompts:
            return hand_over("too_many_attempts", frame, state.agenda, situation.setting)
    step = proceed(frame, state.agenda, situation.setting, attempt=attempt)
    corrected = tuple(name for name in filling.changed if _was_said(before.slots.get(name)) and frame.slots[name].valid)
    noted: tuple[Effect, ...] = (Noted(frame, corrected),) if corrected else ()
    return Transition(step.state, (*noted, *step.effects), step.status, step.focus)


def _holds(frame: Frame, state: Collecting) -> bool:
    """Whether the asked slot was not answered with an invalid value."""
    value = frame.slots.get(state.asked)
    return value is None or value.valid


def _was_said(value: SlotValue | None) -> bool:
    return value is not None and value.valid and value.source != "default"


def _is_answer(situation: Situation, entities: tuple[Entity, ...]) -> bool:
    """Whether values in the utterance are meant for the active frame, rather than mentioned in passing."""
    heard, frame = situation.heard, situation.frame
    if heard.tier == "context" or heard.cue("correct", "deny", "affirm"):
        return True
    if frame is not None and situation.confidence_of(frame.intent) >= situation.setting.catalogue.policies.ambiguous:
        return True
    if heard.is_question:
        return False
    covered = {index for entity in entities for index in range(entity.start, entity.end)}
    return len(covered) >= _MOSTLY * max(len(canonical(heard.text)), 1)


def _whole_answer(situation: Situation, intent: Intent) -> tuple[Entity, ...]:
    """The whole utterance as the asked value: free text, or a short word where a dictionary value belongs."""
    state, heard = situation.state, situation.heard
    if not isinstance(state, Collecting) or heard.cues or heard.is_question or situation.near() is not None:
        return ()
    kind, text = intent.slots[state.asked].entity, heard.text.strip("，。！？,.!? ")
    if kind == "text" and 0 < len(text) <= _LONGEST_TEXT_ANSWER:
        return (Entity(kind, 0, len(heard.text), text, text, 1.0, "answer", state.asked, 1.0),)
    declared = situation.setting.catalogue.entities.get(kind)
    if declared is not None and declared.values and 0 < len(text) <= _LONGEST_UNKNOWN_VALUE and text.isalpha():
        return (Entity(kind, 0, len(heard.text), text, text, 0.5, "answer", state.asked, 1.0, valid=False),)
    return ()
