"""Calls to RAGFlow."""

from contextlib import AsyncExitStack
from typing import TypeVar

from adapters.ragflow.envelope import EVENTS
from adapters.rest.caller import RestCaller
from adapters.rest.endpoint import Request
from adapters.rest.failure import Failure, told
from adapters.rest.live import Listener, Live
from domain.values import Unavailable

T = TypeVar("T")


class RagflowCaller(RestCaller):
    """A caller that looks at the content type first: an envelope may come where a stream was asked for."""

    async def _begun(self, request: Request, listener: Listener[T], left: float) -> Live[T] | Failure:
        async with AsyncExitStack() as stack:
            exchange = self._exchange(request, left)
            if exchange is None:
                return Failure(Unavailable("not_running"), server="unknown")
            stack.push_async_callback(exchange.aclose)
            answer = await exchange.begin()
            if not isinstance(answer, Failure) and answer.content_type != EVENTS:
                answer = await exchange.whole()
            if isinstance(answer, Failure):
                return answer
            if (why := self._explain(answer)) is not None:
                return told(why, answer)
            live = Live(exchange, listener, answer)
            failure = await live.settled()
            if failure is None:
                stack.pop_all()  # whoever hears it closes it
            return failure or live

    def blame(self, why: Unavailable) -> None:
        """What the caller of a stream holds against the server: it kept silent for too long."""
        self._circuit.failed(why)
