"""As many tries as are allowed, and what they come to together."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from adapters.rest.circuit import Circuit
from adapters.rest.failure import Failure
from domain.values import Unavailable

T = TypeVar("T")

_NO_TIME = Unavailable("timeout", "no time left")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
LONGEST_REST = 60.0
"""A server that asks for a longer rest than this is looked at sooner all the same."""
WRONG_KEY_REST = 600.0
"""Some servers shut out an address for an hour after ten wrong keys within five minutes."""


class _TryAgain(Exception):
    """A try that may be followed by another. Says nothing but the reason, since retries are logged with it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.why.code}: {failure.why.detail}")
        self.failure = failure


class Tries:
    """The tries of one call, until `ends` on the monotonic clock."""

    def __init__(
        self,
        *,
        attempts: int,
        repeatable: bool,
        ends: float,
        circuit: Circuit,
        monotonic: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self._attempts = attempts
        self._repeatable = repeatable
        self._ends = ends
        self._circuit = circuit
        self._monotonic = monotonic
        self._jitter = jitter
        self._made = 0

    async def __call__(self, once: Callable[[float], Awaitable[T | Failure]]) -> T | Unavailable:
        """What the last try came to. `once` is given the seconds it may take. Failures are noted, a success is not."""
        outcome: T | Unavailable = _NO_TIME
        try:
            async for further in stamina.retry_context(on=self._pause, attempts=self._attempts, timeout=None):
                with further:
                    outcome = await self._try(once)
        except _TryAgain as last:
            outcome = last.failure.why
            if last.failure.pause is not None:
                self._circuit.hold(outcome, seconds=min(last.failure.pause, LONGEST_REST))
        return outcome

    async def _try(self, once: Callable[[float], Awaitable[T | Failure]]) -> T | Unavailable:
        left = self._ends - self._monotonic()
        if left <= 0:
            return _NO_TIME
        if not self._circuit.admits():
            return self._circuit.refusal
        self._made += 1
        outcome = await once(left)
        if not isinstance(outcome, Failure):
            return outcome
        note(outcome, self._circuit)
        if outcome.may_repeat(repeatable=self._repeatable):
            raise _TryAgain(outcome)
        return outcome.why

    def _pause(self, error: Exception) -> bool | float:
        """Seconds before the next try, or False when there is none: exponential, spread, never past the end."""
        if not isinstance(error, _TryAgain):
            return False
        backoff = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._made - 1)) * (0.5 + self._jitter())
        pause = max(backoff, error.failure.pause or 0.0)
        return pause if pause < self._ends - self._monotonic() else False


def note(failure: Failure, circuit: Circuit) -> None:
    """Tell the circuit of a failure; a wrong key opens it."""
    if failure.why.code == "unauthorised":
        circuit.hold(failure.why, seconds=WRONG_KEY_REST)
    elif failure.server == "fails":
        circuit.failed(failure.why)
    elif failure.server == "works":
        circuit.worked()
