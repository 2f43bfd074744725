"""POST /chat/batch: each message as if it had come by itself."""

import asyncio
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from application.handle_turn import TurnRequest
from domain.errors import ConversationBusy, DeadlineExceeded, InvalidRequest, RepositoryUnavailable, SessionNotFound
from tests.doubles.scripted_turns import BARE_REPLY, SESSION, replied
from tests.http.conftest import Opening, Scripted
from tests.http.envelopes import BATCH, CHAT, data_of, message, refused

Client = AsyncTestClient[Litestar]


async def items_of(client: Client, *items: object, language: str = "zh") -> list[dict[str, Any]]:
    response = await client.post(BATCH, json={"items": items}, headers={"Accept-Language": language})
    found: list[dict[str, Any]] = data_of(response)["items"]
    assert len(found) == len(items)
    return found


async def test_every_message_gets_the_reply_it_would_get_by_itself_in_its_place(
    scripted: Scripted, client: Client
) -> None:
    scripted.turns.outcomes = {"乙": replied(BARE_REPLY, turn=7)}
    alone = [data_of(await client.post(CHAT, json=message(input=text))) for text in ("甲", "乙")]
    items = await items_of(client, message(input="乙"), message(input="甲"))
    assert items == [{"success": True, "data": alone[1]}, {"success": True, "data": alone[0]}]


async def test_the_whole_message_reaches_the_use_case(scripted: Scripted, client: Client) -> None:
    sent = message(input=" ＡＢ ", session_id=SESSION, message_id="m-1", context={"time_zone": "Europe/Paris"})
    await items_of(client, sent)
    (request,) = scripted.turns.requests
    assert (request.user_id, request.text, request.session_id) == ("u-1001", "AB", SESSION)
    assert (request.message_id, request.time_zone) == ("m-1", "Europe/Paris")


BAD: list[tuple[object, str, dict[str, str]]] = [
    (message(input=""), "VALIDATION_ERROR", {"input": "不能为空"}),
    (message(input="长" * 2001), "VALIDATION_ERROR", {"input": "最多 2000 个字符"}),
    (message(input=5), "VALIDATION_ERROR", {"input": "应为文本，收到的是整数"}),
    (message(mood="good"), "VALIDATION_ERROR", {"mood": "没有这个字段"}),
    ({"input": "hi"}, "VALIDATION_ERROR", {"user_id": "缺少这个字段"}),
    ([], "VALIDATION_ERROR", {"body": "应为对象，收到的是数组"}),
    (None, "VALIDATION_ERROR", {"body": "应为对象，收到的是空值"}),
    (message(session_id="../etc"), "SESSION_NOT_FOUND", {}),
]


@pytest.mark.parametrize(("bad", "code", "details"), BAD, ids=[str(sorted(case[2].items())) for case in BAD])
async def test_a_bad_message_is_an_error_in_its_place_and_the_others_are_answered(
    scripted: Scripted, client: Client, bad: object, code: str, details: dict[str, str]
) -> None:
    first, second, third = await items_of(client, message(input="甲"), bad, message(input="乙"))
    assert first["success"]
    assert third["success"]
    assert {key: second[key] for key in ("success", "error_code", "details")} == {
        "success": False,
        "error_code": code,
        "details": details,
    }
    assert set(second) == {"success", "error_code", "message", "details"}
    assert [request.text for request in scripted.turns.requests] == ["甲", "乙"]


