"""Messages to send, and the envelope around what comes back."""

from typing import Any

import httpx

CHAT = "/api/v1/chat/interact"
CHOOSE = "/api/v1/chat/disambiguate"
BATCH = "/api/v1/chat/batch"
STREAM = "/api/v1/chat/stream"


def message(**changes: Any) -> dict[str, Any]:
    """A message that is all right, changed where wanted; None leaves a field out."""
    body = {"user_id": "u-1001", "input": "订机票", **changes}
    return {name: value for name, value in body.items() if value is not None}


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, its envelope checked."""
    body: dict[str, Any] = response.json()
    assert response.status_code == status, body
    assert set(body) == {"success", "code", "error_code", "message", "details", "timestamp", "request_id"}
    assert (body["success"], body["code"], body["error_code"]) == (False, status, code)
    assert body["message"]
    assert body["timestamp"] == "2026-11-24T01:00:00Z"
    assert response.headers["x-request-id"] == body["request_id"]
    assert response.headers["content-type"] == "application/json"
    assert "Traceback" not in response.text
    return body


def data_of(response: httpx.Response) -> Any:
    """The data of an answer, its envelope checked."""
    body: dict[str, Any] = response.json()
    assert response.status_code == 200, body
    assert set(body) == {"success", "code", "message", "data", "timestamp", "request_id"}
    assert (body["success"], body["code"]) == (True, 200)
    assert body["timestamp"] == "2026-11-24T01:00:00Z"
    assert response.headers["x-request-id"] == body["request_id"]
    return body["data"]
