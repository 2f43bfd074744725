"""Giving a task up, for good or for later."""

from domain.dialogue.effect import Kept, Say
from domain.dialogue.proceeding import carry_on, title_of
from domain.dialogue.situation import Situation
from domain.dialogue.state import Choosing, Idle
from domain.dialogue.transition import Transition


def cancel(situation: Situation) -> Transition | None:
    """Drop the active frame or the offer without a trace; another request in the same breath takes precedence."""
    if situation.heard.cue("cancel") is None or asks_for_another(situation):
        return None
    frame, setting = situation.frame, situation.setting
    if frame is not None:
        said = Say("cancelled", {"title": title_of(frame.intent, setting)})
        return carry_on(situation.agenda, setting, (said,), "cancelled", None)
    if isinstance(situation.state, Choosing):
        return carry_on(situation.agenda, setting, (Say("cancelled_offer"),), "cancelled", None)
    return Transition(situation.state, (Say("nothing_to_cancel"),), "cancelled")


def postpone(situation: Situation) -> Transition | None:
    """Set the active frame aside and say what is kept."""
    if situation.heard.cue("postpone") is None or asks_for_another(situation):
        return None
    frame = situation.frame
    if frame is None:
        return Transition(Idle(situation.agenda), (Say("take_your_time"),), "postponed")
    return Transition(Idle(situation.parked()), (Kept(frame),), "postponed", frame)


def asks_for_another(situation: Situation) -> bool:
    """Whether an intent other than the active one is meant beyond doubt."""
    active = situation.frame.intent if situation.frame is not None else None
    return any(verdict.intent != active for verdict, _ in situation.clear())
