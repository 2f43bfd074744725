"""What a state makes likely, for whoever reads the next utterance."""

from collections.abc import Mapping

from domain.dialogue.state import Acting, Choosing, Closed, Collecting, Confirming, HandedOff, Idle, State, agenda_of
from domain.dialogue.understanding import CueKind, Expectation
from domain.intents.catalogue import Catalogue

_ALWAYS: frozenset[CueKind] = frozenset({"cancel", "postpone", "hold", "person", "resume"})
_WHEN_ASKED: frozenset[CueKind] = _ALWAYS | {"repeat", "deny", "affirm", "correct"}
_CUES: Mapping[type, frozenset[CueKind]] = {
    Idle: _ALWAYS | {"affirm", "deny"},
    Collecting: _WHEN_ASKED | {"skip"},
    Choosing: _WHEN_ASKED | {"choose"},
    Confirming: _WHEN_ASKED,
    Acting: frozenset({"person"}),
    HandedOff: frozenset({"resume", "affirm", "deny", "hold"}),
    Closed: frozenset(),
}


def expect(state: State, catalogue: Catalogue) -> Expectation:
    """The cues that mean something now, the open question, and what is on offer or set aside."""
    cues = _CUES[type(state)]
    suspended = tuple(frame.intent for frame in agenda_of(state).suspended)
    match state:
        case Collecting():
            kind = catalogue.slot(state.frame.intent, state.asked).entity
            return Expectation(cues, state.frame.intent, state.asked, kind, suspended=suspended)
        case Confirming():
            return Expectation(cues, state.frame.intent, suspended=suspended)
        case Choosing():
            return Expectation(cues, options=state.options, suspended=suspended)
        case _:
            return Expectation(cues, suspended=suspended)
