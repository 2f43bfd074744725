"""Calls one server."""

import secrets
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self, TypeVar

import httpx

from adapters.rest.answer import Answer, explained
from adapters.rest.circuit import Circuit
from adapters.rest.endpoint import Endpoint, Request
from adapters.rest.exchange import Exchange
from adapters.rest.failure import Failure, told
from adapters.rest.live import Listener, Live
from adapters.rest.places import Places
from adapters.rest.tries import Tries, note
from domain.values import Unavailable, Value

T = TypeVar("T")

_RANDOM = secrets.SystemRandom()
_FULL = Unavailable("overloaded", "too many calls at once")
_CLOSED = Failure(Unavailable("not_running"), server="unknown")


class Limits(Value, frozen=True, kw_only=True):
    """What a caller allows itself.

    attempts: tries of one call. at_once: calls at a time; so many others wait their turn. connect_seconds: for the
    connection alone. fair_seconds: a time-out before that tells nothing about the server. answer_bytes: the largest
    answer. failures, rest_seconds: see Circuit.
    """

    attempts: int = 2
    at_once: int = 16
    waiting: int = 64
    connect_seconds: float = 1.0
    fair_seconds: float = 0.3
    answer_bytes: int = 1 << 20
    failures: int = 5
    rest_seconds: float = 10.0


class RestCaller:
    """Calls to one server, within the `async with` block; outside, every answer is Unavailable(`not_running`).

    Never raises for what the server or the network does. The codes of its own: `timeout`, `refused` (nobody there, or
    the request turned down), `unauthorised`, `overloaded`, `broken` (no sense in the answer) and `open` (left alone
    after failures). `explain` finds the reason in an answer that is no success, and may use other codes. Talks
    through the transport alone, not through a client: no cookies are kept, no redirect is followed, no proxy is taken
    from the environment, and no address or key is logged. `tls` is for servers behind a private authority, `jitter`
    gives numbers in 0..1 that spread retries.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        explain: Callable[[Answer], Unavailable | None] = explained,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        limits = limits or Limits()
        self._endpoint = endpoint
        self._explain = explain
        self._limits = limits
        self._tls = tls
        self._monotonic = monotonic
        self._jitter = jitter
        self._circuit = Circuit(monotonic, limit=limits.failures, seconds=limits.rest_seconds)
        self._places = Places(limits.at_once, waiting=limits.waiting)
        self._transport: httpx.AsyncBaseTransport | None = None

    async def __aenter__(self) -> Self:
        # An idle connection is dropped before servers do, lest one closes under a request and leaves it in doubt.
        most = self._limits.at_once
        pool = httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=2.0)
        verify = True if self._tls is None else self._tls
        self._transport = httpx.AsyncHTTPTransport(verify=verify, trust_env=False, limits=pool)
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.__aexit__(kind, error, trace)

    async def call(
        self, request: Request, read: Callable[[Answer], T | Unavailable], *, deadline: float
    ) -> T | Unavailable:
        """What `read` makes of a successful answer, within `deadline` seconds, or why there is none.

        Tries again what was certainly not taken up, and what failed before the answer began if it is repeatable.
        """
        ends = self._monotonic() + deadline

        async def once(left: float) -> T | Failure:
            return await self._answered(request, read, left)

        async with self._places.one(deadline) as free:
            result = await self._tries(request, ends)(once) if free else _FULL
        if not isinstance(result, Unavailable):
            self._circuit.worked()
        return result

    async def stream(
        self, request: Request, listener: Callable[[], Listener[T]], *, deadline: float
    ) -> AsyncGenerator[T | Unavailable, None]:
        """The parts that a listener makes of a stream of events; Unavailable is the last item.

        All of it within `deadline` seconds. Tries again as `call` does, with a fresh listener, until the first part.
        """
        ends = self._monotonic() + deadline

        async def once(left: float) -> Live[T] | Failure:
            return await self._begun(request, listener(), left)

        async with self._places.one(deadline) as free, AsyncExitStack() as stack:
            live = await self._tries(request, ends)(once) if free else _FULL
            if isinstance(live, Unavailable):
                yield live
                return
            stack.push_async_callback(live.aclose)
            while parts := await live.more():
                if isinstance(parts, Failure):
                    note(parts, self._circuit)
                    yield parts.why
                    return
                if live.over:
                    self._circuit.worked()
                for part in parts:
                    yield part

    async def _answered(self, request: Request, read: Callable[[Answer], T | Unavailable], left: float) -> T | Failure:
        async with AsyncExitStack() as stack:
            exchange = self._exchange(request, left)
            if exchange is None:
                return _CLOSED
            stack.push_async_callback(exchange.aclose)
            begun = await exchange.begin()
            answer = begun if isinstance(begun, Failure) else await exchange.whole()
            if isinstance(answer, Failure):
                return answer
            meaning = self._explain(answer) or read(answer)
            return told(meaning, answer) if isinstance(meaning, Unavailable) else meaning

    async def _begun(self, request: Request, listener: Listener[T], left: float) -> Live[T] | Failure:
        async with AsyncExitStack() as stack:
            exchange = self._exchange(request, left)
            if exchange is None:
                return _CLOSED
            stack.push_async_callback(exchange.aclose)
            begun = await exchange.begin()
            answer = begun if isinstance(begun, Failure) or begun.status < 300 else await exchange.whole()
            if isinstance(answer, Failure):
                return answer
            if (why := self._explain(answer)) is not None:
                return told(why, answer)
            live = Live(exchange, listener, answer)
            failure = await live.settled()
            if failure is None:
                stack.pop_all()  # whoever hears it closes it
            return failure or live

    def _exchange(self, request: Request, left: float) -> Exchange | None:
        if self._transport is None:
            return None
        return Exchange(
            self._transport,
            self._endpoint.request(request),
            within=left,
            connect_seconds=self._limits.connect_seconds,
            fair_seconds=self._limits.fair_seconds,
            most_bytes=self._limits.answer_bytes,
        )

    def _tries(self, request: Request, ends: float) -> Tries:
        return Tries(
            attempts=self._limits.attempts,
            repeatable=request.repeatable,
            ends=ends,
            circuit=self._circuit,
            monotonic=self._monotonic,
            jitter=self._jitter,
        )
