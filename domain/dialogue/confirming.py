"""Yes and no to the values shown. Nothing is executed on a yes that comes with a change or another request."""

import msgspec

from domain.dialogue.cancelling import asks_for_another
from domain.dialogue.effect import Say
from domain.dialogue.proceeding import act, proceed
from domain.dialogue.situation import Situation
from domain.dialogue.state import Confirming, Frame
from domain.dialogue.transition import Transition


def affirm(situation: Situation) -> Transition | None:
    """A plain yes acts, after the values were checked against the present moment once more.

    Plain is what was read in context alone: with anything else in the sentence, understood or not, it is asked again,
    and so is a yes with a question mark (确认？).
    """
    state, heard = situation.state, situation.heard
    if not isinstance(state, Confirming) or heard.cue("affirm") is None or heard.tier != "context":
        return None
    if heard.is_question:
        return None
    if heard.cue("deny", "cancel", "postpone", "hold", "correct") or heard.entities or asks_for_another(situation):
        return None
    still = proceed(state.frame, state.agenda, situation.setting)
    if not isinstance(still.state, Confirming):
        return still
    return act(_confirmed(still.state.frame), state.agenda, situation.setting)


def _confirmed(frame: Frame) -> Frame:
    values = {name: msgspec.structs.replace(value, confirmed=True) for name, value in frame.slots.items()}
    return frame.holding(values)


def deny(situation: Situation) -> Transition | None:
    """A plain no asks what should be different."""
    state, heard = situation.state, situation.heard
    if not isinstance(state, Confirming) or heard.cue("deny", "correct") is None:
        return None
    if heard.entities or asks_for_another(situation):
        return None
    return Transition(state, (Say("what_to_change"),), "awaiting_confirmation", state.frame)
