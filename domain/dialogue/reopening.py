"""Putting the open question again, with nothing changed."""

from typing import assert_never

from domain.dialogue.effect import Ask, Confirm, Effect, Offer, Say
from domain.dialogue.situation import Situation
from domain.dialogue.state import Acting, Choosing, Collecting, Confirming, HandedOff, Idle, OpenState
from domain.dialogue.transition import Status, Transition


def open_question(state: OpenState) -> tuple[Effect, ...]:
    """The effects that put the state's question again; none where nothing is open."""
    match state:
        case Collecting():
            return (Ask(state.frame, state.asked, state.attempts),)
        case Confirming():
            return (Confirm(state.frame),)
        case Choosing():
            return (Offer(state.options, state.question),)
        case Acting():
            return (Say("in_progress"),)
        case Idle() | HandedOff():
            return ()
        case _:
            assert_never(state)


def waiting_status(state: OpenState) -> Status:
    """How a turn that changes nothing leaves the conversation."""
    match state:
        case Collecting():
            return "incomplete"
        case Confirming():
            return "awaiting_confirmation"
        case Choosing():
            return "ambiguous"
        case Acting():
            return "api_processing"
        case Idle():
            return "intent_not_found"
        case HandedOff():
            return "handed_off"
        case _:
            assert_never(state)


def repeat(situation: Situation) -> Transition | None:
    """再说一遍: the question again. A bare yes or no that answers nothing gets the same."""
    heard, state = situation.heard, situation.state
    is_bare = heard.tier == "context" and heard.cue("affirm", "deny", "correct") is not None
    if (heard.cue("repeat") is None and not is_bare) or situation.clear():
        return None
    if isinstance(state, Idle) and heard.entities:
        return None
    question = open_question(state) or (Say("nothing_to_do"),)
    return Transition(state, question, waiting_status(state), situation.frame)


def hold(situation: Situation) -> Transition | None:
    """等等: wait, with everything as it is."""
    if situation.heard.cue("hold") is None or situation.clear():
        return None
    effects = (Say("take_your_time"),)
    return Transition(situation.state, effects, waiting_status(situation.state), situation.frame)
