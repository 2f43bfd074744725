"""What a transition wants done. Effects are values; the application carries them out in order."""

from collections.abc import Mapping

from domain.dialogue.state import Frame
from domain.names import FunctionName, IntentName, InvocationKey, SlotName
from domain.slots.entity import SlotContent
from domain.values import Value


class Say(Value, frozen=True, tag="say"):
    """Say the response named `key`, with its variables."""

    key: str
    variables: Mapping[str, str] = {}


class Noted(Value, frozen=True, tag="noted"):
    """Tell the user which values were changed (`slots`), and which were taken without being asked for (`added`)."""

    frame: Frame
    slots: tuple[SlotName, ...] = ()
    added: tuple[SlotName, ...] = ()


class Explain(Value, frozen=True, tag="explain"):
    """Say why the value of a slot is not accepted."""

    frame: Frame
    slot: SlotName


class Ask(Value, frozen=True, tag="ask"):
    """Ask for a slot; `attempt` counts from 0 and picks the wording."""

    frame: Frame
    slot: SlotName
    attempt: int = 0


class Offer(Value, frozen=True, tag="offer"):
    """Offer intents to choose from, numbered from 1."""

    options: tuple[IntentName, ...]
    question: str


class Confirm(Value, frozen=True, tag="confirm"):
    """Show every value of the frame and ask for a yes."""

    frame: Frame


class Kept(Value, frozen=True, tag="kept"):
    """Say that the frame is set aside, and which values are kept."""

    frame: Frame


class Respond(Value, frozen=True, tag="respond"):
    """Say the intent's own response."""

    frame: Frame


class Answer(Value, frozen=True, tag="answer"):
    """Answer from the knowledge base; `otherwise` names the response to use when it has no answer."""

    question: str
    otherwise: str


class Invoke(Value, frozen=True, tag="invoke"):
    """Call a business function once under `key`. Changes the outside world: saved before it is carried out."""

    key: InvocationKey
    function: FunctionName
    intent: IntentName
    arguments: Mapping[str, SlotContent]


class Report(Value, frozen=True, tag="report"):
    """Tell the user what came of the frame's function."""

    frame: Frame
    outcome: str
    result: Mapping[str, SlotContent] = {}
    message: str = ""


class HandOff(Value, frozen=True, tag="hand_off"):
    """Bring in a person."""

    reason: str


Effect = Say | Noted | Explain | Ask | Offer | Confirm | Kept | Respond | Answer | Invoke | Report | HandOff
