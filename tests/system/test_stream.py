"""Streams and batches as clients get them: over a socket, from `huiyi demo`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.doubles.loopback import Incoming, Wire, loopback
from tests.system.replica import BOOKING, Replica, replica
from tests.system.test_demo import Running, running

Event = tuple[str, dict[str, object]]

SENTENCE = "我想订一张明天从北京到上海的机票"


def told(demo: Running, text: str, session: object = None) -> Iterator[Event]:
    """The events of a message, as they come."""
    body = {"user_id": "u1", "input": text, "session_id": session}
    with demo.http.stream("POST", "/api/v1/chat/stream", json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert (response.headers["cache-control"], response.headers["x-accel-buffering"]) == ("no-cache", "no")
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def stages(events: list[Event]) -> list[object]:
    return [data["stage"] for name, data in events if name == "progress"]


@pytest.mark.slow
def test_a_conversation_with_the_demo_can_be_watched(tmp_path: Path) -> None:
    with running(tmp_path, "demo") as demo:
        question = list(told(demo, "退票要手续费吗"))
        assert [name for name, _ in question if name != "progress"] == ["start", "partial_response", "response", "end"]
        assert stages(question) == ["understanding", "answering", "saving"]
        answer = dict(question)["response"]
        assert answer["status"] == "ragflow_handled"
        assert str(answer["response"]).startswith(str(dict(question)["partial_response"]["text"]))

        session = dict(told(demo, SENTENCE))["response"]["session_id"]
        booking = list(told(demo, "确认", session))
        assert booking[0][1]["session_id"] == session
        assert stages(booking) == ["understanding", "saving", "acting", "saving"]
        assert dict(booking)["response"]["status"] == "completed"
        assert dict(booking)["end"] == {}

        unknown = demo.http.post(
            "/api/v1/chat/stream", json={"user_id": "u1", "input": "你好", "session_id": "nobodys"}
        )
        assert (unknown.status_code, unknown.json()["error_code"]) == (404, "SESSION_NOT_FOUND")

        for _ in range(5):
            left = told(demo, SENTENCE)
            assert next(left)[0] == "start"
            left.close()
        assert demo.say("余额")["status"] == "incomplete"
        code, _, err = demo.ended()
    assert (code, "Traceback" in err) == (0, False)


@pytest.mark.slow
def test_a_batch_is_answered_by_the_demo_message_by_message(tmp_path: Path) -> None:
    with running(tmp_path, "demo") as demo:
        session = demo.say(SENTENCE)["session_id"]
        items = [
            {"user_id": "u1", "input": "确认", "session_id": session},
            {"user_id": "u2", "input": "退票要手续费吗"},
            {"user_id": "u2"},
            {"user_id": "u1", "input": "余额", "session_id": session},
        ]
        answered = demo.http.post("/api/v1/chat/batch", json={"items": items})
        assert answered.status_code == 200
        booked, asked, refused, balance = answered.json()["data"]["items"]
        assert booked["data"]["status"] == "completed"
        assert asked["data"]["sources"]
        assert (refused["error_code"], list(refused["details"])) == ("VALIDATION_ERROR", ["input"])
        assert (balance["data"]["turn"], balance["data"]["intent"]) == (3, "check_balance")


class SlowApi:
    """A business that takes its time. `asked` is set by the first call, `done` counts the effects."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.done = 0

    async def serve(self, _: Incoming, wire: Wire) -> bool:
        self.asked.set()
        await asyncio.sleep(1.5)
        self.done += 1
        await wire.answer(200, b'{"order_id": "FL1"}')
        return True


async def leave_while_it_acts(service: Replica, session: str) -> None:
    """Confirm the booking on a stream, and hang up as soon as the function is called."""
    body = {"user_id": "u1", "input": BOOKING[-1], "session_id": session}
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", trust_env=False) as http,
        http.stream("POST", "/api/v1/chat/stream", json=body) as response,
    ):
        async for line in response.aiter_lines():
            if line == 'data: {"stage":"acting"}':
                return
    pytest.fail("no function was called")


@pytest.mark.slow
async def test_a_booking_whose_user_hangs_up_is_recorded_even_if_the_service_is_told_to_stop(tmp_path: Path) -> None:
    business = SlowApi()
    async with loopback(business.serve) as url, replica(tmp_path, FUNCTIONS_BASE_URL=url) as service:
        session = None
        for text in BOOKING[:-1]:
            said = await service.ask(
                "POST", "/chat/interact", json={"user_id": "u1", "input": text, "session_id": session}
            )
            session = said.data["session_id"]
        await leave_while_it_acts(service, session)
        await business.asked.wait()
        await service.stop()
        assert business.done == 1
        await service.start()
        turns = (await service.ask("GET", f"/sessions/{session}/turns?user_id=u1")).data["turns"]
        assert (turns[-1]["input"], turns[-1]["status"]) == (BOOKING[-1], "completed")
        assert "FL1" in turns[-1]["response"]
        assert business.done == 1
