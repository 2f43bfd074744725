"""Every failure leaves in the envelope, with the status the table gives it."""

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.http.errors import VERDICTS, verdict_on
from adapters.http.settings import HttpSettings
from domain import errors
from domain.errors import HuiyiError
from tests.doubles.scripted_turns import SESSION
from tests.http.conftest import Opening, Scripted
from tests.http.envelopes import CHAT, message, refused
from tests.http.raw import call

Client = AsyncTestClient[Litestar]

RAISED: list[tuple[HuiyiError, int, str, str | None]] = [
    (errors.InvalidRequest("no", {"time_zone": "Mars"}), 422, "VALIDATION_ERROR", None),
    (errors.SessionNotFound("no"), 404, "SESSION_NOT_FOUND", None),
    (errors.TurnNotFound("no"), 404, "NOT_FOUND", None),
    (errors.IntentNotFound("no"), 404, "INTENT_NOT_FOUND", None),
    (errors.NotFound("no"), 404, "NOT_FOUND", None),
    (errors.MessageConflict("no"), 409, "CONFLICT", None),
    (errors.ConversationConflict("no"), 409, "CONFLICT", None),
    (errors.Conflict("no"), 409, "CONFLICT", None),
    (errors.CatalogueInvalid("no"), 422, "CATALOGUE_INVALID", None),
    (errors.ConversationBusy("no"), 503, "SERVICE_UNAVAILABLE", "1"),
    (errors.PartUnavailable("model", "no"), 503, "SERVICE_UNAVAILABLE", "5"),
    (errors.RepositoryUnavailable("no"), 503, "SERVICE_UNAVAILABLE", "5"),
    (errors.DeadlineExceeded("no"), 504, "TIMEOUT", None),
]


@pytest.mark.parametrize("case", RAISED, ids=lambda case: type(case[0]).__name__)
async def test_an_error_of_the_core_has_its_status(
    scripted: Scripted, client: Client, case: tuple[HuiyiError, int, str, str | None]
) -> None:
    error, status, code, retry = case
    scripted.turns.outcome = error
    response = await client.post(CHAT, json=message())
    assert refused(response, status, code)["details"] == error.details
    assert response.headers.get("retry-after") == retry
    assert scripted.logged == []


def test_every_error_of_the_core_that_a_request_can_meet_is_in_the_table() -> None:
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HuiyiError)]
    missing = {kind.__name__ for kind in tree if not any(above in VERDICTS for above in kind.__mro__)}
    assert missing == {"HuiyiError", "SettingsInvalid"}


def test_the_table_and_the_core_agree_on_codes() -> None:
    for kind, verdict in VERDICTS.items():
        if issubclass(kind, HuiyiError):
            assert verdict.code == kind.code
        assert verdict.message.zh != verdict.message.en


@pytest.mark.parametrize(
    "error", [RuntimeError("password=hunter2"), errors.HuiyiError("hunter2"), errors.SettingsInvalid("hunter2")]
)
async def test_the_unexpected_is_logged_and_hidden(scripted: Scripted, client: Client, error: Exception) -> None:
    scripted.turns.outcome = error
    response = await client.post(CHAT, json=message(), headers={"X-Request-ID": "req-1"})
    body = refused(response, 500, "INTERNAL_ERROR")
    assert body["details"] == {}
    assert "hunter2" not in response.text
    (logged,) = scripted.logged
    assert logged.error is error
    assert (logged.request_id, logged.method, logged.path) == ("req-1", "POST", CHAT)


def test_no_row_of_the_table_stands_for_an_unknown_error() -> None:
    assert verdict_on(ValueError("x")).status == 500


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/api/v1", "/api/v1/chat", "/api/v2/chat/interact", "/schema", "/%00"]
)
async def test_an_unknown_address_is_not_found(client: Client, path: str) -> None:
    refused(await client.get(path), 404, "NOT_FOUND")


async def test_a_method_that_an_address_does_not_take_is_refused(client: Client) -> None:
    response = await client.put(CHAT, json=message())
    refused(response, 405, "METHOD_NOT_ALLOWED")
    assert set(response.headers["allow"].split(", ")) == {"POST", "OPTIONS"}


async def test_the_message_is_in_the_language_asked_for(client: Client) -> None:
    assert refused(await client.get("/x"), 404, "NOT_FOUND")["message"] == "没有这个地址"
    response = await client.get("/x", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert refused(response, 404, "NOT_FOUND")["message"] == "There is nothing at this address"


async def test_a_client_that_hangs_up_while_sending_is_no_failure_of_ours(scripted: Scripted) -> None:
    app = scripted.app(HttpSettings())
    received = await call(app, path=CHAT, body=[b'{"user_id"'], hangs_up=True)
    assert (received.status, received.json()["error_code"]) == (400, "INVALID_REQUEST")
    assert scripted.logged == []


async def test_a_query_that_is_not_in_utf_8_is_refused(scripted: Scripted) -> None:
    app = scripted.app(HttpSettings())
    received = await call(app, method="GET", path=f"/api/v1/sessions/{SESSION}", query=b"\x80")
    assert (received.status, received.json()["error_code"]) == (400, "INVALID_REQUEST")
    assert scripted.logged == []


def test_other_texts_that_are_not_in_utf_8_are_our_failure() -> None:
    assert verdict_on(UnicodeDecodeError("utf-8", b"\x80", 0, 1, "invalid"), b"user_id=u").status == 500


async def test_a_body_that_keeps_coming_is_too_large(scripted: Scripted) -> None:
    received = await call(scripted.app(HttpSettings()), path=CHAT, body=[b"a" * 1000] * 100)
    assert (received.status, received.json()["error_code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_in_pieces_is_put_together(scripted: Scripted) -> None:
    received = await call(scripted.app(HttpSettings()), path=CHAT, body=[b'{"user_id":"u",', b'"input":"a"}'])
    assert received.status == 200


@pytest.mark.parametrize("length", [b"many", b"-1", b"9999999"])
async def test_a_wrong_content_length_is_refused(scripted: Scripted, length: bytes) -> None:
    headers = ((b"content-type", b"application/json"), (b"content-length", length))
    received = await call(scripted.app(HttpSettings()), path=CHAT, headers=headers, body=[b"{}"])
    assert received.status in (400, 413, 422)


async def test_an_odd_host_is_refused(scripted: Scripted) -> None:
    headers = ((b"host", b"a b/c"), (b"content-type", b"application/json"))
    received = await call(scripted.app(HttpSettings()), path=CHAT, headers=headers, body=[b"{}"])
    assert (received.status, received.json()["error_code"]) == (400, "INVALID_REQUEST")


async def test_browsers_may_call_from_the_origins_of_the_settings(opened: Opening) -> None:
    client = await opened(cors_origins=("https://shop.example",))
    ask = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    response = await client.options(CHAT, headers={**ask, "Access-Control-Request-Headers": "content-type,x-api-key"})
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
    response = await client.post(CHAT, json=message(), headers={"Origin": "https://shop.example"})
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
    assert "X-Request-ID" in response.headers["access-control-expose-headers"]
    response = await client.post(CHAT, json={}, headers={"Origin": "https://shop.example"})
    refused(response, 422, "VALIDATION_ERROR")
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
    response = await client.post(CHAT, json=message(), headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers


async def test_browsers_may_call_from_nowhere_else_by_default(client: Client) -> None:
    response = await client.post(CHAT, json=message(), headers={"Origin": "https://shop.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]
