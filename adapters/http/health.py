"""How the service is."""

from typing import Annotated, Literal

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.exceptions import ServiceUnavailableException
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.http.callers import OPEN, OPERATORS, HttpRequest
from adapters.http.documenting import documented
from adapters.http.edge import Edge
from application.check_health import Health, PartHealth, PartState

Version = Annotated[str, Meta(description="The service's version.", examples=["0.1.0"])]
Overall = Annotated[
    Literal["ok", "degraded", "down"],
    Meta(description="degraded without an optional part, down without a required one.", examples=["ok"]),
]


class AliveData(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Annotated[Literal["alive"], Meta(description="Always alive.", examples=["alive"])] = "alive"


class HealthData(msgspec.Struct, frozen=True, kw_only=True):
    """The service as a whole."""

    status: Overall
    version: Version


class PartData(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the service."""

    part: Annotated[str, Meta(description="Which part.", examples=["repository"])]
    state: Annotated[PartState, Meta(description="How it is.", examples=["ok"])]
    kind: Annotated[str, Meta(description="What it is made of.", examples=["sqlite"])]
    detail: Annotated[str, Meta(description="What to do about it when it is not well.", examples=[""])]
    required: Annotated[bool, Meta(description="Whether the service is down without it.", examples=[True])]


class DetailedData(msgspec.Struct, frozen=True, kw_only=True):
    """The service part by part."""

    status: Overall
    version: Version
    parts: Annotated[list[PartData], Meta(description="Every part, in a fixed order.")]


@get(
    "/",
    opt=OPEN,
    summary="The service as a whole",
    operation_id="health",
    responses=documented(HealthData, "It serves.", 503),
)
async def health(
    request: HttpRequest,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """200 while the service can do its work, perhaps without an optional part; 503 when it cannot."""
    found = _serving(await edge.use_cases.check_health())
    return edge.answers.success(request, HealthData(status=found.state, version=edge.settings.version))


@get(
    "/live",
    opt=OPEN,
    summary="Does the process answer?",
    operation_id="healthLive",
    responses=documented(AliveData, "It does."),
)
async def live(request: HttpRequest, edge: NamedDependency[Edge]) -> ASGIApp:
    """Looks at no other part; restart the process when this fails."""
    return edge.answers.success(request, AliveData())


@get(
    "/ready",
    opt=OPEN,
    summary="Should it get traffic?",
    operation_id="healthReady",
    responses=documented(HealthData, "It should.", 503),
)
async def ready(
    request: HttpRequest,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """503 with the names of the required parts that are down."""
    found = _serving(await edge.use_cases.check_health())
    return edge.answers.success(request, HealthData(status=found.state, version=edge.settings.version))


@get(
    "/detailed",
    opt=OPERATORS,
    summary="The service part by part",
    operation_id="healthDetailed",
    responses=documented(DetailedData, "Every part.", 401),
)
async def detailed(
    request: HttpRequest,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """Every part, how it is and what to do about it; a 200 also when the service is down.

    Needs a key where keys are set.
    """
    found = await edge.use_cases.check_health()
    parts = [_part(part) for part in found.parts]
    return edge.answers.success(request, DetailedData(status=found.state, version=edge.settings.version, parts=parts))


def _serving(found: Health) -> Health:
    if found.state != "down":
        return found
    down = {part.part: part.state for part in found.parts if part.required and part.state == "down"}
    raise ServiceUnavailableException(extra=down)


def _part(part: PartHealth) -> PartData:
    return PartData(part=part.part, state=part.state, kind=part.kind, detail=part.detail, required=part.required)


health_routes = Router("/health", route_handlers=[health, live, ready, detailed], tags=["health"])
root_health_routes = Router("/health", route_handlers=[health, live, ready, detailed], include_in_schema=False)
