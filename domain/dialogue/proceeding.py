"""The next step of a frame, and what comes after the last one."""

import msgspec

from domain.dialogue.effect import Ask, Confirm, Effect, Explain, HandOff, Invoke, Respond, Say
from domain.dialogue.invocation import invocation_key
from domain.dialogue.situation import Setting, parked
from domain.dialogue.state import Acting, Agenda, Closed, Collecting, Confirming, Frame, HandedOff, Idle
from domain.dialogue.transition import Status, Transition
from domain.names import IntentName
from domain.slots.checking import checked, missing_slots
from domain.slots.entity import Entity
from domain.slots.filling import filled, with_defaults


def begun(intent: IntentName, confidence: float, entities: tuple[Entity, ...], setting: Setting) -> Frame:
    """A fresh frame with its defaults and what the utterance already said."""
    declared = setting.catalogue.intent(intent)
    filling = filled(with_defaults(declared), declared, entities, asked=None, now=setting.now)
    return Frame(intent, filling.values, confidence)


def title_of(intent: IntentName, setting: Setting) -> str:
    """How an intent is called to the user."""
    return setting.catalogue.intent(intent).title


def proceed(frame: Frame, agenda: Agenda, setting: Setting, *, attempt: int = 0) -> Transition:
    """Ask for what is missing (an invalid value first), else ask for confirmation where declared, else act."""
    intent = setting.catalogue.intent(frame.intent)
    frame = msgspec.structs.replace(frame, slots=checked(frame.slots, intent, setting.now))
    missing = missing_slots(frame.slots, intent)
    if missing:
        invalid = tuple(name for name in missing if name in frame.slots)
        asked = (invalid or missing)[0]
        effects: tuple[Effect, ...] = (*(Explain(frame, name) for name in invalid), Ask(frame, asked, attempt))
        status: Status = "validation_error" if invalid else "incomplete"
        return Transition(Collecting(frame, asked, attempt, agenda), effects, status, frame)
    if intent.confirm:
        return Transition(Confirming(frame, 0, agenda), (Confirm(frame),), "awaiting_confirmation", frame)
    return act(frame, agenda, setting)


def act(frame: Frame, agenda: Agenda, setting: Setting) -> Transition:
    """Do what the intent is for: call its function, bring in a person, or say its response."""
    intent = setting.catalogue.intent(frame.intent)
    if intent.function is not None:
        function = setting.catalogue.functions[intent.function]
        arguments = {name: frame.slots[slot].value for name, slot in function.arguments.items() if slot in frame.slots}
        key = invocation_key(setting.origin, intent.function, arguments)
        invoke = Invoke(key, intent.function, frame.intent, arguments)
        return Transition(Acting(frame, key, agenda), (invoke,), "api_processing", frame)
    if intent.hand_off:
        return Transition(HandedOff("asked", agenda), (HandOff("asked"),), "handed_off", frame)
    if intent.closes:
        return Transition(Closed("goodbye"), (Respond(frame),), "completed", frame)
    return carry_on(agenda, setting, (Respond(frame),), "completed", frame)


def carry_on(
    agenda: Agenda, setting: Setting, effects: tuple[Effect, ...], status: Status, focus: Frame | None
) -> Transition:
    """After `effects`, take up the next queued intent, else the suspended one on top, else be idle."""
    if agenda.queued:
        frame, rest = agenda.queued[0], msgspec.structs.replace(agenda, queued=agenda.queued[1:])
        bridge, status = Say("next_intent", {"title": title_of(frame.intent, setting)}), "multi_intent_processing"
    elif agenda.suspended:
        frame, rest = agenda.suspended[-1], msgspec.structs.replace(agenda, suspended=agenda.suspended[:-1])
        bridge = Say("back_to", {"title": title_of(frame.intent, setting)})
    else:
        return Transition(Idle(agenda), effects, status, focus)
    step = proceed(frame, rest, setting)
    return Transition(step.state, (*effects, bridge, *step.effects), status, focus or step.focus)


def hand_over(reason: str, frame: Frame | None, agenda: Agenda, setting: Setting) -> Transition:
    """Bring in a person; the active frame is kept for the way back."""
    waiting = parked(agenda, frame, setting.catalogue)
    return Transition(HandedOff(reason, waiting), (HandOff(reason),), "handed_off", frame)
