"""Whatever is sent, the answer is in the envelope and never our failure."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.http.settings import HttpSettings
from tests.doubles.scripted_turns import SESSION, USER
from tests.http.conftest import Scripted
from tests.http.envelopes import BATCH, CHAT, CHOOSE
from tests.http.raw import Received, call

SCRIPTED = Scripted()
APP = SCRIPTED.app(HttpSettings())
RUNS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

KEYED = ("user_id", "input", "session_id", "message_id", "context", "user_choice", "time_zone", "channel", "x")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYED) | st.text(), inner, max_size=3),
    max_leaves=6,
)


def failures() -> list[Exception]:
    """What was logged since it was last asked for."""
    found = [logged.error for logged in SCRIPTED.logged]
    SCRIPTED.logged.clear()
    return found


def checked(received: Received) -> Received:
    body = received.json()
    assert received.status < 500, (body, failures())
    assert body["code"] == received.status
    assert body["success"] == (received.status == 200)
    assert body["request_id"] == received.headers[b"x-request-id"].decode()
    assert failures() == []
    return received


@RUNS
@given(st.binary(max_size=300), st.sampled_from([CHAT, CHOOSE, BATCH]))
@example(b'{"user_id":' + b"[" * 60_000, CHAT)
@example(b'{"x":' * 10_000, CHAT)
@example(b'{"user_id":"u","input":"\\u0000"}', CHAT)
async def test_any_bytes_are_survived(body: bytes, path: str) -> None:
    checked(await call(APP, path=path, body=[body]))


@RUNS
@given(st.dictionaries(st.sampled_from(KEYED), anything, max_size=6), st.sampled_from([CHAT, CHOOSE, BATCH]))
async def test_any_json_is_survived(body: dict[str, Any], path: str) -> None:
    checked(await call(APP, path=path, body=[json.dumps(body).encode()]))


@RUNS
@given(st.lists(anything | st.fixed_dictionaries({"user_id": st.text(), "input": st.text()}), max_size=5))
async def test_any_batch_is_survived(items: list[Any]) -> None:
    received = checked(await call(APP, path=BATCH, body=[json.dumps({"items": items}).encode()]))
    if received.status == 200:
        assert len(received.json()["data"]["items"]) == len(items)
    else:
        assert not items or "Infinity" in json.dumps(items) or "NaN" in json.dumps(items)


@RUNS
@given(st.text(st.characters(), min_size=1, max_size=200), st.text(st.characters(), min_size=1, max_size=200))
async def test_any_text_is_survived(text: str, user: str) -> None:
    body = json.dumps({"user_id": user, "input": text, "message_id": user}).encode()
    received = checked(await call(APP, path=CHAT, body=[body]))
    assert received.status in (200, 422)


@RUNS
@given(
    st.sampled_from(["GET", "DELETE", "POST", "PUT", "HEAD", "TRACE", "get"]),
    st.text(max_size=40),
    st.binary(max_size=60),
)
@example("GET", "\ud800", b"user_id=%ff")
async def test_any_address_is_survived(method: str, tail: str, query: bytes) -> None:
    for path in ("/", f"/api/v1/sessions/{SESSION}/", "/api/v1/sessions/", "/docs/assets/", "/health/"):
        received = await call(APP, method=method, path=path + tail, query=query)
        assert received.status < 500, (method, path, tail, query, failures())
    assert failures() == []


@RUNS
@given(st.binary(max_size=80), st.binary(max_size=80))
async def test_any_query_is_survived(user: bytes, after: bytes) -> None:
    path = f"/api/v1/sessions/{SESSION}/turns"
    query = b"user_id=" + user + b"&after=" + after + b"&limit=" + after
    checked(await call(APP, method="GET", path=path, query=query))
    checked(await call(APP, method="GET", path=path, query=f"user_id={USER}&".encode() + user))


@RUNS
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    b"host",
                    b"content-type",
                    b"content-length",
                    b"accept-language",
                    b"x-request-id",
                    b"x-api-key",
                    b"accept",
                    b"cookie",
                ]
            ),
            st.binary(max_size=60),
        ),
        max_size=5,
    )
)
async def test_any_headers_are_survived(headers: list[tuple[bytes, bytes]]) -> None:
    checked(await call(APP, path=CHAT, headers=headers, body=[b'{"user_id":"u","input":"a"}']))


@pytest.mark.parametrize("kind", [b"application/json", b"application/json;charset=gbk", b"APPLICATION/JSON ;x"])
async def test_the_parameters_of_a_content_type_do_not_matter(kind: bytes) -> None:
    received = await call(APP, path=CHAT, headers=[(b"content-type", kind)], body=[b'{"user_id":"u","input":"a"}'])
    assert checked(received).status == 200
