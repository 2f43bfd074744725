"""Business functions, observed."""

from collections.abc import Mapping

from adapters.telemetry.log import log, whatever_the_sink
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.work import Work
from domain.dialogue.invocation import Invocation, InvocationOutcome, Unknown
from domain.intents.intent import Function
from domain.ports.functions import Functions


class ObservedFunctions(Functions):
    """Counts, times and traces each call; logs those that were not done or may have been, without their arguments."""

    def __init__(self, inner: Functions, *, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def invoke(self, invocation: Invocation, function: Function, *, deadline: float) -> InvocationOutcome:
        """The inner outcome. A call that is cancelled or breaks counts as unknown, which it is."""
        outcome: InvocationOutcome = Unknown()
        work = Work("function", function=invocation.function)
        try:
            with work:
                outcome = await self._inner.invoke(invocation, function, deadline=deadline)
                work.note(outcome=invocation.settled(outcome).status)
            return outcome
        finally:
            self._ended(invocation.settled(outcome), work)

    def problems(self, functions: Mapping[str, Function]) -> tuple[str, ...]:
        """As the inner one says."""
        return self._inner.problems(functions)

    def _ended(self, invocation: Invocation, work: Work) -> None:
        self._metrics.function(invocation.function, invocation.status, work.seconds)
        if invocation.status in ("succeeded", "refused"):
            return
        with whatever_the_sink():
            log().warning(
                "function",
                function=invocation.function,
                outcome=invocation.status,
                session_id=invocation.conversation,
                turn=invocation.turn,
                key=invocation.key,
                ms=work.milliseconds,
            )
