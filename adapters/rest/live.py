"""A stream of events that is being heard."""

from typing import Generic, Protocol, TypeVar

from adapters.rest.answer import Answer
from adapters.rest.events import DataLines
from adapters.rest.exchange import Exchange
from adapters.rest.failure import Failure, told
from domain.values import Unavailable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Listener(Protocol[T_co]):
    """Makes parts of an answer out of events. One listener hears one stream."""

    @property
    def satisfied(self) -> bool:
        """Whether everything has been said, even if the stream goes on."""

    def hear(self, data: str) -> tuple[T_co, ...] | Unavailable:
        """The parts that this event completes, or why the stream is worth nothing from here on."""

    def end(self) -> tuple[T_co, ...] | Unavailable:
        """The last parts, once satisfied or at the end of the stream; Unavailable when that came too early."""


class Live(Generic[T]):
    """Parts of the answer in an exchange that has begun; `over` once the last has been heard. Needs closing."""

    def __init__(self, exchange: Exchange, listener: Listener[T], answer: Answer) -> None:
        self._exchange = exchange
        self._listener = listener
        self._answer = answer
        self._lines = DataLines()
        self._parts: list[T] = []
        self._failure: Failure | None = None
        self.over = False

    async def settled(self) -> Failure | None:
        """Wait until there is a part, the end, or a failure before any part, which is then the answer."""
        while not (self._parts or self.over or self._failure):
            await self._listen()
        return None if self._parts else self._failure

    async def more(self) -> tuple[T, ...] | Failure:
        """The next parts, none at the end; a failure comes after the parts before it."""
        failure = await self.settled()
        if failure is not None:
            return failure
        parts, self._parts = tuple(self._parts), []
        return parts

    async def aclose(self) -> None:
        """Stop listening."""
        await self._exchange.aclose()

    async def _listen(self) -> None:
        chunk = await self._exchange.chunk()
        if isinstance(chunk, Failure):
            self._failure = chunk
            return
        for data in self._lines.end() if chunk is None else self._lines.feed(chunk):
            self._take(self._listener.hear(data))
            if self._failure is not None:
                return
            if self._listener.satisfied:
                break
        if chunk is None or self._listener.satisfied:
            self._take(self._listener.end())
            self.over = True

    def _take(self, heard: tuple[T, ...] | Unavailable) -> None:
        if isinstance(heard, Unavailable):
            self._failure = told(heard, self._answer)
        else:
            self._parts += heard
