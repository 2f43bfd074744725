"""Everything no intent covers: asked of the knowledge base, then the open question again."""

from typing import assert_never

import msgspec

from domain.dialogue.effect import Answer, Say
from domain.dialogue.proceeding import hand_over
from domain.dialogue.reopening import open_question
from domain.dialogue.situation import Setting, Situation
from domain.dialogue.state import (
    Acting,
    Agenda,
    Choosing,
    Collecting,
    Confirming,
    HandedOff,
    Idle,
    OpenState,
    active_frame,
)
from domain.dialogue.transition import Status, Transition


def answer(situation: Situation) -> Transition:
    """Ask the knowledge base; what the state does about it is decided by its answer (`answered`)."""
    state = situation.state
    if isinstance(state, HandedOff):
        return Transition(state, (Say("with_person"),), "handed_off", None)
    if isinstance(state, Acting):
        return Transition(state, (Say("in_progress"),), "api_processing", state.frame)
    otherwise = "not_understood" if isinstance(state, Idle) else "not_understood_now"
    return Transition(state, (Answer(situation.heard.text, otherwise),), _status(state), situation.frame)


def answered(state: OpenState, setting: Setting, *, found: bool) -> Transition:
    """An answer resets the count of failures; none adds to it, and too many bring in a person."""
    policies = setting.catalogue.policies
    match state:
        case Idle():
            unknowns = 0 if found else state.agenda.unknowns + 1
            agenda = msgspec.structs.replace(state.agenda, unknowns=unknowns)
            if unknowns >= policies.unknowns:
                return hand_over("not_understood", None, Agenda(agenda.suspended, agenda.queued), setting)
            return Transition(Idle(agenda), (), _status(state))
        case Collecting() | Confirming() | Choosing():
            attempts = state.attempts if found else state.attempts + 1
            if attempts >= policies.reprompts:
                return hand_over("too_many_attempts", active_frame(state), state.agenda, setting)
            waiting = msgspec.structs.replace(state, attempts=attempts)
            return Transition(waiting, open_question(waiting), _status(state), active_frame(state))
        case Acting() | HandedOff():
            return Transition(state, (), _status(state), active_frame(state))
        case _:
            assert_never(state)


def _status(state: OpenState) -> Status:
    return "intent_not_found" if isinstance(state, Idle) else "interruption_handled"
