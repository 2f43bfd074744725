"""The HTTP application."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.types import ASGIApp

from adapters.http.callers import key_check
from adapters.http.chat import chat_routes
from adapters.http.docs import describe, documentation
from adapters.http.edge import Edge
from adapters.http.envelope import Answers
from adapters.http.errors import FailureLog, Failures
from adapters.http.health import health_routes, root_health_routes
from adapters.http.metrics import metrics_route
from adapters.http.sessions import session_routes
from adapters.http.settings import HttpSettings
from adapters.http.use_cases import UseCases
from domain.ports.clock import Clock

Middleware: TypeAlias = Callable[[ASGIApp], ASGIApp]


def create_app(
    *,
    use_cases: UseCases,
    settings: HttpSettings,
    clock: Clock,
    log: FailureLog,
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[object]]] = (),
    metrics: Callable[[], bytes] | None = None,
    middleware: Sequence[Middleware] = (),
) -> Litestar:
    """The application, ready for an ASGI server.

    `lifespan` managers are entered when it starts, in order. `metrics` gives what /metrics serves; without it there is
    no such address. `middleware` wraps all of the application, the first outermost.
    """
    answers = Answers(clock)
    failures = Failures(answers, log)
    edge = Edge(use_cases, settings, answers, failures)
    dependencies = {"edge": Provide(lambda: edge, sync_to_thread=False)}
    api = Router(settings.prefix, route_handlers=[chat_routes, session_routes, health_routes])
    document = describe([api], dependencies, settings)
    measured = [] if metrics is None else [metrics_route(metrics)]
    app = Litestar(
        [api, root_health_routes, documentation(settings, document), *measured],
        dependencies=dependencies,
        before_request=key_check(settings) if settings.api_keys or settings.admin_api_keys else None,
        exception_handlers={Exception: failures.answer},
        request_max_body_size=settings.max_body_bytes,
        cors_config=_cors(settings),
        lifespan=[*lifespan],
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    # Litestar's own `middleware` is put around each route: it never sees a request that matches none.
    for wrap in reversed(middleware):
        app.asgi_handler = wrap(app.asgi_handler)
    return app


def _cors(settings: HttpSettings) -> CORSConfig | None:
    if not settings.cors_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Content-Type", "X-API-Key", "X-Request-ID", "Accept-Language"],
        expose_headers=["X-Request-ID", "Retry-After"],
    )
