"""What `advance` gives back."""

from typing import Literal

from domain.dialogue.effect import Effect
from domain.dialogue.state import Frame, State
from domain.values import Value

Status = Literal[
    "incomplete", "ambiguous", "awaiting_confirmation", "completed", "cancelled", "postponed", "api_processing",
    "api_error", "validation_error", "interruption_handled", "intent_transfer", "multi_intent_processing",
    "ragflow_handled", "intent_not_found", "handed_off", "expired",
]  # fmt: skip


class Transition(Value, frozen=True):
    """The next state, the effects in order, how the turn went, the frame the reply is about, the move that decided."""

    state: State
    effects: tuple[Effect, ...] = ()
    status: Status = "incomplete"
    focus: Frame | None = None
    rule: str = ""
