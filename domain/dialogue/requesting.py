"""Requests for intents: the first one, another one in between, several in one breath."""

from collections.abc import Iterator

import msgspec

from domain.dialogue.effect import Effect, Noted, Respond, Say
from domain.dialogue.proceeding import act, begun, proceed, title_of
from domain.dialogue.reopening import open_question
from domain.dialogue.resuming import taken_up
from domain.dialogue.situation import Situation, parked
from domain.dialogue.state import Agenda, Choosing, Collecting, Confirming, Frame, HandedOff
from domain.dialogue.transition import Transition
from domain.intents.ranking import Clear
from domain.slots.checking import missing_slots
from domain.slots.entity import Entity
from domain.slots.filling import filled

MOST_QUEUED = 5


def request(situation: Situation) -> Transition | None:
    """One clear intent, not the active one: start it, with the active frame set aside."""
    wanted = list(_new(situation))
    if len(wanted) != 1:
        return None
    verdict, entities = wanted[0]
    busy = isinstance(situation.state, Collecting | Confirming | Choosing | HandedOff)
    if busy and situation.setting.catalogue.intent(verdict.intent).digression:
        return None
    frame, announced = _set_aside(situation)
    agenda = parked(situation.agenda, frame, situation.setting.catalogue)
    waiting = next((f for f in agenda.suspended if f.intent == verdict.intent), None)
    if waiting is not None:
        return taken_up(situation, waiting, entities, announced)
    heard = situation.state.heard if isinstance(situation.state, Choosing) else ()
    step = proceed(
        begun(verdict.intent, verdict.confidence, (*heard, *entities), situation.setting), agenda, situation.setting
    )
    moved = step.status in ("incomplete", "awaiting_confirmation") and announced
    return Transition(step.state, (*announced, *step.effects), "intent_transfer" if moved else step.status, step.focus)


def several(situation: Situation) -> Transition | None:
    """Several clear intents: the first one now, the rest queued in the order said."""
    wanted = list(_new(situation))
    if len(wanted) < 2:
        return None
    setting = situation.setting
    frames = tuple(begun(verdict.intent, verdict.confidence, entities, setting) for verdict, entities in wanted)
    frame, announced = _set_aside(situation)
    agenda = parked(situation.agenda, frame, setting.catalogue)
    agenda = Agenda(agenda.suspended, (*frames[1:], *agenda.queued)[:MOST_QUEUED])
    step = proceed(frames[0], agenda, setting)
    titles = {"first": title_of(frames[0].intent, setting)}
    separator = "、" if setting.catalogue.language.lower().startswith("zh") else ", "
    titles["rest"] = separator.join(title_of(f.intent, setting) for f in frames[1:])
    said = (*announced, Say("several_intents", titles), *step.effects)
    status = step.status if step.status == "api_processing" else "multi_intent_processing"
    return Transition(step.state, said, status, step.focus)


def digress(situation: Situation) -> Transition | None:
    """A digression intent in the middle of a task: served on the spot if it can be, the task untouched."""
    wanted = [verdict for verdict, _ in situation.clear()]
    state, setting = situation.state, situation.setting
    if not wanted or not isinstance(state, Collecting | Confirming | Choosing):
        return None
    intent = setting.catalogue.intent(wanted[0].intent)
    if not intent.digression:
        return None
    frame = begun(wanted[0].intent, wanted[0].confidence, situation.heard.entities, setting)
    if missing_slots(frame.slots, intent):
        return None
    if intent.function is not None:
        return act(frame, situation.parked(), setting)
    effects: tuple[Effect, ...] = (Respond(frame), *open_question(state))
    return Transition(state, effects, "interruption_handled", situation.frame)


def _new(situation: Situation) -> Iterator[tuple[Clear, tuple[Entity, ...]]]:
    """Clear intents other than the active one, each once, with the entities said with them."""
    active = situation.frame.intent if situation.frame is not None else None
    seen = {active}
    for verdict, entities in situation.clear():
        if verdict.intent not in seen:
            seen.add(verdict.intent)
            yield verdict, entities


def _set_aside(situation: Situation) -> tuple[Frame | None, tuple[Effect, ...]]:
    """The active frame, with what the same utterance still says for it, and the words that announce the pause."""
    frame, setting = situation.frame, situation.setting
    if frame is None:
        return None, ()
    asked = situation.state.asked if isinstance(situation.state, Collecting) else None
    intent = setting.catalogue.intent(frame.intent)
    own = [entities for verdict, entities in situation.clear() if verdict.intent == frame.intent]
    meant = (*situation.loose(), *(entity for entities in own for entity in entities))
    filling = filled(frame.slots, intent, meant, asked=asked, now=setting.now)
    said = Say("set_aside", {"title": title_of(frame.intent, setting)})
    frame = msgspec.structs.replace(frame, slots=filling.values)
    taken = tuple(name for name in filling.changed if frame.slots[name].valid)
    return frame, (Noted(frame, added=taken), said) if taken else (said,)
