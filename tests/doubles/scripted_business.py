"""Business functions whose outcomes a test sets."""

from collections.abc import Awaitable, Callable, Mapping

from domain.dialogue.invocation import Invocation, InvocationOutcome, Succeeded
from domain.intents.intent import Function
from domain.ports.functions import Functions

Outcome = InvocationOutcome | BaseException


class ScriptedBusiness(Functions):
    """Each function has the outcome that was set for it, success where none was; an exception is raised.

    `calls` lists what was invoked. `meanwhile`, where set, happens during each call.
    """

    def __init__(self, outcomes: Mapping[str, Outcome] | None = None) -> None:
        self.outcomes: dict[str, Outcome] = dict(outcomes or {})
        self.calls: list[Invocation] = []
        self.meanwhile: Callable[[Invocation], Awaitable[None]] | None = None

    async def invoke(self, invocation: Invocation, function: Function, *, deadline: float) -> InvocationOutcome:
        self.calls.append(invocation)
        if self.meanwhile is not None:
            await self.meanwhile(invocation)
        outcome = self.outcomes.get(invocation.function, Succeeded({"balance": 100, "summary": "晴", "order_id": "N1"}))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def problems(self, functions: Mapping[str, Function]) -> tuple[str, ...]:
        return ()
