"""Calls business APIs over HTTP."""

import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import httpx

from adapters.functions_http.call import Call
from adapters.functions_http.circuit import Circuit
from adapters.functions_http.request import CannotBeSent, obstacles, request_for
from adapters.functions_http.variables import missing
from domain.dialogue.invocation import Invocation, InvocationOutcome, NotDone
from domain.intents.intent import Function
from domain.ports.functions import Functions

_RANDOM = secrets.SystemRandom()


class HttpFunctions(Functions):
    """Business functions over HTTP, within the `async with` block.

    `variables` gives the values of `${NAME}` in addresses and headers. `tls` is for APIs behind a private authority.
    `jitter` gives numbers in 0..1 that spread retries. Talks through the transport alone, not through a client: no
    cookies are kept between callers, no redirect is followed, no proxy is taken from the environment and no address,
    which may hold a secret, is logged.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        *,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._variables = dict(variables)
        self._tls = tls
        self._monotonic = monotonic
        self._jitter = jitter
        self._circuits: dict[tuple[str, str, int | None], Circuit] = {}
        self._transport: httpx.AsyncBaseTransport | None = None

    async def __aenter__(self) -> Self:
        # An idle connection is dropped before servers do, lest one closes under a request and leaves it in doubt.
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2.0)
        verify = True if self._tls is None else self._tls
        self._transport = httpx.AsyncHTTPTransport(verify=verify, trust_env=False, limits=limits)
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.__aexit__(kind, error, trace)

    async def invoke(self, invocation: Invocation, function: Function, *, deadline: float) -> InvocationOutcome:
        """What came of it. Tries again what certainly was not done, and what is in doubt if declared idempotent.

        Once a try is in doubt only a success settles it: a refusal may be the echo of the first try's success.
        """
        if self._transport is None:
            return NotDone("not opened")
        try:
            request = request_for(invocation, function, self._variables)
        except CannotBeSent as error:
            return NotDone(str(error))
        call = Call(
            request,
            function,
            transport=self._transport,
            circuit=self._circuit(request.url),
            monotonic=self._monotonic,
            jitter=self._jitter,
        )
        return await call(deadline)

    def problems(self, functions: Mapping[str, Function]) -> tuple[str, ...]:
        """One line for each variable without a value, and one for an address or header that cannot be used."""
        return tuple(line for name, function in functions.items() for line in self._problems(name, function))

    def _problems(self, name: str, function: Function) -> tuple[str, ...]:
        texts = "\n".join((function.url, *function.headers.values()))
        if absent := missing(texts, self._variables):
            return tuple(f"function {name}: the variable {variable} has no value" for variable in absent)
        obstacle = obstacles(function, self._variables)
        return (f"function {name}: {obstacle}",) if obstacle else ()

    def _circuit(self, url: httpx.URL) -> Circuit:
        return self._circuits.setdefault((url.scheme, url.host, url.port), Circuit(self._monotonic))
