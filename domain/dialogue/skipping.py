"""随便, 跳过: leave the asked slot to its default, or empty where it may be."""

from domain.dialogue.effect import Ask, Say
from domain.dialogue.proceeding import proceed
from domain.dialogue.situation import Situation
from domain.dialogue.state import Collecting
from domain.dialogue.transition import Transition
from domain.slots.slot import SlotValue


def skip(situation: Situation) -> Transition | None:
    """A slot with a default takes it, an optional one is emptied, a required one is explained and asked again."""
    state = situation.state
    if situation.heard.cue("skip") is None or not isinstance(state, Collecting) or situation.heard.entities:
        return None
    slot = situation.setting.catalogue.slot(state.frame.intent, state.asked)
    if slot.default is not None:
        frame = state.frame.holding({state.asked: SlotValue(slot.default, source="default")})
    elif not slot.required and not slot.required_when:
        frame = state.frame.without(frozenset({state.asked}))
    else:
        effects = (Say("cannot_skip"), Ask(state.frame, state.asked, state.attempts))
        return Transition(state, effects, "incomplete", state.frame)
    return proceed(frame, state.agenda, situation.setting)
