"""The record of one call of a business function, and what can come of it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, assert_never

import msgspec

from domain.names import ConversationId, FunctionName, InvocationKey
from domain.slots.entity import SlotContent
from domain.values import Value


class Succeeded(Value, frozen=True, tag="succeeded"):
    """Done; `result` holds the scalar fields of the API's answer."""

    result: Mapping[str, SlotContent] = {}


class Refused(Value, frozen=True, tag="refused"):
    """The API understood and declined; certainly not done. `message` is the API's own, safe to show."""

    message: str = ""


class NotDone(Value, frozen=True, tag="not_done"):
    """Certainly not carried out: never sent, or the API said so."""

    reason: str = ""


class Unknown(Value, frozen=True, tag="unknown"):
    """Sent, but whether it was carried out is not known."""

    reason: str = ""


InvocationOutcome = Succeeded | Refused | NotDone | Unknown


class Invocation(Value, frozen=True, kw_only=True):
    """One call: what is to be done, for whom, and what came of it (`outcome` is None while pending)."""

    key: InvocationKey
    conversation: ConversationId
    turn: int
    function: FunctionName
    arguments: Mapping[str, SlotContent]
    created_at: datetime
    outcome: InvocationOutcome | None = None

    @property
    def status(self) -> Literal["pending", "succeeded", "refused", "not_done", "unknown"]:
        """The outcome's name, `pending` while there is none."""
        match self.outcome:
            case None:
                return "pending"
            case Succeeded():
                return "succeeded"
            case Refused():
                return "refused"
            case NotDone():
                return "not_done"
            case Unknown():
                return "unknown"
            case _:
                assert_never(self.outcome)

    def settled(self, outcome: InvocationOutcome) -> "Invocation":
        """The same invocation with what came of it."""
        return msgspec.structs.replace(self, outcome=outcome)


def invocation_key(origin: str, function: FunctionName, arguments: Mapping[str, SlotContent]) -> InvocationKey:
    """The key under which a call is made at most once.

    SHA-256 over `origin` (conversation and turn), function and arguments, cut to 160 bits.
    """
    material = msgspec.json.encode([origin, function, sorted(arguments.items())])
    return InvocationKey(hashlib.sha256(material).hexdigest()[:40])
