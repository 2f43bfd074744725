"""Where a conversation stands."""

from collections.abc import Mapping

from domain.names import IntentName, InvocationKey, SlotName
from domain.slots.entity import Entity
from domain.slots.slot import SlotValue
from domain.values import Value


class Frame(Value, frozen=True):
    """One intent being worked on and what its slots hold so far, invalid values included and marked."""

    intent: IntentName
    slots: Mapping[SlotName, SlotValue] = {}
    confidence: float = 1.0

    def holding(self, values: Mapping[SlotName, SlotValue]) -> "Frame":
        """The same frame with these slots set."""
        return Frame(self.intent, {**self.slots, **values}, self.confidence)

    def without(self, names: frozenset[SlotName]) -> "Frame":
        """The same frame with these slots empty."""
        kept = {name: value for name, value in self.slots.items() if name not in names}
        return Frame(self.intent, kept, self.confidence)


class Agenda(Value, frozen=True):
    """What waits besides the active frame.

    `suspended` is a stack of interrupted frames, the last one on top; `queued` are intents asked for in
    the same breath, in the order said. `unknowns` counts messages in a row that were not understood.
    """

    suspended: tuple[Frame, ...] = ()
    queued: tuple[Frame, ...] = ()
    unknowns: int = 0


class Idle(Value, frozen=True, tag="idle"):
    """Nothing is being worked on."""

    agenda: Agenda = Agenda()


class Collecting(Value, frozen=True, tag="collecting"):
    """The slot `asked` of the frame was asked for; `attempts` answers to it have failed so far."""

    frame: Frame
    asked: SlotName
    attempts: int = 0
    agenda: Agenda = Agenda()


class Choosing(Value, frozen=True, tag="choosing"):
    """A numbered offer is open. `heard` are the entities of the utterance that was ambiguous."""

    options: tuple[IntentName, ...]
    question: str
    heard: tuple[Entity, ...] = ()
    attempts: int = 0
    agenda: Agenda = Agenda()


class Confirming(Value, frozen=True, tag="confirming"):
    """All values were shown; the user's yes is awaited."""

    frame: Frame
    attempts: int = 0
    agenda: Agenda = Agenda()


class Acting(Value, frozen=True, tag="acting"):
    """The frame's function was invoked under `key`; its outcome is awaited."""

    frame: Frame
    key: InvocationKey
    agenda: Agenda = Agenda()


class HandedOff(Value, frozen=True, tag="handed_off"):
    """A person has taken over."""

    reason: str
    agenda: Agenda = Agenda()


class Closed(Value, frozen=True, tag="closed"):
    """The conversation is over; nothing leaves this state."""

    reason: str


OpenState = Idle | Collecting | Choosing | Confirming | Acting | HandedOff
State = OpenState | Closed


def active_frame(state: State) -> Frame | None:
    """The frame being worked on, if any."""
    return state.frame if isinstance(state, Collecting | Confirming | Acting) else None


def agenda_of(state: State) -> Agenda:
    """What waits; nothing in a closed conversation."""
    return Agenda() if isinstance(state, Closed) else state.agenda
