"""X-API-Key."""

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.http.settings import HttpSettings
from tests.doubles.scripted_turns import SESSION
from tests.http.conftest import Opening, Scripted
from tests.http.envelopes import BATCH, CHAT, CHOOSE, STREAM, data_of, message, refused

Client = AsyncTestClient[Litestar]

KEYS = {"api_keys": frozenset({"caller-key", "钥匙"}), "admin_api_keys": frozenset({"operator-key"})}
GUARDED = [
    ("POST", CHAT),
    ("POST", CHOOSE),
    ("POST", BATCH),
    ("POST", STREAM),
    ("GET", f"/api/v1/sessions/{SESSION}?user_id=u-1001"),
    ("DELETE", f"/api/v1/sessions/{SESSION}?user_id=u-1001"),
    ("GET", f"/api/v1/sessions/{SESSION}/turns?user_id=u-1001"),
    ("GET", f"/api/v1/sessions/{SESSION}/turns/1/why?user_id=u-1001"),
    ("GET", "/api/v1/health/detailed"),
    ("GET", "/health/detailed"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("key", [None, "", "caller-ke", "caller-key2", "CALLER-KEY", "é"])
async def test_without_a_known_key_nothing_is_served(
    scripted: Scripted, opened: Opening, method: str, path: str, key: str | None
) -> None:
    client = await opened(**KEYS)
    headers = {} if key is None else {b"X-API-Key": key.encode()}
    response = await client.request(method, path, json=message() if method == "POST" else None, headers=headers)
    refused(response, 401, "UNAUTHORIZED")
    assert response.headers["www-authenticate"] == 'ApiKey header="X-API-Key"'
    assert scripted.turns.requests == []
    assert scripted.deletion.deleted == []


@pytest.mark.parametrize("key", ["caller-key", "钥匙"])
async def test_every_key_of_the_settings_opens(opened: Opening, key: str) -> None:
    client = await opened(**KEYS)
    data_of(await client.post(CHAT, json=message(), headers={b"X-API-Key": key.encode()}))
    data_of(await client.get("/health/detailed", headers={b"X-API-Key": key.encode()}))


async def test_a_key_is_asked_for_before_the_body_is_looked_at(opened: Opening) -> None:
    client = await opened(**KEYS)
    refused(await client.post(CHAT, content=b"x" * 100_000), 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/health/live",
        "/health/ready",
        "/api/v1/health/",
        "/api/v1/health/live",
        "/api/v1/health/ready",
        "/docs",
        "/docs/start.js",
        "/docs/assets/swagger-ui.css",
        "/redoc",
        "/openapi.json",
    ],
)
async def test_health_and_documentation_are_open(opened: Opening, path: str) -> None:
    client = await opened(**KEYS)
    assert (await client.get(path)).status_code == 200


async def test_an_operators_key_opens_the_details_of_health_only(opened: Opening) -> None:
    client = await opened(**KEYS)
    data_of(await client.get("/health/detailed", headers={"X-API-Key": "operator-key"}))
    refused(await client.post(CHAT, json=message(), headers={"X-API-Key": "operator-key"}), 401, "UNAUTHORIZED")


async def test_with_operators_keys_only_the_api_is_open_and_the_details_are_not(opened: Opening) -> None:
    client = await opened(admin_api_keys=frozenset({"operator-key"}))
    data_of(await client.post(CHAT, json=message()))
    refused(await client.get("/health/detailed"), 401, "UNAUTHORIZED")


async def test_without_keys_in_the_settings_everything_is_open(client: Client) -> None:
    data_of(await client.post(CHAT, json=message()))
    data_of(await client.get("/health/detailed"))


def test_the_settings_do_not_show_keys() -> None:
    shown = repr(HttpSettings(api_keys=frozenset({"caller-key"}), admin_api_keys=frozenset({"operator-key"})))
    assert "key'" not in shown
