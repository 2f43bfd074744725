"""A conversation as the terminal sees it, wherever the service runs."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

import msgspec

from domain.names import Language
from domain.slots.entity import SlotContent

# Unlike the core's values these ignore fields they do not know: a service of a later version may send more.


class ShownSlot(msgspec.Struct, frozen=True):
    """A slot as told to the client; sensitive values come masked."""

    value: SlotContent | None = None
    original_text: str = ""
    confidence: float = 0.0
    source: str = ""
    is_validated: bool = False
    is_confirmed: bool = False


class ShownTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One answer and what was made of the message. The names are those of the HTTP API."""

    response: str
    session_id: str
    turn: int
    status: str = ""
    intent: str | None = None
    confidence: float = 0.0
    tier: str = ""
    slots: Mapping[str, ShownSlot] = {}
    missing_slots: tuple[str, ...] = ()
    processing_time_ms: float = 0.0


class ShownCandidate(msgspec.Struct, frozen=True):
    """An intent, its probability (0..1), and from which on it is accepted, where that is told."""

    intent: str
    confidence: float
    threshold: float | None = None


class ShownEntity(msgspec.Struct, frozen=True):
    """One reading of one span of the message."""

    kind: str
    start: int
    end: int
    text: str
    value: SlotContent
    confidence: float = 1.0
    source: str = "dictionary"
    role: str | None = None
    negated: bool = False
    valid: bool = True


class ShownSegment(msgspec.Struct, frozen=True):
    """One part of the message, with what it may ask for."""

    text: str
    candidates: tuple[ShownCandidate, ...] = ()
    entities: tuple[ShownEntity, ...] = ()
    ambiguity: str | None = None


class ShownCue(msgspec.Struct, frozen=True):
    """A dialogue act; `number` is set for a choice."""

    kind: str
    text: str
    number: int | None = None


class ShownEvidence(msgspec.Struct, frozen=True):
    """One line of a stage's account."""

    stage: str
    detail: str


class ShownReasons(msgspec.Struct, frozen=True, kw_only=True):
    """Why a turn went as it did: what was understood of the message, and the rule of the dialogue that decided."""

    turn: int = 0
    input: str = ""
    rule: str = ""
    tier: str = ""
    is_question: bool = False
    segments: tuple[ShownSegment, ...] = ()
    cues: tuple[ShownCue, ...] = ()
    evidence: tuple[ShownEvidence, ...] = ()
    degraded: tuple[str, ...] = ()


class Interlocutor(Protocol):
    """Whoever answers. Methods raise HuiyiError; the same message may be sent again after one."""

    language: Language | None
    """The language of its catalogue, where that is known."""

    @abstractmethod
    async def say(self, text: str, session_id: str | None) -> ShownTurn:
        """The answer to a cleaned message; a conversation is opened when `session_id` is None."""

    @abstractmethod
    async def why(self, session_id: str, turn: int) -> ShownReasons:
        """The reasons behind an answer that was given."""
