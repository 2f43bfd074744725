"""What Prometheus reads."""

from collections.abc import Callable

from litestar import get
from litestar.handlers import HTTPRouteHandler

from adapters.http.callers import OPERATORS


def metrics_route(exposition: Callable[[], bytes]) -> HTTPRouteHandler:
    """The route that serves what `exposition` gives: metrics in the text format 0.0.4."""

    # Litestar completes the type of a text with its charset.
    @get("/metrics", opt=OPERATORS, media_type="text/plain; version=0.0.4", include_in_schema=False)
    async def metrics() -> bytes:
        return exposition()

    return metrics
