"""The documentation is complete and comes from this machine only."""

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.http import docs
from adapters.http.stream_data import EVENTS
from tests.http.conftest import Opening
from tests.http.envelopes import refused

Client = AsyncTestClient[Litestar]

PATHS = {
    "/api/v1/chat/interact": {"post"},
    "/api/v1/chat/disambiguate": {"post"},
    "/api/v1/chat/batch": {"post"},
    "/api/v1/chat/stream": {"post"},
    "/api/v1/sessions/{session_id}": {"get", "delete"},
    "/api/v1/sessions/{session_id}/turns": {"get"},
    "/api/v1/sessions/{session_id}/turns/{number}/why": {"get"},
    "/api/v1/health": {"get"},
    "/api/v1/health/live": {"get"},
    "/api/v1/health/ready": {"get"},
    "/api/v1/health/detailed": {"get"},
}


async def document_of(client: Client) -> Any:
    response = await client.get("/openapi.json")
    assert response.headers["content-type"] == "application/json"
    return response.json()


async def test_the_document_names_every_route(client: Client) -> None:
    document = await document_of(client)
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Huiyi"
    assert {path: set(methods) for path, methods in document["paths"].items()} == PATHS


async def test_every_operation_is_described_with_its_answers(client: Client) -> None:
    for methods in (await document_of(client))["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]
            assert {"200", "400", "500"} <= set(operation["responses"])
            for status, response in operation["responses"].items():
                assert response["description"]
                if "text/event-stream" in response["content"]:
                    assert (operation["operationId"], status) == ("stream", "200")
                    continue
                content = response["content"]["application/json"]
                assert content["schema"]["$ref"].endswith("Envelope" if status == "200" else "/Failure")
                assert status == "200" or content["examples"]
            for parameter in operation.get("parameters", []):
                assert parameter["description"]


async def test_every_event_of_a_stream_is_described(client: Client) -> None:
    document = await document_of(client)
    response = document["paths"]["/api/v1/chat/stream"]["post"]["responses"]["200"]
    shapes = response["content"]["text/event-stream"]["schema"]["oneOf"]
    assert [shape["$ref"].rpartition("/")[2] for shape in shapes] == [kind.__name__ for kind in EVENTS.values()]
    for name, kind in EVENTS.items():
        assert f"{name} {kind.__name__}" in response["description"]


async def test_a_batch_is_described_with_its_messages(client: Client) -> None:
    schemas = (await document_of(client))["components"]["schemas"]
    assert schemas["Batch"]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Message"}
    assert "SealedBatch" not in schemas


async def test_every_field_is_described(client: Client) -> None:
    schemas = (await document_of(client))["components"]["schemas"]
    assert {"Message", "Choice", "ChatData", "ChatDataEnvelope", "Failure", "SlotData", "WhyData"} <= set(schemas)
    for name, schema in schemas.items():
        assert schema["title"]
        for field, shape in schema["properties"].items():
            assert shape.get("description"), f"{name}.{field}"


async def test_bodies_come_with_an_example(client: Client) -> None:
    document = await document_of(client)
    for path in (f"/api/v1/chat/{name}" for name in ("interact", "disambiguate", "batch", "stream")):
        schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        (example,) = schema["examples"]
        assert (await client.post(path, json=example)).status_code == 200


async def test_every_reference_leads_somewhere(client: Client) -> None:
    response = await client.get("/openapi.json")
    schemas = response.json()["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', response.text):
        assert name in schemas


async def test_a_key_is_in_the_document_where_keys_are_set(client: Client, opened: Opening) -> None:
    assert "security" not in await document_of(client)
    keyed = await document_of(await opened(api_keys=frozenset({"k"})))
    assert keyed["security"] == [{"ApiKey": []}]
    assert keyed["components"]["securitySchemes"]["ApiKey"]["name"] == "X-API-Key"


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_loads_nothing_from_elsewhere(client: Client, page: str) -> None:
    response = await client.get(page)
    assert response.headers["content-type"].startswith("text/html")
    assert re.findall(r"https?:|//\w", response.text) == []
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "<title>Huiyi</title>" in response.text
    loaded = re.findall(r'(?:src|href|spec-url)="([^"]+)"', response.text)
    assert loaded
    for path in loaded:
        assert (await client.get(path)).status_code == 200, path


async def test_the_script_that_starts_the_page_asks_nobody_to_check_the_document(client: Client) -> None:
    response = await client.get("/docs/start.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert "validatorUrl: null" in response.text
    assert "//" not in response.text


async def test_a_title_cannot_smuggle_markup(opened: Opening) -> None:
    client = await opened(title="<script>alert(1)</script>")
    assert "<script>alert" not in (await client.get("/docs")).text


@pytest.mark.parametrize(
    "path",
    [
        "/docs/assets/nothing.js",
        "/docs/assets/../__init__.py",
        "/docs/assets/%2e%2e/%2e%2e/__init__.py",
        "/docs/assets/..%2f..%2f..%2fsix.py",
        "/docs/assets//etc/passwd",
        "/docs/assets/%00",
        "/docs/assets/%ff",
        "/docs/assets/" + "x" * 5000,
        "/docs/other",
    ],
)
async def test_only_the_pages_own_files_are_served(client: Client, path: str) -> None:
    refused(await client.get(path), 404, "NOT_FOUND")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="drf_spectacular_sidecar"):
        docs.asset_folder()
