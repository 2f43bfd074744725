"""/sessions: reading, deleting, turns, and why."""

from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from domain.dialogue.state import (
    Acting,
    Agenda,
    Choosing,
    Closed,
    Collecting,
    Confirming,
    Frame,
    HandedOff,
    Idle,
    State,
)
from domain.names import IntentName, InvocationKey, SlotName
from tests.doubles.scripted_turns import BARE_REPLY, CITY, FULL_REPLY, SESSION, conversation, turn
from tests.http.conftest import Scripted
from tests.http.envelopes import data_of, refused

Client = AsyncTestClient[Litestar]

PATH = f"/api/v1/sessions/{SESSION}"
WHO = {"user_id": "u-1001"}
FRAME = Frame(IntentName("book_flight"))


async def test_a_session_shows_where_it_stands(scripted: Scripted, client: Client) -> None:
    agenda = Agenda((Frame(IntentName("check_balance")),), (Frame(IntentName("weather")),))
    scripted.reader.conversation = conversation(Collecting(FRAME, SlotName("arrival_city"), 0, agenda))
    assert data_of(await client.get(PATH, params=WHO)) == {
        "session_id": SESSION,
        "user_id": "u-1001",
        "state": "collecting",
        "intent": "book_flight",
        "asked_slot": "arrival_city",
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
        "pending_intents": ["weather"],
        "suspended_intents": ["check_balance"],
        "turns": 2,
        "language": "zh-CN",
        "time_zone": "Asia/Shanghai",
        "catalogue_version": 3,
        "created_at": "2026-11-24T01:00:00Z",
        "updated_at": "2026-11-24T01:00:00Z",
    }


@pytest.mark.parametrize(
    ("state", "name", "intent"),
    [
        (Idle(), "idle", None),
        (Choosing((IntentName("a"), IntentName("b")), "哪一个？"), "choosing", None),
        (Confirming(FRAME), "confirming", "book_flight"),
        (Acting(FRAME, InvocationKey("k")), "acting", "book_flight"),
        (HandedOff("asked"), "handed_off", None),
        (Closed("expired"), "closed", None),
    ],
)
async def test_every_state_has_its_name(
    scripted: Scripted, client: Client, state: State, name: str, intent: str | None
) -> None:
    scripted.reader.conversation = conversation(state)
    data = data_of(await client.get(PATH, params=WHO))
    assert (data["state"], data["intent"], data["asked_slot"]) == (name, intent, None)
    assert bool(data["slots"]) == (intent is not None)


async def test_the_slots_shown_are_the_latest_of_the_task_at_hand(scripted: Scripted, client: Client) -> None:
    later = msgspec.structs.replace(FULL_REPLY, slots={SlotName("arrival_city"): CITY})
    scripted.reader.conversation = conversation(turns=3)
    scripted.reader.stored = (turn(1), turn(2, later), turn(3, BARE_REPLY))
    data = data_of(await client.get(PATH, params=WHO))
    assert list(data["slots"]) == ["arrival_city"]


async def test_turns_come_in_pages(scripted: Scripted, client: Client) -> None:
    scripted.reader.stored = tuple(turn(number) for number in range(1, 6))
    data = data_of(await client.get(f"{PATH}/turns", params=WHO))
    assert [shown["turn"] for shown in data["turns"]] == [1, 2, 3, 4, 5]
    assert data["next_after"] is None
    data = data_of(await client.get(f"{PATH}/turns", params={**WHO, "after": "1", "limit": "2"}))
    assert [shown["turn"] for shown in data["turns"]] == [2, 3]
    assert data["next_after"] == 3
    data = data_of(await client.get(f"{PATH}/turns", params={**WHO, "after": "5"}))
    assert data == {"session_id": SESSION, "turns": [], "next_after": None}


async def test_a_turn_shows_what_was_said_and_answered(client: Client) -> None:
    shown = data_of(await client.get(f"{PATH}/turns", params=WHO))["turns"][0]
    assert set(shown.pop("slots")) == {"departure_city", "card_number"}
    assert shown == {
        "turn": 1,
        "at": "2026-11-24T01:00:00Z",
        "message_id": "m-1",
        "input": "从帝都出发",
        "response": "请问您要去哪个城市？",
        "intent": "book_flight",
        "confidence": 0.97,
        "status": "incomplete",
        "response_type": "slot_prompt",
        "tier": "local",
        "processing_time_ms": 5.5,
        "catalogue_version": 3,
    }


