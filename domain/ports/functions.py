"""Carries out business functions."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

from domain.dialogue.invocation import Invocation, InvocationOutcome
from domain.intents.intent import Function


class Functions(Protocol):
    """Calls a business API once for each invocation it is given."""

    @abstractmethod
    async def invoke(self, invocation: Invocation, function: Function, *, deadline: float) -> InvocationOutcome:
        """What came of it, within `deadline` seconds. Never raises for what the API or the network does.

        The invocation's key travels with the call so that the API can refuse a repetition. Succeeded, Refused and
        NotDone are certain; Unknown means the call may have been carried out. Only what certainly was not done is
        tried again, and only as often as the function declares. Cancelling leaves the outcome unknown.
        """

    @abstractmethod
    def problems(self, functions: Mapping[str, Function]) -> tuple[str, ...]:
        """What stands in the way of calling these functions (a variable without a value), one line each."""
