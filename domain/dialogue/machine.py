"""The state machine.

Laws, each held by property tests:
total            every state takes every event; an event that makes no sense changes nothing and says so
deterministic    equal arguments give equal transitions; no clock, no chance, no input or output
absorbing        nothing leaves Closed
safe             nothing is invoked while a required slot is missing or invalid, nor, where the intent wants
                 confirmation, in any state but Confirming on a plain yes
local            a correction changes the named slots and what depends on them; a digression changes no frame;
                 a cancelled frame leaves nothing behind
bounded          effects, stack and queue have fixed limits

An utterance is read by moves: small functions that each know one behaviour and pass on what is not their
business. MOVES lists them by state, first come first served; `answer` takes what is left. A new behaviour is
a new file with a move and its place in these lists.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

import msgspec

from domain.dialogue.acting import failed, succeeded
from domain.dialogue.answering import answer, answered
from domain.dialogue.asking_for_a_person import ask_for_a_person
from domain.dialogue.cancelling import cancel, postpone
from domain.dialogue.choosing import decline, offer, pick, started
from domain.dialogue.confirming import affirm, deny
from domain.dialogue.effect import Say
from domain.dialogue.event import ActionFailed, ActionSucceeded, Answered, Chosen, Elapsed, Event, Understood
from domain.dialogue.filling_in import fill_in
from domain.dialogue.reopening import hold, repeat
from domain.dialogue.requesting import digress, request, several
from domain.dialogue.resuming import resume
from domain.dialogue.situation import Move, Setting, Situation
from domain.dialogue.skipping import skip
from domain.dialogue.state import (
    Acting,
    Agenda,
    Choosing,
    Closed,
    Collecting,
    Confirming,
    HandedOff,
    Idle,
    OpenState,
    State,
    active_frame,
)
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Segment, Understanding
from domain.intents.catalogue import Catalogue

MOVES: Mapping[type[OpenState], Sequence[Move]] = {
    Idle: (ask_for_a_person, postpone, cancel, resume, several, request, offer, hold, repeat),
    Collecting: (
        ask_for_a_person, postpone, cancel, resume, several, digress, request, fill_in, skip, offer, hold, repeat,
    ),
    Choosing: (
        ask_for_a_person, postpone, cancel, pick, several, digress, request, decline, resume, offer, hold, repeat,
    ),
    Confirming: (
        ask_for_a_person, postpone, cancel, affirm, resume, several, digress, request, fill_in, deny, offer, hold,
        repeat,
    ),
    Acting: (),
    HandedOff: (resume, several, request),
}  # fmt: skip


def advance(state: State, event: Event, *, catalogue: Catalogue, now: datetime) -> Transition:
    """The next state and what to do about it.

    `now` is the present in the user's time zone. See the module's docstring for the laws.
    """
    if isinstance(state, Closed):
        return Transition(state, (Say("closed"),), "expired" if state.reason == "expired" else "completed")
    match event:
        case Understood():
            setting = Setting(catalogue, now, event.origin)
            return _understood(Situation(state, event.understanding, setting))
        case Chosen():
            return _chosen(state, event, Setting(catalogue, now, event.origin))
        case ActionSucceeded() | ActionFailed():
            return _acted(state, event, Setting(catalogue, now, event.origin))
        case Answered():
            return answered(state, Setting(catalogue, now, event.origin), found=event.found)
        case Elapsed():
            return Transition(Closed("expired"), (Say("expired"),), "expired")
        case _:
            assert_never(event)


def then(first: Transition, second: Transition) -> Transition:
    """Two transitions of one turn as one: where the second ends, with the effects of both."""
    effects = (*first.effects, *second.effects)
    status = "expired" if first.status == "expired" and second.status == "intent_not_found" else second.status
    return Transition(second.state, effects, status, second.focus or first.focus, first.rule or second.rule)


def _understood(situation: Situation) -> Transition:
    for move in MOVES[type(situation.state)]:
        made = move(situation)
        if made is not None:
            return msgspec.structs.replace(made, state=_calm(made.state), rule=move.__name__)
    return msgspec.structs.replace(answer(situation), rule=answer.__name__)


def _calm(state: State) -> State:
    """The same state with the count of misunderstandings in a row at zero."""
    if isinstance(state, Closed) or not state.agenda.unknowns:
        return state
    return msgspec.structs.replace(state, agenda=Agenda(state.agenda.suspended, state.agenda.queued))


def _chosen(state: OpenState, event: Chosen, setting: Setting) -> Transition:
    if not isinstance(state, Choosing) or event.intent not in state.options:
        return _ignored(state)
    nothing = Understanding("", (Segment(""),), tier="context")
    return msgspec.structs.replace(started(Situation(state, nothing, setting), state, event.intent), rule="chosen")


def _acted(state: OpenState, event: ActionSucceeded | ActionFailed, setting: Setting) -> Transition:
    if not isinstance(state, Acting) or event.key != state.key:
        return _ignored(state)
    if isinstance(event, ActionSucceeded):
        return succeeded(state, event, setting)
    return failed(state, event, setting)


def _ignored(state: OpenState) -> Transition:
    return Transition(state, (Say("nothing_to_do"),), "incomplete", active_frame(state), "ignored")
