"""继续订票，从武汉出发: a suspended frame comes back as it was, and takes new values in the same turn."""

import msgspec

from domain.dialogue.effect import Effect, Say
from domain.dialogue.explaining import explained
from domain.dialogue.proceeding import proceed, title_of
from domain.dialogue.reopening import open_question, waiting_status
from domain.dialogue.situation import Situation, parked
from domain.dialogue.state import Frame
from domain.dialogue.transition import Transition
from domain.slots.entity import Entity
from domain.slots.filling import filled


def resume(situation: Situation) -> Transition | None:
    """Take up the suspended frame that is meant: the one named, else the one on top.

    With nothing set aside, the task in hand is what goes on.
    """
    suspended = situation.agenda.suspended
    if situation.heard.cue("resume") is None:
        return None
    if not suspended:
        return _nothing_suspended(situation)
    frame = max(reversed(suspended), key=lambda f: situation.confidence_of(f.intent))
    return taken_up(situation, frame, situation.heard.entities)


def _nothing_suspended(situation: Situation) -> Transition | None:
    if situation.heard.entities or situation.clear():
        return None
    question = open_question(situation.state) or (Say("nothing_to_resume"),)
    return Transition(situation.state, question, waiting_status(situation.state), situation.frame)


def taken_up(
    situation: Situation, frame: Frame, entities: tuple[Entity, ...], before: tuple[Effect, ...] = ()
) -> Transition:
    """The suspended `frame` made active with new values; what was active is suspended."""
    setting = situation.setting
    others = tuple(other for other in situation.agenda.suspended if other.intent != frame.intent)
    agenda = parked(msgspec.structs.replace(situation.agenda, suspended=others), situation.frame, setting.catalogue)
    intent = setting.catalogue.intent(frame.intent)
    entities = explained(entities, frame, situation)
    filling = filled(frame.slots, intent, entities, asked=None, now=setting.now)
    step = proceed(msgspec.structs.replace(frame, slots=filling.values), agenda, setting)
    back = Say("back_to", {"title": title_of(frame.intent, setting)})
    return Transition(step.state, (*before, back, *step.effects), step.status, step.focus)
