"""/metrics, and what is counted of requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.params import FromPath
from litestar.testing import AsyncTestClient
from litestar.types import ASGIApp, Receive, Scope, Send

from adapters.http.settings import HttpSettings
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.requests import ObservedRequests
from domain.errors import SessionNotFound
from tests.doubles.scripted_turns import SESSION
from tests.http.conftest import Scripted
from tests.http.envelopes import CHAT, message, refused
from tests.http.raw import call

Client = AsyncTestClient[Litestar]

CALLER, OPERATOR = {"X-API-Key": "caller-key"}, {"X-API-Key": "operator-key"}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def app_of(scripted: Scripted, metrics: Metrics, **settings: Any) -> Litestar:
    observed = ObservedRequests(metrics)
    return scripted.app(HttpSettings(**settings), metrics=metrics.exposition, middleware=[observed.middleware])


@asynccontextmanager
async def observed(scripted: Scripted, metrics: Metrics, **settings: Any) -> AsyncIterator[Client]:
    async with AsyncTestClient(app_of(scripted, metrics, **settings)) as client:
        yield client


def counted(metrics: Metrics) -> dict[tuple[str, str, str], float]:
    """Requests by method, route and status."""
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "http_requests_total"
    }


async def test_metrics_are_served_as_prometheus_text(scripted: Scripted, metrics: Metrics) -> None:
    async with observed(scripted, metrics) as client:
        await client.post(CHAT, json=message())
        response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert f'http_requests_total{{method="POST",route="{CHAT}",status="200"}} 1.0' in response.text.splitlines()


async def test_without_metrics_there_is_no_such_address(client: Client) -> None:
    refused(await client.get("/metrics"), 404, "NOT_FOUND")


async def test_metrics_are_outside_the_prefix_and_not_in_the_document(scripted: Scripted, metrics: Metrics) -> None:
    async with observed(scripted, metrics) as client:
        refused(await client.get("/api/v1/metrics"), 404, "NOT_FOUND")
        assert "/metrics" not in (await client.get("/openapi.json")).text


async def test_an_operators_key_opens_the_metrics(scripted: Scripted, metrics: Metrics) -> None:
    keys = {"api_keys": frozenset({"caller-key"}), "admin_api_keys": frozenset({"operator-key"})}
    async with observed(scripted, metrics, **keys) as client:
        refused(await client.get("/metrics"), 401, "UNAUTHORIZED")
        refused(await client.get("/metrics", headers={"X-API-Key": "operator-key2"}), 401, "UNAUTHORIZED")
        assert (await client.get("/metrics", headers=OPERATOR)).status_code == 200


async def test_with_operators_keys_only_the_metrics_are_not_open(scripted: Scripted, metrics: Metrics) -> None:
    async with observed(scripted, metrics, admin_api_keys=frozenset({"operator-key"})) as client:
        refused(await client.get("/metrics"), 401, "UNAUTHORIZED")
        refused(await client.get("/metrics", headers=CALLER), 401, "UNAUTHORIZED")
        assert (await client.get("/metrics", headers=OPERATOR)).status_code == 200


async def test_with_callers_keys_only_those_open_the_metrics(scripted: Scripted, metrics: Metrics) -> None:
    async with observed(scripted, metrics, api_keys=frozenset({"caller-key"})) as client:
        refused(await client.get("/metrics"), 401, "UNAUTHORIZED")
        assert (await client.get("/metrics", headers=CALLER)).status_code == 200


async def test_a_request_counts_under_its_route_never_under_its_path(scripted: Scripted, metrics: Metrics) -> None:
    async with observed(scripted, metrics) as client:
        await client.get(f"/api/v1/sessions/{SESSION}/turns/1/why?user_id=u-1001")
        await client.get(f"/api/v1/sessions/{SESSION}/turns/2/why?user_id=u-1001")
        await client.get("/api/v1/sessions/other?user_id=u-1001")
        await client.get("/health/")
    assert counted(metrics) == {
        ("GET", "/api/v1/sessions/{session_id}/turns/{number}/why", "200"): 2,
        ("GET", "/api/v1/sessions/{session_id}", "404"): 1,
        ("GET", "/health", "200"): 1,
    }
    route = {"route": "/api/v1/sessions/{session_id}/turns/{number}/why"}
    assert metrics.registry.get_sample_value("http_request_duration_seconds_count", route) == 2


async def test_errors_count_with_their_status(scripted: Scripted, metrics: Metrics) -> None:
    async with observed(scripted, metrics, api_keys=frozenset({"caller-key"})) as client:
        await client.post(CHAT, json=message())
        await client.post(CHAT, content=b"{", headers={**CALLER, "Content-Type": "application/json"})
        for error in (SessionNotFound("no"), RuntimeError("no")):
            scripted.turns.outcome = error
            await client.post(CHAT, json=message(), headers=CALLER)
    assert counted(metrics) == {("POST", CHAT, status): 1 for status in ("401", "400", "404", "500")}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing/here"), ("PUT", CHAT), ("GET", "/api/v1/sessions/s/turns/x/why"), ("GET", "/")],
)
async def test_what_matches_no_route_counts_as_unmatched(
    scripted: Scripted, metrics: Metrics, method: str, path: str
) -> None:
    received = await call(app_of(scripted, metrics), method=method, path=path)
    assert counted(metrics) == {(method, "unmatched", str(received.status)): 1}
    assert received.status in (404, 405)


async def test_made_up_methods_and_addresses_make_no_series_of_their_own(scripted: Scripted, metrics: Metrics) -> None:
    app = app_of(scripted, metrics)
    for n in range(50):
        await call(app, method=f"MAKE-{n}", path=f"/made/up/{n}")
    assert counted(metrics) == {("other", "unmatched", "404"): 50}


async def test_a_preflight_is_counted_too(scripted: Scripted, metrics: Metrics) -> None:
    async with observed(scripted, metrics, cors_origins=("https://shop.example",)) as client:
        headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        assert (await client.options(CHAT, headers=headers)).status_code == 204
    assert counted(metrics) == {("OPTIONS", "unmatched", "204"): 1}


async def test_litestars_own_list_of_middleware_takes_it_as_well(metrics: Metrics) -> None:
    @get("/shelves/{number:int}")
    async def shelf(number: FromPath[int]) -> str:
        return "full"

    app = Litestar([shelf], middleware=[ObservedRequests(metrics).middleware], openapi_config=None, logging_config=None)
    await call(app, method="GET", path="/shelves/7")
    assert counted(metrics) == {("GET", "/shelves/{number}", "200"): 1}


async def test_an_answer_that_never_came_counts_as_a_failure(metrics: Metrics) -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    scope: Any = {"type": "http", "method": "GET"}
    with pytest.raises(RuntimeError):
        await ObservedRequests(metrics).middleware(breaks)(scope, receiving, sending)
    assert counted(metrics) == {("GET", "unmatched", "500"): 1}


async def test_what_is_no_request_is_passed_on_uncounted(metrics: Metrics) -> None:
    seen: list[str] = []

    async def lives(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    scope: Any = {"type": "lifespan"}
    await ObservedRequests(metrics).middleware(lives)(scope, receiving, sending)
    assert seen == ["lifespan"]
    assert counted(metrics) == {}


async def test_the_first_middleware_is_the_outermost(scripted: Scripted) -> None:
    order: list[str] = []

    def noting(name: str):  # type: ignore[no-untyped-def]
        def wrap(app: ASGIApp) -> ASGIApp:
            async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
                order.append(name)
                await app(scope, receive, send)

            return wrapped

        return wrap

    app = scripted.app(HttpSettings(), middleware=[noting("outer"), noting("inner")])
    await call(app, method="GET", path="/health/live")
    assert order == ["outer", "inner"]


async def receiving() -> Any:
    return {"type": "http.disconnect"}


async def sending(event: object) -> None:
    return
