"""POST /chat/disambiguate."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from tests.doubles.scripted_turns import SESSION, USER
from tests.http.conftest import Scripted
from tests.http.envelopes import CHOOSE, data_of, refused

Client = AsyncTestClient[Litestar]


def choice(picked: object, **changes: Any) -> dict[str, Any]:
    return {"session_id": SESSION, "user_id": USER, "user_choice": picked, **changes}


@pytest.mark.parametrize(
    ("picked", "text", "intent"),
    [
        (1, "1", None),
        (99, "99", None),
        ("第二个", "第二个", None),
        (" 订机票 ", "订机票", None),
        ("2", "2", None),
        ("weather", "weather", None),
        ("book a flight_", "book a flight_", None),
        ("book_flight", "book_flight", "book_flight"),
    ],
)
async def test_a_choice_is_a_text_unless_it_names_an_intent(
    scripted: Scripted, client: Client, picked: object, text: str, intent: str | None
) -> None:
    data = data_of(await client.post(CHOOSE, json=choice(picked, message_id="m-9")))
    assert data["response"] == "请问您要去哪个城市？"
    (request,) = scripted.turns.requests
    assert (request.text, request.choice) == (text, intent)
    assert (request.session_id, request.user_id, request.message_id) == (SESSION, USER, "m-9")


@pytest.mark.parametrize(
    ("picked", "sentence"),
    [
        (0, "选项从 1 开始编号"),
        (-1, "选项从 1 开始编号"),
        (100, "选项从 1 开始编号"),
        (10**40, "选项从 1 开始编号"),
        ("", "不能为空"),
        ("\u200b", "不能为空"),
        ("长" * 2001, "最多 2000 个字符"),
        (1.5, "应为整数或文本，收到的是小数"),
        (True, "应为整数或文本，收到的是真假值"),
        (None, "应为整数或文本，收到的是空值"),
    ],
)
async def test_what_is_no_choice_is_refused(client: Client, picked: object, sentence: str) -> None:
    told = refused(await client.post(CHOOSE, json=choice(picked)), 422, "VALIDATION_ERROR")
    assert told["details"] == {"user_choice": sentence}


async def test_a_choice_needs_a_session_and_its_user(client: Client) -> None:
    told = refused(await client.post(CHOOSE, json={"user_id": USER, "user_choice": 1}), 422, "VALIDATION_ERROR")
    assert told["details"] == {"session_id": "缺少这个字段"}
    refused(await client.post(CHOOSE, json=choice(1, session_id="a b")), 404, "SESSION_NOT_FOUND")
    refused(await client.post(CHOOSE, json=choice(1, user_id="\x00")), 422, "VALIDATION_ERROR")


async def test_a_number_beyond_all_bounds_is_refused(client: Client) -> None:
    body = f'{{"session_id":"{SESSION}","user_id":"{USER}","user_choice":1e999}}'.encode()
    response = await client.post(CHOOSE, content=body, headers={"Content-Type": "application/json"})
    assert refused(response, 422, "VALIDATION_ERROR")["details"] == {"user_choice": "不是有效的值"}
