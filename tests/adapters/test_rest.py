"""Calling a server: deadlines, tries, the circuit, places, and what is never told."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest
import stamina.instrumentation
import structlog

from adapters.rest.answer import Answer
from adapters.rest.caller import Limits, RestCaller
from adapters.rest.endpoint import Endpoint, Request
from domain.values import Unavailable
from tests.doubles.business_api import (
    DRIPS,
    DROPS,
    HANGS,
    STOPS_HALFWAY,
    Behaviour,
    BusinessApi,
    answer,
    business_api,
    nobody_listens,
)
from tests.doubles.loopback import Incoming, Wire, loopback
from tests.doubles.manual_hands import Hands

SECRET = "s3cret-T0ken"
SOON = 5.0
SAFE = Request(path="/ask", body=b"{}", repeatable=True)
ONCE = Request(path="/order", body=b"{}")
GOOD = answer(200, {"ok": True})


@pytest.fixture
async def api() -> AsyncIterator[BusinessApi]:
    async with business_api() as api:
        yield api


@asynccontextmanager
async def calling(url: str, **settings: object) -> AsyncIterator[RestCaller]:
    async with RestCaller(Endpoint("x", url), **{"jitter": lambda: 0.0, **settings}) as caller:
        yield caller


def body_of(answer: Answer) -> bytes | Unavailable:
    return answer.body


async def asked(caller: RestCaller, request: Request = SAFE, deadline: float = SOON) -> bytes | Unavailable:
    return await caller.call(request, body_of, deadline=deadline)


async def code(caller: RestCaller, request: Request = SAFE, deadline: float = SOON) -> str:
    result = await asked(caller, request, deadline)
    return result.code if isinstance(result, Unavailable) else "ok"


async def test_outside_its_block_nothing_is_asked(api: BusinessApi) -> None:
    caller = RestCaller(Endpoint("x", api.url))
    assert await asked(caller) == Unavailable("not_running")
    assert [part async for part in caller.stream(SAFE, Words, deadline=SOON)] == [Unavailable("not_running")]
    await caller.__aexit__(None, None, None)
    async with caller:
        assert await code(caller) == "ok"
    assert await asked(caller) == Unavailable("not_running")
    assert len(api.received) == 1


async def test_what_is_read_out_of_an_answer_is_the_result(api: BusinessApi) -> None:
    api.plays(GOOD)
    async with calling(api.url, tls=ssl.create_default_context()) as caller:
        assert await asked(caller) == b'{"ok": true}'
        assert await caller.call(SAFE, lambda answer: len(answer.body), deadline=SOON) == 12
        listing = Request(path="/list", method="GET", accept="text/plain")
        assert await code(caller, listing) == "ok"
    assert [one.method for one in api.received] == ["POST", "POST", "GET"]
    assert api.received[0].headers["content-length"] == "2"
    assert api.received[2].headers["accept"] == "text/plain"
    assert api.connections == 1


@pytest.mark.parametrize(
    ("first", "safe", "once"),
    [
        (answer(429), "ok", "ok"),
        (answer(503, Retry_After="0"), "ok", "ok"),
        (answer(503), "ok", "overloaded"),
        (answer(500), "ok", "broken"),
        (answer(502), "ok", "broken"),
        (DROPS, "ok", "broken"),
        (answer(504), "timeout", "timeout"),
        (answer(400), "refused", "refused"),
        (answer(401), "unauthorised", "unauthorised"),
        (answer(302, Location="/elsewhere"), "refused", "refused"),
        (STOPS_HALFWAY, "broken", "broken"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Behaviour) else value,
)
async def test_only_what_was_not_done_or_does_no_harm_is_tried_again(
    api: BusinessApi, first: Behaviour, safe: str, once: str
) -> None:
    for request, expected in ((SAFE, safe), (ONCE, once)):
        async with calling(api.url) as caller:
            api.received.clear()
            api.plays(first, GOOD)
            assert await code(caller, request) == expected
            assert len(api.received) == (2 if expected == "ok" else 1)


async def test_as_many_tries_as_are_allowed_are_made_and_no_more(api: BusinessApi) -> None:
    api.plays(answer(429))
    spread: list[float] = []

    def jitter() -> float:
        spread.append(0.0)
        return 0.0

    for attempts in (1, 2, 3):
        api.received.clear()
        async with calling(api.url, jitter=jitter, limits=Limits(attempts=attempts, failures=9)) as caller:
            assert await asked(caller) == Unavailable("overloaded", "status 429")
        assert len(api.received) == attempts
    assert len(spread) >= 3


async def test_where_nobody_listens_the_call_is_refused_at_once() -> None:
    async with calling(await nobody_listens()) as caller:
        assert await asked(caller) == Unavailable("refused", "ConnectError before sending")


@pytest.mark.parametrize("behaviour", [HANGS, DRIPS], ids=["hangs", "drips"])
async def test_the_deadline_covers_the_whole_answer_and_what_hangs_is_not_tried_again(
    api: BusinessApi, behaviour: Behaviour
) -> None:
    api.plays(behaviour)
    async with calling(api.url) as caller:
        began = time.monotonic()
        assert await code(caller, deadline=0.3) == "timeout"
        assert 0.25 < time.monotonic() - began < 1.5
    assert len(api.received) == 1


@pytest.mark.parametrize("deadline", [0.0, -1.0])
async def test_without_time_nothing_is_asked(api: BusinessApi, deadline: float) -> None:
    async with calling(api.url) as caller:
        assert await asked(caller, deadline=deadline) == Unavailable("timeout", "no time left")
    assert api.received == []


async def test_a_pause_that_would_outlast_the_deadline_is_not_begun(api: BusinessApi) -> None:
    api.plays(answer(503, Retry_After="1"), GOOD)
    async with calling(api.url) as caller:
        began = time.monotonic()
        assert await code(caller, deadline=0.9) == "overloaded"
        assert time.monotonic() - began < 0.8
    assert len(api.received) == 1


async def test_a_server_that_asks_for_a_rest_gets_it(api: BusinessApi) -> None:
    hands = Hands()
    api.plays(answer(503, Retry_After="30"), GOOD)
    async with calling(api.url, monotonic=hands) as caller:
        assert await code(caller) == "overloaded"
        assert await asked(caller) == Unavailable("open", "left alone after overloaded: status 503")
        hands.time += 29.0
        assert await code(caller) == "open"
        hands.time += 1.0
        assert await code(caller) == "ok"
        assert await code(caller) == "ok"
    assert len(api.received) == 3


async def test_a_very_long_rest_is_shortened(api: BusinessApi) -> None:
    hands = Hands()
    api.plays(answer(429, Retry_After="86400"), GOOD)
    async with calling(api.url, monotonic=hands) as caller:
        assert await code(caller) == "overloaded"
        hands.time += 60.0
        assert await code(caller) == "ok"


async def test_a_wrong_key_is_shown_once_and_stays_the_news(api: BusinessApi) -> None:
    hands = Hands()
    api.plays(answer(401))
    async with calling(api.url, monotonic=hands) as caller:
        for seconds in (0.0, 1.0, 598.0):
            hands.time += seconds
            assert await code(caller) == "unauthorised"
        assert len(api.received) == 1
        hands.time += 2.0
        api.plays(GOOD)
        assert await code(caller) == "ok"


async def test_a_server_that_keeps_failing_is_left_alone_and_tried_again_later(api: BusinessApi) -> None:
    hands = Hands()
    api.plays(answer(500))
    async with calling(api.url, monotonic=hands) as caller:
        assert [await code(caller) for _ in range(5)] == ["broken", "broken", "open", "open", "open"]
        assert len(api.received) == 5
        hands.time += 10.0
        api.plays(GOOD)
        assert await code(caller) == "ok"
        assert await code(caller) == "ok"


async def test_answers_that_turn_a_request_down_are_signs_of_life(api: BusinessApi) -> None:
    failing = [answer(500)] * 4
    api.plays(*failing, answer(404), *failing, answer(400), GOOD)
    async with calling(api.url, monotonic=Hands()) as caller:
        codes = [await code(caller, ONCE) for _ in range(11)]
    assert codes == ["broken"] * 4 + ["refused"] + ["broken"] * 4 + ["refused", "ok"]


async def test_a_caller_in_a_hurry_does_not_shut_the_server_out_for_others(api: BusinessApi) -> None:
    api.plays(HANGS)
    async with calling(api.url, monotonic=Hands(), limits=Limits(failures=2)) as caller:
        assert [await code(caller, deadline=0.01) for _ in range(4)] == ["timeout"] * 4
        api.plays(GOOD)
        assert await code(caller) == "ok"


async def test_no_more_calls_go_out_at_once_than_there_are_places(api: BusinessApi) -> None:
    at_once = most = 0

    async def handle(_request: Incoming, wire: Wire) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        await wire.answer(200, b"1")
        return True

    async with loopback(handle) as url, calling(url, limits=Limits(at_once=2, waiting=4)) as caller:
        results = await asyncio.gather(*(asked(caller) for _ in range(8)))
    assert most == 2
    assert [result for result in results if isinstance(result, bytes)] == [b"1"] * 6
    assert results.count(Unavailable("overloaded", "too many calls at once")) == 2


@pytest.mark.parametrize("length", [64, 65])
async def test_an_answer_above_the_limit_is_not_read_to_its_end(api: BusinessApi, length: int) -> None:
    api.plays(Behaviour(body=b"x" * length))
    async with calling(api.url, limits=Limits(answer_bytes=64)) as caller:
        result = await asked(caller)
    expected = b"x" * 64 if length == 64 else Unavailable("broken", "the answer is too large")
    assert result == expected
    assert len(api.received) == 1


async def test_an_answer_without_end_costs_bounded_time_and_memory() -> None:
    async def handle(_request: Incoming, wire: Wire) -> bool:
        await wire.head(200, Content_Type="application/json", Transfer_Encoding="chunked")
        while True:
            await wire.chunk(b" " * 65536)

    async with loopback(handle) as url, calling(url) as caller:
        assert await asked(caller) == Unavailable("broken", "the answer is too large")


async def test_a_reason_of_the_readers_own_is_told_and_tried_again_if_it_may_pass(api: BusinessApi) -> None:
    for reason, tries in (("broken", 2), ("overloaded", 2), ("too_long", 1)):
        api.received.clear()
        async with calling(api.url) as caller:
            why = Unavailable(reason, "said so")
            assert await caller.call(SAFE, lambda _, why=why: why, deadline=SOON) == why
        assert len(api.received) == tries


async def test_cookies_of_one_call_do_not_travel_with_the_next(api: BusinessApi) -> None:
    api.plays(answer(200, Set_Cookie="session=someone; Path=/"))
    async with calling(api.url) as caller:
        await asked(caller)
        await asked(caller)
    assert "cookie" not in api.received[1].headers


async def test_no_proxy_of_the_environment_is_used(api: BusinessApi, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with calling(api.url) as caller:
        assert await code(caller) == "ok"


async def test_a_call_that_is_cancelled_leaves_nothing_behind(api: BusinessApi) -> None:
    async with calling(api.url, limits=Limits(at_once=1)) as caller:
        api.plays(HANGS)
        for _ in range(3):
            asking = asyncio.create_task(asked(caller, deadline=60.0))
            await asyncio.sleep(0.02)
            asking.cancel()
            await asyncio.wait([asking])
            assert asking.cancelled()
        api.plays(GOOD)
        assert await code(caller) == "ok"


async def test_secrets_are_neither_logged_nor_told(api: BusinessApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    headers, told = {"Authorization": f"Bearer {SECRET}"}, []
    stamina.instrumentation.set_on_retry_hooks([stamina.instrumentation.StructlogOnRetryHook])
    try:
        with structlog.testing.capture_logs() as logged:
            for behaviour in (answer(500, {"detail": SECRET}), DROPS, answer(429), answer(401), STOPS_HALFWAY):
                api.plays(behaviour)
                async with RestCaller(Endpoint("x", f"{api.url}/{SECRET}", headers), jitter=lambda: 0.0) as caller:
                    told += [await asked(caller), caller]
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert logged
    assert api.received[0].headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in f"{told}{logged}{caplog.text}"


class Words:
    """Hears words; `stop` is the last one, `bad` a failure, `busy` an overload."""

    heard: int = 0

    def __init__(self) -> None:
        self.satisfied = False

    def hear(self, data: str) -> tuple[str, ...] | Unavailable:
        Words.heard += 1
        self.satisfied = data == "stop"
        if data in ("bad", "busy"):
            return Unavailable("broken" if data == "bad" else "overloaded", "said so")
        return () if data in ("stop", "silence") else (data,)

    def end(self) -> tuple[str, ...] | Unavailable:
        return ("END",) if self.satisfied else Unavailable("broken", "cut")


def events(*words: str, status: int = 200) -> Behaviour:
    return Behaviour(status, "".join(f"data:{word}\n\n" for word in words).encode())


async def heard(caller: RestCaller, request: Request = SAFE, deadline: float = SOON) -> list[str | Unavailable]:
    return [part async for part in caller.stream(request, Words, deadline=deadline)]


BAD, CUT = Unavailable("broken", "said so"), Unavailable("broken", "cut")


@pytest.mark.parametrize(
    ("behaviour", "parts"),
    [
        (events("a", "silence", "b", "stop", "after"), ["a", "b", "END"]),
        (events("stop"), ["END"]),
        (events("a", "b"), ["a", "b", CUT]),
        (events("a", "bad", "b"), ["a", BAD]),
        (Behaviour(body=b"data: a\r\ndata: stop"), ["a", "END"]),
        (Behaviour(body=b"<html>"), [CUT]),
        (answer(404), [Unavailable("refused", "status 404")]),
        (answer(401), [Unavailable("unauthorised", "status 401: the key is missing, wrong, or not enough")]),
    ],
)
async def test_a_stream_gives_its_parts_and_ends_with_the_reason_if_it_breaks(
    api: BusinessApi, behaviour: Behaviour, parts: list[str | Unavailable]
) -> None:
    api.plays(behaviour)
    async with calling(api.url) as caller:
        assert await heard(caller) == parts


@pytest.mark.parametrize("first", [events("bad"), events("busy"), events(), answer(500), answer(429), DROPS])
async def test_a_stream_is_tried_again_until_its_first_part(api: BusinessApi, first: Behaviour) -> None:
    async with calling(api.url) as caller:
        api.plays(first, events("a", "stop"))
        assert await heard(caller) == ["a", "END"]
        api.received.clear()
        api.plays(events("a", "bad"), events("a", "stop"))
        assert await heard(caller) == ["a", BAD]
        assert len(api.received) == 1


async def test_a_stream_that_may_not_be_repeated_is_not(api: BusinessApi) -> None:
    api.plays(events("bad"), events("a", "stop"))
    async with calling(api.url) as caller:
        assert await heard(caller, ONCE) == [BAD]


@pytest.mark.parametrize("broken", [events("bad"), events("a", "bad")])
async def test_streams_that_break_off_open_the_circuit(api: BusinessApi, broken: Behaviour) -> None:
    api.plays(broken)
    async with calling(api.url, monotonic=Hands()) as caller:
        for _ in range(5):
            await heard(caller)
        assert await heard(caller) == [Unavailable("open", "left alone after broken: said so")]
        assert await code(caller) == "open"


async def test_streams_heard_to_their_end_close_the_circuit_even_if_the_reader_stops_there(api: BusinessApi) -> None:
    failing, good = [events("a", "bad")] * 4, events("a", "stop")
    api.plays(*failing, good, *failing, good)
    async with calling(api.url, monotonic=Hands()) as caller:
        for _ in range(2):
            for _ in failing:
                assert (await heard(caller))[-1] == BAD
            async with aclosing(caller.stream(SAFE, Words, deadline=SOON)) as parts:
                async for part in parts:
                    if part == "END":
                        break
            assert part == "END"


@dataclass
class Dripping:
    """A stream with a word every so often."""

    pause: float
    count: int = 1000
    url: str = ""
    arrivals: int = 0
    departures: int = 0

    async def handle(self, _request: Incoming, wire: Wire) -> bool:
        self.arrivals += 1
        await wire.head(200, Content_Type="text/event-stream", Transfer_Encoding="chunked")
        for number in range(self.count):
            await wire.chunk(f"data: {number}\n\n".encode())
            if await wire.left_within(self.pause):
                self.departures += 1
                return False
        await wire.chunk(b"data: stop\n\n")
        return True


@asynccontextmanager
async def dripping(pause: float, count: int = 1000) -> AsyncIterator[Dripping]:
    server = Dripping(pause, count)
    async with loopback(server.handle) as server.url:
        yield server


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.005)


async def test_parts_come_as_they_are_made_and_the_deadline_covers_them_all() -> None:
    async with dripping(0.05) as server, calling(server.url) as caller:
        began, times, parts = time.monotonic(), [], []
        async for part in caller.stream(SAFE, Words, deadline=0.6):
            parts.append(part)
            times.append(time.monotonic() - began)
    assert parts[:2] == ["0", "1"]
    assert parts[-1] == Unavailable("timeout", "time-out in the answer")
    assert times[0] < 0.3
    assert times[-1] < 1.5
    assert len(times) > 3


async def test_a_reader_who_leaves_frees_the_place_and_the_server() -> None:
    async with dripping(0.01) as server, calling(server.url, limits=Limits(at_once=1, waiting=0)) as caller:
        for count in range(1, 4):
            async with AsyncExitStack() as stack:
                parts = caller.stream(SAFE, Words, deadline=60.0)
                stack.push_async_callback(parts.aclose)
                assert await anext(parts) == "0"
                assert await code(caller) == "overloaded"
            await until(lambda count=count: server.departures == count)


async def test_a_reader_who_is_cancelled_frees_the_place_and_the_server() -> None:
    async with dripping(0.01) as server, calling(server.url, limits=Limits(at_once=1, waiting=0)) as caller:
        for seconds in (0.0, 0.001, 0.01, None):
            reading = asyncio.create_task(heard(caller, deadline=60.0))
            if seconds is None:
                arrived = server.arrivals
                await until(lambda arrived=arrived: server.arrivals > arrived)
            await asyncio.sleep(seconds or 0.0)
            reading.cancel()
            await asyncio.wait([reading])
            assert reading.cancelled()
        await until(lambda: server.departures > 0)
        parts = caller.stream(SAFE, Words, deadline=SOON)
        assert await anext(parts) == "0"
        await parts.aclose()


async def test_a_slow_reader_loses_nothing() -> None:
    async with dripping(0.0, 40) as server, calling(server.url) as caller:
        parts = []
        async for part in caller.stream(SAFE, Words, deadline=SOON):
            parts.append(part)
            if len(parts) % 8 == 0:
                await asyncio.sleep(0.02)
    assert parts == [*map(str, range(40)), "END"]


async def test_a_stream_without_end_is_cut_at_the_limit() -> None:
    async def handle(_request: Incoming, wire: Wire) -> bool:
        await wire.head(200, Content_Type="text/event-stream", Transfer_Encoding="chunked")
        while True:
            await wire.chunk(b"data: " + b"x" * 65536)

    async with loopback(handle) as url, calling(url) as caller:
        assert await heard(caller) == [Unavailable("broken", "the answer is too large")]


async def test_a_stream_waits_for_no_place_longer_than_its_deadline(api: BusinessApi) -> None:
    api.plays(HANGS)
    async with calling(api.url, limits=Limits(at_once=1)) as caller:
        first = asyncio.create_task(asked(caller, deadline=60.0))
        await asyncio.sleep(0.02)
        assert await heard(caller, deadline=0.05) == [Unavailable("overloaded", "too many calls at once")]
        first.cancel()
        await asyncio.wait([first])


async def test_closing_while_a_call_is_out_ends_it_with_a_reason(api: BusinessApi) -> None:
    api.plays(answer(429))
    caller = RestCaller(Endpoint("x", api.url), jitter=lambda: 1.0)
    async with caller:
        asking = asyncio.create_task(asked(caller))
        await until(lambda: bool(api.received))
        await asyncio.sleep(0.02)
    assert await asking == Unavailable("not_running")