@pytest.mark.parametrize(
    "error",
    [
        SessionNotFound("no"),
        InvalidRequest("no", {"time_zone": "Mars"}),
        ConversationBusy("no"),
        RepositoryUnavailable("no"),
        DeadlineExceeded("no"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_failure_is_told_as_for_a_single_message(
    scripted: Scripted, client: Client, error: Exception, language: str
) -> None:
    scripted.turns.outcomes = {"坏": error}
    alone = (await client.post(CHAT, json=message(input="坏"), headers={"Accept-Language": language})).json()
    good, bad = await items_of(client, message(), message(input="坏"), language=language)
    assert good["success"]
    assert bad == {key: alone[key] for key in ("success", "error_code", "message", "details")}
    assert scripted.logged == []


async def test_the_unexpected_is_logged_and_hidden_and_spoils_nothing_else(scripted: Scripted, client: Client) -> None:
    scripted.turns.outcomes = {"坏": RuntimeError("password=hunter2")}
    bad, good = await items_of(client, message(input="坏"), message())
    assert (bad["error_code"], bad["details"]) == ("INTERNAL_ERROR", {})
    assert good["success"]
    assert "hunter2" not in str(bad)
    assert [(logged.method, logged.path) for logged in scripted.logged] == [("POST", BATCH)]


async def test_half_an_emoji_spoils_its_own_message_least_of_all(scripted: Scripted, client: Client) -> None:
    body = r'{"items": [{"user_id": "u", "input": "订票\ud83d"}, {"user_id": "u\ud83d", "input": "x"}]}'
    response = await client.post(BATCH, content=body.encode(), headers={"Content-Type": "application/json"})
    good, bad = data_of(response)["items"]
    assert good["success"]
    assert bad["details"] == {"user_id": "不能含有控制字符或残缺字符"}
    assert scripted.turns.requests[0].text == "订票\ufffd"


MALFORMED: list[tuple[bytes, str, dict[str, str]]] = [
    (b'{"items": []}', "items", {"zh": "至少 1 项", "en": "must have at least 1 item"}),
    (b'{"items": [%s]}' % b",".join([b"{}"] * 21), "items", {"zh": "至多 20 项", "en": "must have at most 20 items"}),
    (b'{"items": 3}', "items", {"zh": "应为数组，收到的是整数"}),
    (b"{}", "items", {"zh": "缺少这个字段"}),
    (b'{"items": [{}], "x": 1}', "x", {"zh": "没有这个字段"}),
    (b"[]", "body", {"zh": "应为对象，收到的是数组"}),
]


@pytest.mark.parametrize(("body", "field", "sentences"), MALFORMED, ids=[case[0][:20].decode() for case in MALFORMED])
async def test_a_malformed_batch_is_refused_as_a_whole(
    scripted: Scripted, client: Client, body: bytes, field: str, sentences: dict[str, str]
) -> None:
    for language, sentence in sentences.items():
        headers = {"Content-Type": "application/json", "Accept-Language": language}
        told = refused(await client.post(BATCH, content=body, headers=headers), 422, "VALIDATION_ERROR")
        assert told["details"] == {field: sentence}
    assert scripted.turns.requests == []


@pytest.mark.parametrize("body", [b"", b"{", b'{"items": [{"user_id": }]}', b'{"items": [{}'])
async def test_what_is_not_json_is_refused(client: Client, body: bytes) -> None:
    response = await client.post(BATCH, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)


async def test_a_batch_beyond_the_limit_is_too_large(opened: Opening) -> None:
    client = await opened(max_body_bytes=1024)
    refused(await client.post(BATCH, json={"items": [message(input="a" * 500)] * 3}), 413, "PAYLOAD_TOO_LARGE")


class Crowd:
    """Counts who is being worked on at the same time."""

    def __init__(self) -> None:
        self.inside, self.most = 0, 0
        self.order: list[str] = []

    async def __call__(self, request: TurnRequest) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.01 if request.text == "慢" else 0.001)
        self.order.append(request.text)
        self.inside -= 1


async def test_a_few_are_worked_on_at_a_time_and_no_more(scripted: Scripted, client: Client) -> None:
    crowd = scripted.turns.meanwhile = Crowd()
    await items_of(client, *(message(input=f"第{number}句") for number in range(20)))
    assert crowd.most == 4
    assert len(crowd.order) == 20


async def test_messages_of_one_session_are_answered_one_after_the_other(scripted: Scripted, client: Client) -> None:
    crowd = scripted.turns.meanwhile = Crowd()
    texts = ["慢", "甲", "坏", "乙"]
    scripted.turns.outcomes = {"坏": ConversationBusy("no")}
    items = await items_of(client, *(message(input=text, session_id=SESSION) for text in texts))
    assert crowd.order == texts
    assert crowd.most == 1
    assert [item["success"] for item in items] == [True, True, False, True]


async def test_a_session_does_not_wait_for_another(scripted: Scripted, client: Client) -> None:
    crowd = scripted.turns.meanwhile = Crowd()
    await items_of(client, message(input="慢", session_id=SESSION), message(input="快", session_id="other"))
    assert crowd.order == ["快", "慢"]
