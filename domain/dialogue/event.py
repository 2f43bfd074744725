"""What can happen to a conversation."""

from collections.abc import Mapping
from typing import Literal

from domain.dialogue.understanding import Understanding
from domain.names import IntentName, InvocationKey
from domain.slots.entity import SlotContent
from domain.values import Value


class Understood(Value, frozen=True, tag="understood"):
    """The user said something. `origin` names conversation and turn and seeds invocation keys."""

    understanding: Understanding
    origin: str


class Chosen(Value, frozen=True, tag="chosen"):
    """The user picked an intent from an offer outside the text (a button)."""

    intent: IntentName
    origin: str


class ActionSucceeded(Value, frozen=True, tag="action_succeeded"):
    """The function did what was asked; `result` holds its answer's fields."""

    key: InvocationKey
    origin: str
    result: Mapping[str, SlotContent] = {}


class ActionFailed(Value, frozen=True, tag="action_failed"):
    """The function was refused (the API's `message` says why), certainly not done, or its fate is unknown."""

    key: InvocationKey
    origin: str
    outcome: Literal["refused", "not_done", "unknown"]
    message: str = ""


class Answered(Value, frozen=True, tag="answered"):
    """The knowledge base was asked what the last effect wanted to know; `found` says whether it had an answer."""

    found: bool
    origin: str


class Elapsed(Value, frozen=True, tag="elapsed"):
    """The conversation has been idle longer than its policy allows."""


Event = Understood | Chosen | ActionSucceeded | ActionFailed | Answered | Elapsed
