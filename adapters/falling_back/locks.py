"""Locks with others behind them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from adapters.falling_back.both import Both
from domain.errors import PartUnavailable
from domain.ports.locks import Locks


class FallingBackLocks(Both, Locks):
    """Holds in `second` what cannot be held in `first`.

    While the first is out of order two processes may hold a name at once: what they save is compared and set, so one
    of them loses there, and nothing else. Tokens grow within one of the two only.
    """

    def __init__(self, first: Locks, second: Locks) -> None:
        super().__init__(first, second)
        self._first = first
        self._second = second

    def hold(self, name: str, *, wait: float) -> AbstractAsyncContextManager[int]:
        """The first one's lock, or the second one's."""
        return self._hold(name, wait)

    @asynccontextmanager
    async def _hold(self, name: str, wait: float) -> AsyncIterator[int]:
        async with AsyncExitStack() as stack:
            try:
                token = await stack.enter_async_context(self._first.hold(name, wait=wait))
            except PartUnavailable:
                token = await stack.enter_async_context(self._second.hold(name, wait=wait))
            yield token
