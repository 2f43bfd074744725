"""What comes of a function."""

from domain.dialogue.effect import Report
from domain.dialogue.event import ActionFailed, ActionSucceeded
from domain.dialogue.proceeding import carry_on
from domain.dialogue.situation import Setting
from domain.dialogue.state import Acting
from domain.dialogue.transition import Status, Transition


def succeeded(state: Acting, event: ActionSucceeded, setting: Setting) -> Transition:
    """Report the result and go on with what waits."""
    report = Report(state.frame, "succeeded", event.result)
    return carry_on(state.agenda, setting, (report,), "completed", state.frame)


def failed(state: Acting, event: ActionFailed, setting: Setting) -> Transition:
    """Say what went wrong, never more than is known, and go on with what waits."""
    report = Report(state.frame, event.outcome, message=event.message)
    status: Status = "api_processing" if event.outcome == "unknown" else "api_error"
    return carry_on(state.agenda, setting, (report,), status, state.frame)
