"""POST /chat/stream: a turn told while it is worked on."""

import asyncio
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.http.settings import HttpSettings
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.requests import ObservedRequests
from application.handle_turn import TurnRequest
from domain import errors
from domain.errors import HuiyiError
from tests.doubles.scripted_turns import SESSION
from tests.http.conftest import Scripted
from tests.http.envelopes import BATCH, CHAT, STREAM, data_of, message, refused
from tests.http.streaming import reading

Client = AsyncTestClient[Litestar]
QUICK = HttpSettings(heartbeat_seconds=0.02)


class Gate:
    """Somewhere for a turn to wait."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def __call__(self, _: TurnRequest) -> None:
        await self.open.wait()


@pytest.fixture
def app(scripted: Scripted) -> Litestar:
    return scripted.app(HttpSettings())


async def test_everything_that_happens_is_told_in_order_and_the_reply_is_the_whole_one(
    scripted: Scripted, app: Litestar, client: Client
) -> None:
    whole = data_of(await client.post(CHAT, json=message()))
    scripted.turns.stages = ("understanding", "answering")
    scripted.turns.pieces = ("起飞前", "24 小时\n退票")
    async with reading(app, session_id=SESSION) as read:
        await read.until("event: end")
    assert read.events == [
        ("start", {"request_id": "req-1", "session_id": SESSION}),
        ("progress", {"stage": "understanding"}),
        ("progress", {"stage": "answering"}),
        ("partial_response", {"text": "起飞前"}),
        ("partial_response", {"text": "24 小时\n退票"}),
        ("response", whole),
        ("end", {}),
    ]
    assert read.complete


async def test_an_ordinary_client_reads_it_too(scripted: Scripted, client: Client) -> None:
    scripted.turns.stages = ("understanding", "saving")
    response = await client.post(STREAM, json=message())
    assert response.status_code == 200
    assert response.text.count("event: ") == 5


async def test_the_headers_keep_proxies_from_holding_events_back(app: Litestar) -> None:
    async with reading(app) as read:
        pass
    assert (read.status, read.headers) == (
        200,
        {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-cache",
            "x-accel-buffering": "no",
            "x-request-id": "req-1",
        },
    )


async def test_the_session_is_not_named_before_it_is_known(app: Litestar) -> None:
    async with reading(app) as read:
        pass
    assert read.events[0] == ("start", {"request_id": "req-1", "session_id": None})


async def test_the_whole_message_reaches_the_use_case(scripted: Scripted, app: Litestar) -> None:
    async with reading(app, input=" ＡＢ ", session_id=SESSION, message_id="m", context={"time_zone": "Asia/Tokyo"}):
        pass
    (request,) = scripted.turns.requests
    assert (request.user_id, request.text, request.session_id) == ("u-1001", "AB", SESSION)
    assert (request.message_id, request.time_zone) == ("m", "Asia/Tokyo")


async def test_what_happens_is_told_when_it_happens(scripted: Scripted, app: Litestar) -> None:
    scripted.turns.stages, gate = ("understanding",), Gate()
    scripted.turns.meanwhile = gate
    async with reading(app) as read:
        await read.until("understanding")
        assert read.names == ["start", "progress"]
        gate.open.set()
    assert read.names == ["start", "progress", "response", "end"]


class TestSilence:
    async def test_a_long_silence_is_filled_with_comments(self, scripted: Scripted) -> None:
        scripted.turns.stages, gate = ("understanding",), Gate()
        scripted.turns.meanwhile = gate
        async with reading(scripted.app(QUICK)) as read:
            await read.until(": keep-alive\n\n: keep-alive\n\n")
            gate.open.set()
        assert set(read.names[2:-2]) == {":"}
        assert read.names[-2:] == ["response", "end"]

    async def test_so_is_a_silence_before_anything_has_happened(self, scripted: Scripted) -> None:
        gate = scripted.turns.meanwhile = Gate()
        async with reading(scripted.app(QUICK)) as read:
            await read.until(": keep-alive")
            gate.open.set()
        assert read.names[0] == "start"

    async def test_where_there_is_none_there_are_no_comments(self, app: Litestar) -> None:
        async with reading(app) as read:
            pass
        assert read.names == ["start", "response", "end"]


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (errors.SessionNotFound("no"), 404, "SESSION_NOT_FOUND"),
            (errors.MessageConflict("no"), 409, "CONFLICT"),
            (errors.InvalidRequest("no", {"time_zone": "Mars"}), 422, "VALIDATION_ERROR"),
            (errors.ConversationBusy("no"), 503, "SERVICE_UNAVAILABLE"),
        ],
        ids=lambda case: type(case).__name__,
    )
    async def test_what_fails_before_anything_has_happened_is_an_ordinary_failure(
        self, scripted: Scripted, client: Client, error: HuiyiError, status: int, code: str
    ) -> None:
        scripted.turns.outcome = error
        told = refused(await client.post(STREAM, json=message()), status, code)
        assert told["details"] == error.details
        assert scripted.logged == []

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (message(input=""), 422, "VALIDATION_ERROR"),
            (message(mood="good"), 422, "VALIDATION_ERROR"),
            (message(session_id="../etc"), 404, "SESSION_NOT_FOUND"),
            ({"items": [message()]}, 422, "VALIDATION_ERROR"),
        ],
    )
    async def test_a_message_that_is_refused_is_an_ordinary_failure(
        self, scripted: Scripted, client: Client, body: dict[str, Any], status: int, code: str
    ) -> None:
        refused(await client.post(STREAM, json=body), status, code)
        assert scripted.turns.requests == []

    @pytest.mark.parametrize(("language", "sentence"), [("zh", "处理超时"), ("en", "It took too long")])
    async def test_what_fails_in_the_midst_is_told_as_an_event(
        self, scripted: Scripted, app: Litestar, language: str, sentence: str
    ) -> None:
        scripted.turns.stages, gate = ("understanding",), Gate()
        scripted.turns.meanwhile = gate
        scripted.turns.outcome = errors.DeadlineExceeded("no", {"part": "storage"})
        async with reading(app, language=language) as read:
            await read.until("understanding")
            gate.open.set()
        assert read.names == ["start", "progress", "error", "end"]
        assert read.events[2][1] == {"error_code": "TIMEOUT", "message": sentence, "details": {"part": "storage"}}
        assert read.complete
        assert scripted.logged == []

    async def test_the_unexpected_is_logged_and_hidden(self, scripted: Scripted, app: Litestar) -> None:
        scripted.turns.stages, gate = ("understanding",), Gate()
        scripted.turns.meanwhile = gate
        scripted.turns.outcome = RuntimeError("password=hunter2")
        async with reading(app) as read:
            await read.until("understanding")
            gate.open.set()
        assert read.events[2][1]["error_code"] == "INTERNAL_ERROR"
        assert b"hunter2" not in read.body
        (logged,) = scripted.logged
        assert (logged.request_id, logged.path) == ("req-1", STREAM)

    async def test_the_unexpected_before_anything_has_happened_is_hidden_too(
        self, scripted: Scripted, client: Client
    ) -> None:
        scripted.turns.outcome = RuntimeError("password=hunter2")
        refused(await client.post(STREAM, json=message()), 500, "INTERNAL_ERROR")
        assert len(scripted.logged) == 1


class TestHangingUp:
    async def test_a_client_that_hangs_up_stops_the_turn(self, scripted: Scripted, app: Litestar) -> None:
        scripted.turns.stages = ("understanding",)
        scripted.turns.meanwhile = Gate()
        async with reading(app) as read:
            await read.until("understanding")
            read.hang_up()
        assert scripted.turns.stopped == scripted.turns.requests
        assert read.names == ["start", "progress"]
        assert not read.complete
        assert scripted.logged == []

    async def test_also_before_anything_has_happened(self, scripted: Scripted, app: Litestar) -> None:
        scripted.turns.meanwhile = Gate()
        async with reading(app) as read:
            await asyncio.sleep(0.01)
            read.hang_up()
        assert scripted.turns.stopped == scripted.turns.requests
        assert (read.status, read.json()["error_code"]) == (400, "INVALID_REQUEST")
        assert scripted.logged == []

    async def test_a_turn_that_fails_at_that_very_moment_troubles_nobody(
        self, scripted: Scripted, app: Litestar
    ) -> None:
        async def stumbles(_: TurnRequest) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                raise errors.RepositoryUnavailable("no")

        scripted.turns.stages = ("understanding",)
        scripted.turns.meanwhile = stumbles
        async with reading(app) as read:
            await read.until("understanding")
            read.hang_up()
        assert scripted.logged == []

    async def test_a_server_that_gives_up_the_request_stops_the_turn(self, scripted: Scripted, app: Litestar) -> None:
        scripted.turns.stages = ("understanding",)
        scripted.turns.meanwhile = Gate()

        async def served() -> None:
            async with reading(app) as read:
                await read.until("understanding")

        serving = asyncio.create_task(served())
        await asyncio.sleep(0.05)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert scripted.turns.stopped == scripted.turns.requests


async def test_a_stream_counts_as_one_request_of_its_route(scripted: Scripted) -> None:
    metrics = Metrics()
    app = scripted.app(HttpSettings(), middleware=[ObservedRequests(metrics).middleware])
    async with reading(app) as read:
        pass
    assert read.complete
    labels = {"method": "POST", "route": STREAM, "status": "200"}
    assert metrics.registry.get_sample_value("http_requests_total", labels) == 1


async def test_the_routes_take_nothing_but_posts(client: Client) -> None:
    for path in (STREAM, BATCH):
        refused(await client.get(path), 405, "METHOD_NOT_ALLOWED")
