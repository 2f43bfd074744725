"""/health, under the prefix and at the root."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.http.settings import HttpSettings
from tests.http.conftest import Scripted
from tests.http.envelopes import data_of, refused

Client = AsyncTestClient[Litestar]

ROOTS = ["/health", "/api/v1/health"]


@pytest.mark.parametrize("root", ROOTS)
async def test_a_service_that_is_well_says_so(client: Client, root: str) -> None:
    assert data_of(await client.get(f"{root}/")) == {"status": "ok", "version": "0.1.0"}
    assert data_of(await client.get(root)) == {"status": "ok", "version": "0.1.0"}
    assert data_of(await client.get(f"{root}/ready")) == {"status": "ok", "version": "0.1.0"}
    assert data_of(await client.get(f"{root}/live")) == {"status": "alive"}
    assert data_of(await client.get(f"{root}/detailed")) == {
        "status": "ok",
        "version": "0.1.0",
        "parts": [{"part": "repository", "state": "ok", "kind": "sqlite", "detail": "", "required": True}],
    }


@pytest.mark.parametrize("root", ROOTS)
async def test_a_service_that_is_down_gets_no_traffic_but_lives(scripted: Scripted, client: Client, root: str) -> None:
    scripted.health.down()
    for path in (f"{root}/ready", f"{root}/"):
        response = await client.get(path)
        assert refused(response, 503, "SERVICE_UNAVAILABLE")["details"] == {"repository": "down"}
        assert response.headers["retry-after"] == "5"
    assert data_of(await client.get(f"{root}/live")) == {"status": "alive"}
    data = data_of(await client.get(f"{root}/detailed"))
    assert data["status"] == "down"
    assert data["parts"][0]["detail"] == "the disk is full"
    assert scripted.logged == []


async def test_what_lives_with_the_application_starts_and_stops_with_it(scripted: Scripted) -> None:
    seen: list[str] = []

    def part(name: str):  # type: ignore[no-untyped-def]
        @asynccontextmanager
        async def live(_: Litestar) -> AsyncIterator[None]:
            seen.append(f"{name} starts")
            yield
            seen.append(f"{name} stops")

        return live

    async with AsyncTestClient(scripted.app(HttpSettings(), lifespan=[part("storage"), part("cache")])) as client:
        data_of(await client.get("/health/live"))
        assert seen == ["storage starts", "cache starts"]
    assert seen[2:] == ["cache stops", "storage stops"]
