"""One invocation on its way to the API."""

from collections.abc import Callable

import httpx
import stamina

from adapters.functions_http.answer import Attempt
from adapters.functions_http.circuit import Circuit
from adapters.functions_http.sending import attempt
from domain.dialogue.invocation import InvocationOutcome, NotDone, Succeeded, Unknown
from domain.intents.intent import Function

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


class _TryAgain(Exception):
    """A try that may be followed by another. Says nothing but the reason, since retries are logged with it."""

    def __init__(self, made: Attempt, reason: str) -> None:
        super().__init__(reason)
        self.made = made


class Call:
    """As many tries as the function is allowed, and what they come to together."""

    def __init__(
        self,
        request: httpx.Request,
        function: Function,
        *,
        transport: httpx.AsyncBaseTransport,
        circuit: Circuit,
        monotonic: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self._transport = transport
        self._request = request
        self._function = function
        self._circuit = circuit
        self._monotonic = monotonic
        self._jitter = jitter
        self._ends = 0.0
        self._tries = 0
        self._doubt: Unknown | None = None

    async def __call__(self, deadline: float) -> InvocationOutcome:
        """The outcome, within `deadline` seconds."""
        self._ends = self._monotonic() + deadline
        made = Attempt(NotDone("not tried"))
        try:
            async for further in stamina.retry_context(
                on=self._pause, attempts=self._function.retries + 1, timeout=None
            ):
                with further:
                    made = await self._try()
        except _TryAgain as last:
            made = last.made
        return made.outcome if self._doubt is None or isinstance(made.outcome, Succeeded) else self._doubt

    async def _try(self) -> Attempt:
        left = self._ends - self._monotonic()
        if left <= 0:
            return Attempt(NotDone("no time left"), settled=True)
        if not self._circuit.admits():
            return Attempt(NotDone("circuit open"), settled=True)
        self._tries += 1
        made = await attempt(
            self._transport,
            self._request,
            seconds=min(self._function.timeout_seconds, left),
            idempotent=self._function.idempotent,
        )
        self._note(made)
        if not made.settled and (made.certain or self._function.idempotent):
            raise _TryAgain(made, getattr(made.outcome, "reason", ""))
        return made

    def _note(self, made: Attempt) -> None:
        if made.certain:
            self._circuit.failed()
        elif made.answered:
            self._circuit.worked()
        if isinstance(made.outcome, Unknown):
            self._doubt = made.outcome

    def _pause(self, error: Exception) -> bool | float:
        """Seconds before the next try, or False when there is none: exponential, spread, never past the end."""
        if not isinstance(error, _TryAgain):
            return False
        backoff = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._tries - 1)) * (0.5 + self._jitter())
        pause = max(backoff, error.made.pause or 0.0)
        return pause if pause < self._ends - self._monotonic() else False