async def test_why_shows_the_evidence_beside_the_thresholds(client: Client) -> None:
    data = data_of(await client.get(f"{PATH}/turns/2/why", params=WHO))
    assert data == {
        "session_id": SESSION,
        "turn": 2,
        "at": "2026-11-24T01:00:00Z",
        "input": "从帝都出发",
        "intent": "book_flight",
        "confidence": 0.97,
        "status": "incomplete",
        "tier": "local",
        "rule": "request",
        "is_question": True,
        "segments": [
            {
                "text": "从帝都出发",
                "candidates": [
                    {"intent": "book_flight", "confidence": 0.97, "threshold": 0.6},
                    {"intent": "book_movie", "confidence": 0.02, "threshold": 0.6},
                ],
                "entities": [
                    {
                        "kind": "city",
                        "start": 1,
                        "end": 3,
                        "text": "帝都",
                        "value": "北京",
                        "confidence": 0.98,
                        "source": "dictionary",
                        "role": "departure_city",
                        "negated": False,
                        "valid": True,
                    }
                ],
                "ambiguity": "ticket",
            },
            {"text": "", "candidates": [], "entities": [], "ambiguity": None},
        ],
        "cues": [{"kind": "choose", "text": "第一个", "number": 1}],
        "evidence": [{"stage": "local", "detail": "nearest example"}],
        "degraded": ["model"],
        "thresholds": {"accept": 0.6, "ambiguous": 0.2, "margin": 0.15},
        "catalogue_version": 3,
    }


async def test_why_knows_an_intents_own_threshold(scripted: Scripted, client: Client) -> None:
    scripted.thresholds["book_movie"] = 0.8
    segments = data_of(await client.get(f"{PATH}/turns/1/why", params=WHO))["segments"]
    assert [candidate["threshold"] for candidate in segments[0]["candidates"]] == [0.6, 0.8]


async def test_a_turn_that_never_was_is_not_found(client: Client) -> None:
    refused(await client.get(f"{PATH}/turns/9/why", params=WHO), 404, "NOT_FOUND")


async def test_a_session_is_deleted(scripted: Scripted, client: Client) -> None:
    data = data_of(await client.delete(PATH, params=WHO))
    assert data == {"session_id": SESSION, "deleted": True}
    assert scripted.deletion.deleted == [SESSION]


ROUTES = [("GET", ""), ("DELETE", ""), ("GET", "/turns"), ("GET", "/turns/1/why")]


@pytest.mark.parametrize(("method", "route"), ROUTES)
async def test_a_session_is_nobodys_but_its_users(scripted: Scripted, client: Client, method: str, route: str) -> None:
    refused(await client.request(method, PATH + route, params={"user_id": "u-2"}), 404, "SESSION_NOT_FOUND")
    for name in ("x" * 65, "a.b", "%E4%BC%9A", "a%00b"):
        response = await client.request(method, f"/api/v1/sessions/{name}{route}", params=WHO)
        refused(response, 404, "SESSION_NOT_FOUND")
    assert scripted.deletion.deleted == []


@pytest.mark.parametrize(("method", "route"), ROUTES)
@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ({}, "缺少这个字段"),
        ({"user_id": ""}, "不能为空"),
        ({"user_id": "u" * 129}, "最多 128 个字符"),
        ({"user_id": "a\nb"}, "不能含有控制字符或残缺字符"),
    ],
)
async def test_a_session_is_shown_to_somebody_only(
    client: Client, method: str, route: str, user: dict[str, str], sentence: str
) -> None:
    told = refused(await client.request(method, PATH + route, params=user), 422, "VALIDATION_ERROR")
    assert told["details"] == {"user_id": sentence}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"limit": "0"}, "不能小于 1"),
        ({"limit": "201"}, "不能大于 200"),
        ({"limit": "many"}, "应为整数，收到的是文本"),
        ({"after": "-1"}, "不能小于 0"),
        ({"after": "99999999999999999999"}, "不能大于 2147483647"),
    ],
)
async def test_a_page_has_bounds(client: Client, changes: dict[str, Any], sentence: str) -> None:
    response = await client.get(f"{PATH}/turns", params={**WHO, **changes})
    assert refused(response, 422, "VALIDATION_ERROR")["details"] == {next(iter(changes)): sentence}


async def test_the_numbers_of_turns_have_bounds(client: Client) -> None:
    told = refused(await client.get(f"{PATH}/turns/0/why", params=WHO), 422, "VALIDATION_ERROR")
    assert told["details"] == {"number": "不能小于 1"}
    told = refused(await client.get(f"{PATH}/turns/{2**40}/why", params=WHO), 422, "VALIDATION_ERROR")
    assert told["details"] == {"number": "不能大于 2147483647"}
    refused(await client.get(f"{PATH}/turns/first/why", params=WHO), 404, "NOT_FOUND")
    refused(await client.get(f"{PATH}/turns/{'9' * 5000}/why", params=WHO), 404, "NOT_FOUND")
