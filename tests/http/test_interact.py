"""POST /chat/interact: the contract of every field, and what the door refuses."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from tests.doubles.scripted_turns import BARE_REPLY, SESSION, replied
from tests.http.conftest import Opening, Scripted
from tests.http.envelopes import CHAT, data_of, message, refused

Client = AsyncTestClient[Litestar]


async def test_the_reply_carries_every_field_of_the_contract(client: Client) -> None:
    response = await client.post(CHAT, json=message())
    assert data_of(response) == {
        "response": "请问您要去哪个城市？",
        "session_id": SESSION,
        "turn": 1,
        "intent": "book_flight",
        "confidence": 0.97,
        "slots": {
            "departure_city": {
                "value": "北京",
                "original_text": "帝都",
                "confidence": 0.98,
                "source": "dictionary",
                "is_validated": True,
                "is_confirmed": True,
            },
            "card_number": {
                "value": "****1234",
                "original_text": "****1234",
                "confidence": 1.0,
                "source": "pattern",
                "is_validated": True,
                "is_confirmed": False,
            },
        },
        "missing_slots": ["arrival_city"],
        "asked_slot": "arrival_city",
        "status": "incomplete",
        "response_type": "slot_prompt",
        "next_action": "collect_missing_slots",
        "message_type": "intent_request",
        "ambiguous_intents": [{"intent": "book_movie", "title": "订电影票", "confidence": 0.4}],
        "pending_intents": ["weather"],
        "suspended_intents": ["check_balance"],
        "api_result": {"order_id": "F1", "price": 880.5, "paid": True, "seats": 2},
        "sources": [
            {"source": "refunds.md", "title": "退票规则", "quote": "起飞前 24 小时退票免手续费。", "score": 0.82}
        ],
        "tier": "local",
        "processing_time_ms": 6.432,
        "catalogue_version": 3,
    }


async def test_a_reply_about_nothing_keeps_every_field(scripted: Scripted, client: Client) -> None:
    scripted.turns.outcome = replied(BARE_REPLY, turn=7)
    data = data_of(await client.post(CHAT, json=message()))
    assert data == {
        "response": "您好！",
        "session_id": SESSION,
        "turn": 7,
        "intent": None,
        "confidence": 0.0,
        "slots": {},
        "missing_slots": [],
        "asked_slot": None,
        "status": "intent_not_found",
        "response_type": "clarification_request",
        "next_action": "clarification",
        "message_type": "digression",
        "ambiguous_intents": [],
        "pending_intents": [],
        "suspended_intents": [],
        "api_result": None,
        "sources": [],
        "tier": "fallback",
        "processing_time_ms": 6.432,
        "catalogue_version": 3,
    }


async def test_the_whole_message_reaches_the_use_case(scripted: Scripted, client: Client) -> None:
    sent = message(
        input="  ＢＯＯＫ a flight\u200b ",
        session_id=SESSION,
        message_id="m-1",
        context={"time_zone": "Europe/Paris", "channel": "web"},
    )
    data_of(await client.post(CHAT, json=sent))
    (request,) = scripted.turns.requests
    assert (request.user_id, request.text, request.choice) == ("u-1001", "BOOK a flight", None)
    assert (request.session_id, request.message_id, request.time_zone) == (SESSION, "m-1", "Europe/Paris")


async def test_what_a_message_leaves_out_is_left_open(scripted: Scripted, client: Client) -> None:
    data_of(await client.post(CHAT, json=message(context={})))
    data_of(await client.post(CHAT, json={**message(), "session_id": None, "message_id": None, "context": None}))
    for request in scripted.turns.requests:
        assert (request.session_id, request.message_id, request.time_zone) == (None, None, None)


@pytest.mark.parametrize("name", ["req-7f3a", "A.b_c-1", "x" * 64])
async def test_a_request_id_of_the_callers_own_is_kept(client: Client, name: str) -> None:
    response = await client.post(CHAT, json=message(), headers={"X-Request-ID": name})
    assert data_of(response)
    assert response.json()["request_id"] == name


@pytest.mark.parametrize("name", ["", "x" * 65, "two words", "a\tb", "编号", "<script>"])
async def test_a_request_id_that_is_not_well_formed_is_replaced(client: Client, name: str) -> None:
    response = await client.post(CHAT, json=message(), headers={b"X-Request-ID": name.encode()})
    assert data_of(response)
    assert len(response.json()["request_id"]) == 32


BAD_MESSAGES: list[tuple[dict[str, Any], str, str, str]] = [
    (message(input=""), "input", "不能为空", "must not be empty"),
    (message(input=" \u3000\n\t"), "input", "不能为空", "must not be empty"),
    (message(input="\x00\x07\u200b"), "input", "不能为空", "must not be empty"),
    (message(input="长" * 2001), "input", "最多 2000 个字符", "must have at most 2000 characters"),
    (message(input=5), "input", "应为文本，收到的是整数", "should be a text, not a whole number"),
    (message(input=["a"]), "input", "应为文本，收到的是数组", "should be a text, not an array"),
    ({**message(), "input": None}, "input", "应为文本，收到的是空值", "should be a text, not null"),
    ({"user_id": "u"}, "input", "缺少这个字段", "is required"),
    ({"input": "hi"}, "user_id", "缺少这个字段", "is required"),
    (message(user_id=""), "user_id", "不能为空", "must not be empty"),
    (message(user_id="u" * 129), "user_id", "最多 128 个字符", "must have at most 128 characters"),
    (message(user_id="a\nb"), "user_id", "不能含有控制字符或残缺字符", "must not hold control or broken characters"),
    (message(user_id="a\n"), "user_id", "不能含有控制字符或残缺字符", "must not hold control or broken characters"),
    (message(user_id="a\ufffd"), "user_id", "不能含有控制字符或残缺字符", "must not hold control or broken characters"),
    (message(message_id=""), "message_id", "不能为空", "must not be empty"),
    (message(message_id="m" * 129), "message_id", "最多 128 个字符", "must have at most 128 characters"),
    (
        message(message_id="m\x7f"),
        "message_id",
        "不能含有控制字符或残缺字符",
        "must not hold control or broken characters",
    ),
    (
        message(session_id=7),
        "session_id",
        "应为文本或空值，收到的是整数",
        "should be a text or null, not a whole number",
    ),
    (message(mood="good"), "mood", "没有这个字段", "is not a field of this request"),
    (message(context={"zone": 1}), "context.zone", "没有这个字段", "is not a field of this request"),
    (
        message(context={"time_zone": True}),
        "context.time_zone",
        "应为文本或空值，收到的是真假值",
        "should be a text or null, not true or false",
    ),
    (message(context={"channel": ""}), "context.channel", "不能为空", "must not be empty"),
    (message(context=[]), "context", "应为对象或空值，收到的是数组", "should be an object or null, not an array"),
]


@pytest.mark.parametrize("case", BAD_MESSAGES, ids=lambda case: f"{case[1]}-{case[3]}"[:60])
async def test_a_bad_field_is_named_and_explained(
    scripted: Scripted, client: Client, case: tuple[dict[str, Any], str, str, str]
) -> None:
    body, path, chinese, english = case
    told = refused(await client.post(CHAT, json=body), 422, "VALIDATION_ERROR")
    assert told["details"] == {path: chinese}
    told = refused(await client.post(CHAT, json=body, headers={"Accept-Language": "en"}), 422, "VALIDATION_ERROR")
    assert told["details"] == {path: english}
    assert scripted.turns.requests == []


@pytest.mark.parametrize(("body", "sentence"), [(b"[]", "应为对象，收到的是数组"), (b"3", "应为对象，收到的是整数")])
async def test_a_body_of_another_shape_is_refused_as_a_whole(client: Client, body: bytes, sentence: str) -> None:
    response = await client.post(CHAT, content=body, headers={"Content-Type": "application/json"})
    assert refused(response, 422, "VALIDATION_ERROR")["details"] == {"body": sentence}


async def test_a_body_that_is_not_there_is_refused(client: Client) -> None:
    response = await client.post(CHAT, headers={"Content-Type": "application/json"})
    assert refused(response, 422, "VALIDATION_ERROR")["details"] == {"body": "不能为空"}


async def test_a_long_unknown_field_is_not_echoed_in_full(client: Client) -> None:
    told = refused(await client.post(CHAT, json=message(**{"x" * 5000: 1})), 422, "VALIDATION_ERROR")
    assert list(told["details"]) == ["x" * 100]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"user_id": "u", "input": "hi"',
        b'{"user_id": "u", "input": "hi"} x',
        b"\xff\xfe",
        b'{"user_id": "u", "input": "\xd6\xd0"}',
        b'{"user_id": "u", "input": "\xed\xa0\x80"}',
        b'{"user_id": "u", "input": "a\x00b"}',
        b'{"user_id": "u", "input": "\\ud83d',
        b"not json",
    ],
)
async def test_what_is_not_json_is_refused(client: Client, body: bytes) -> None:
    response = await client.post(CHAT, content=body, headers={"Content-Type": "application/json"})
    refused(response, 400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("escaped", "heard"),
    [
        (r"订票\ud83d", "订票\ufffd"),
        (r"\ude00订票", "\ufffd订票"),
        (r"\ud83d\ud83d\ude00", "\ufffd😀"),
        (r"\ud83d\ude00", "😀"),
        (r"\\ud83d", r"\ud83d"),
    ],
)
async def test_half_an_emoji_does_not_spoil_a_message(
    scripted: Scripted, client: Client, escaped: str, heard: str
) -> None:
    body = f'{{"user_id": "u", "input": "{escaped}"}}'
    data_of(await client.post(CHAT, content=body.encode(), headers={"Content-Type": "application/json"}))
    assert scripted.turns.requests[0].text == heard


async def test_half_an_emoji_in_a_name_is_refused(client: Client) -> None:
    body = rb'{"user_id": "u\ud83d", "input": "hi"}'
    response = await client.post(CHAT, content=body, headers={"Content-Type": "application/json"})
    assert refused(response, 422, "VALIDATION_ERROR")["details"] == {"user_id": "不能含有控制字符或残缺字符"}


@pytest.mark.parametrize("session", ["", "a b", "../etc/passwd", "会话", "x" * 65, "a\n"])
async def test_a_session_id_that_was_never_given_out_is_nobodys(
    scripted: Scripted, client: Client, session: str
) -> None:
    refused(await client.post(CHAT, json=message(session_id=session)), 404, "SESSION_NOT_FOUND")
    assert scripted.turns.requests == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_body_announced_as_something_else_is_refused(client: Client, kind: str) -> None:
    response = await client.post(CHAT, content=b'{"user_id":"u","input":"hi"}', headers={"Content-Type": kind})
    refused(response, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_that_is_not_announced_is_refused(client: Client) -> None:
    refused(await client.post(CHAT, content=b'{"user_id":"u","input":"hi"}'), 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_the_content_type_may_carry_a_charset(client: Client) -> None:
    body = '{"user_id":"u","input":"订票"}'.encode()
    data_of(await client.post(CHAT, content=body, headers={"Content-Type": "Application/JSON; charset=utf-8"}))


@pytest.mark.parametrize("length", [100_000, 1_000_000])
async def test_a_body_beyond_the_limit_is_too_large(client: Client, length: int) -> None:
    refused(await client.post(CHAT, json=message(input="a" * length)), 413, "PAYLOAD_TOO_LARGE")


async def test_the_limits_are_those_of_the_settings(opened: Opening) -> None:
    client = await opened(max_input_chars=3, max_body_bytes=1024)
    data_of(await client.post(CHAT, json=message(input="订机票")))
    told = refused(await client.post(CHAT, json=message(input="订机票吧")), 422, "VALIDATION_ERROR")
    assert told["details"] == {"input": "最多 3 个字符"}
    refused(await client.post(CHAT, json=message(input="a" * 1024)), 413, "PAYLOAD_TOO_LARGE")


async def test_the_prefix_is_that_of_the_settings(opened: Opening) -> None:
    client = await opened(prefix="/bot/v2")
    data_of(await client.post("/bot/v2/chat/interact", json=message()))
    refused(await client.post(CHAT, json=message()), 404, "NOT_FOUND")
