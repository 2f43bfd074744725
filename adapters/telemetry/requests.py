"""HTTP requests, observed."""

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import TypeAlias, TypeVar

from adapters.telemetry.metrics import UNMATCHED, Metrics

Scope = TypeVar("Scope", bound=Mapping[str, object])
Receive = TypeVar("Receive")
Message = TypeVar("Message", bound=Mapping[str, object])

App: TypeAlias = Callable[[Scope, Receive, Callable[[Message], Awaitable[None]]], Awaitable[None]]
"""An ASGI application, in whichever framework's types."""


class ObservedRequests:
    """Counts and times requests by route.

    The route is the template that routing leaves in the scope, never the path; there is none where nothing matches.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def middleware(self, app: App[Scope, Receive, Message]) -> App[Scope, Receive, Message]:
        """The application, observed. Put it around the routing, or it does not see what matches no route."""
        metrics = self._metrics

        async def observed(scope: Scope, receive: Receive, send: Callable[[Message], Awaitable[None]]) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status: object = 500  # what the server makes of an application that ends without an answer

            async def noting(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            began = perf_counter()
            try:
                await app(scope, receive, noting)
            finally:
                seconds = perf_counter() - began
                metrics.request(
                    f"{scope['method']}", f"{scope.get('path_template') or UNMATCHED}", f"{status}", seconds
                )

        return observed
