"""The parts of calling a server, each by itself."""

import asyncio
import random

import httpx
import pytest

from adapters.rest.answer import Answer, decoded, explained, seconds
from adapters.rest.circuit import Circuit
from adapters.rest.endpoint import Endpoint, Request
from adapters.rest.events import DataLines
from adapters.rest.exchange import Exchange
from adapters.rest.failure import HTTPX_ERRORS, Failure, broken_off, told
from adapters.rest.places import Places
from domain.errors import SettingsInvalid
from domain.values import Unavailable
from tests.doubles.manual_hands import Hands

SECRET = "s3cret-T0ken"
LATE = Unavailable("timeout", "time-out after sending")
WRONG_KEY = Unavailable("unauthorised", "status 401")


def test_one_call_a_period_tries_an_open_circuit() -> None:
    hands = Hands()
    circuit = Circuit(hands, limit=2, seconds=10.0)
    circuit.failed()
    assert circuit.admits()
    circuit.failed(LATE)
    assert not circuit.admits()
    assert circuit.refusal == Unavailable("open", "left alone after timeout: time-out after sending")
    hands.time += 10.0
    assert [circuit.admits(), circuit.admits()] == [True, False]
    hands.time += 10.0
    assert circuit.admits()
    circuit.failed()
    assert not circuit.admits()
    assert circuit.refusal == Unavailable("open", "left alone after broken")
    hands.time += 10.0
    assert circuit.admits()
    circuit.worked()
    assert [circuit.admits(), circuit.admits()] == [True, True]


def test_a_held_circuit_stays_open_for_as_long_as_it_was_told_and_keeps_its_reason() -> None:
    hands = Hands()
    circuit = Circuit(hands, limit=2, seconds=10.0)
    circuit.hold(WRONG_KEY, seconds=600.0)
    assert circuit.refusal == WRONG_KEY
    for _ in range(3):
        circuit.failed(LATE)
    hands.time += 599.0
    assert not circuit.admits()
    hands.time += 1.0
    assert [circuit.admits(), circuit.admits()] == [True, False]
    hands.time += 599.0
    assert not circuit.admits()
    assert circuit.refusal == WRONG_KEY
    circuit.worked()
    circuit.failed()
    circuit.failed(LATE)
    hands.time += 10.0
    assert circuit.admits()


async def test_so_many_have_places_and_so_many_wait_their_turn() -> None:
    places = Places(1, waiting=1)
    order: list[int] = []

    async def take(number: int) -> bool:
        async with places.one(5.0) as free:
            order.append(number)
            await asyncio.sleep(0.01)
            return free

    taken = await asyncio.gather(*(take(number) for number in range(3)))
    assert taken == [True, True, False]
    assert order == [0, 2, 1]
    assert await take(3)


async def test_who_waits_too_long_for_a_place_gets_none_and_takes_none_away() -> None:
    places = Places(1, waiting=9)
    async with places.one(0.0) as free:
        assert free
        for wait in (-1.0, 0.0, 0.02):
            async with places.one(wait) as late:
                assert not late
        waiting = asyncio.create_task(places.one(9.0).__aenter__())
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
    async with places.one(0.0) as free:
        assert free


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/orders",
        "ftp://host/x",
        "http://",
        "http://[half/x",
        "http://a..b/x",
        f"http://{'a' * 64}.cn/x",
        "http://h:99999/",
        f"http://user:{SECRET}@h/",
        f"http://h/?key={SECRET}",
        "http://h/#x",
        "http://h\n/",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_told(address: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Endpoint("language model", address)
    assert caught.value.message.startswith("language model: ")
    assert SECRET not in caught.value.message


@pytest.mark.parametrize("value", ["", " a", "a\r\nX-Evil: 1", "密钥", "a\x00"])
def test_a_header_that_http_cannot_carry_is_named_without_its_value(value: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Endpoint("embedder", "http://h", {"Authorization": value})
    assert caught.value.message == "embedder: the header Authorization holds characters that HTTP does not carry"


def test_a_path_is_put_behind_the_address_whatever_that_ends_in() -> None:
    for address in ("https://h:8443/api", "https://h:8443/api/", " https://h:8443/api "):
        sent = Endpoint("x", address, {"X-Key": "k"}).request(Request(path="/v1/a", body=b"{}"))
        assert str(sent.url) == "https://h:8443/api/v1/a"
        assert sent.headers["x-key"] == "k"
        assert sent.headers["accept-encoding"] == "identity"
        assert sent.headers["content-type"] == "application/json"
    assert "content-type" not in Endpoint("x", "http://h").request(Request(path="/", method="GET")).headers


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, None), (204, None), (301, "refused"), (307, "refused"), (400, "refused"), (401, "unauthorised"),
        (403, "unauthorised"), (404, "refused"), (408, "broken"), (422, "refused"), (425, "overloaded"),
        (429, "overloaded"), (500, "broken"), (501, "refused"), (502, "broken"), (503, "overloaded"), (504, "timeout"),
        (507, "broken"),
    ],
)  # fmt: skip
def test_a_status_says_why_there_is_no_success(status: int, code: str | None) -> None:
    why = explained(Answer(status, SECRET.encode()))
    assert (why.code if why else None) == code
    assert why is None or str(status) in why.detail
    assert SECRET not in repr(why)


@pytest.mark.parametrize(
    ("header", "wait"), [(None, None), ("", None), ("30", 30.0), ("-1", None), ("Wed, 21 Oct", None), ("３", None)]
)
def test_retry_after_is_seconds_or_nothing(header: str | None, wait: float | None) -> None:
    assert seconds(header) == wait


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"a": "x"}', b'"\xff"', b"[" * 9999])
def test_a_body_that_is_something_else_is_nothing(body: bytes) -> None:
    assert decoded(body, dict[str, int]) is None


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data:a\r\n\r\ndata:b\r\n\r\n", ["a", "b"]),
        (b"data: a\rdata:  b \r", ["a", "b"]),
        (b"data:a\ndata:b", ["a", "b"]),
        (b": ping\n\nevent: x\nid: 1\nretry: 2\ndata\ndata:\ndata: \ndatas: no\ndata: a: b\n", ["a: b"]),
        ("data: 你好\u2028再见\n".encode(), ["你好\u2028再见"]),
        (b"data: \xff!\n", ["\ufffd!"]),
        (b"", []),
        (b"data: a\r", ["a"]),
        (b"\r\n\r\n\r\n", []),
    ],
)
def test_lines_of_events_are_read_however_they_are_framed_and_cut(stream: bytes, data: list[str]) -> None:
    chance = random.Random(7)
    for attempt in range(30):
        lines, heard, start = DataLines(), [], 0
        while start < len(stream):
            size = len(stream) if attempt == 0 else 1 if attempt == 1 else chance.randint(1, 5)
            heard += lines.feed(stream[start : start + size])
            start += size
        assert [*heard, *lines.end()] == data
        assert [*lines.end()] == []


def test_what_was_not_done_may_be_tried_again_and_what_is_in_doubt_only_if_that_does_no_harm() -> None:
    certain, doubt = Failure(LATE, certain=True), Failure(LATE, worthwhile=True)
    assert [certain.may_repeat(repeatable=safe) for safe in (False, True)] == [True, True]
    assert [doubt.may_repeat(repeatable=safe) for safe in (False, True)] == [False, True]
    assert not Failure(LATE).may_repeat(repeatable=True)


@pytest.mark.parametrize(
    ("code", "status", "wait", "again", "server"),
    [
        ("overloaded", 429, None, (True, True), "fails"),
        ("overloaded", 503, 2.0, (True, True), "fails"),
        ("overloaded", 503, None, (False, True), "fails"),
        ("overloaded", 200, None, (False, True), "fails"),
        ("broken", 500, None, (False, True), "fails"),
        ("timeout", 504, None, (False, False), "fails"),
        ("refused", 400, None, (False, False), "works"),
        ("too_long", 400, None, (False, False), "works"),
    ],
)
def test_the_reason_in_an_answer_says_whether_to_ask_again(
    code: str, status: int, wait: float | None, again: tuple[bool, bool], server: str
) -> None:
    failure = told(Unavailable(code), Answer(status, retry_after=wait))
    assert tuple(failure.may_repeat(repeatable=safe) for safe in (False, True)) == again
    assert failure.server == server
    assert failure.pause == wait


def vendor_errors() -> list[type[Exception]]:
    public = [getattr(httpx, name) for name in httpx.__all__]
    return [each for each in public if isinstance(each, type) and issubclass(each, Exception)]


def _made(kind: type[Exception]) -> Exception:
    request = httpx.Request("GET", "http://h")
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError(SECRET, request=request, response=httpx.Response(500, request=request))
    return (
        kind()
        if kind in (httpx.StreamConsumed, httpx.ResponseNotRead, httpx.RequestNotRead, httpx.StreamClosed)
        else kind(SECRET)
    )


class Failing(httpx.AsyncBaseTransport):
    """Fails with one error before or after the request has gone out, or in the middle of the answer."""

    def __init__(self, error: Exception, stage: str) -> None:
        self._error = error
        self._stage = stage

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.extensions["trace"]("connection.connect_tcp.started", {})
        if self._stage == "before sending":
            raise self._error
        await request.extensions["trace"]("http11.send_request_headers.started", {})
        if self._stage == "after sending":
            raise self._error
        return httpx.Response(200, stream=Torn(self._error))


class Torn(httpx.AsyncByteStream):
    """Some bytes, then an error, and another at closing."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __aiter__(self):
        yield b"{"
        raise self._error

    async def aclose(self) -> None:
        raise httpx.CloseError(SECRET)


@pytest.mark.parametrize("stage", ["before sending", "after sending", "in the answer"])
@pytest.mark.parametrize("kind", vendor_errors())
async def test_no_error_of_the_http_library_gets_out(kind: type[Exception], stage: str) -> None:
    exchange = Exchange(
        Failing(_made(kind), stage),
        httpx.Request("POST", "http://h/"),
        within=1.0,
        connect_seconds=1.0,
        fair_seconds=0.3,
        most_bytes=99,
    )
    begun = await exchange.begin()
    failure = begun if stage != "in the answer" else await exchange.whole()
    await exchange.aclose()
    assert isinstance(failure, Failure)
    slow = issubclass(kind, httpx.TimeoutException)
    assert failure.why == Unavailable(
        "timeout" if slow else "refused" if stage == "before sending" else "broken", f"{kind.__name__} {stage}"
    )
    assert failure.certain is (stage == "before sending")
    assert failure.worthwhile is (stage != "in the answer" and not slow)
    assert SECRET not in repr(failure)


def test_every_public_error_of_the_http_library_is_looked_at() -> None:
    assert len(vendor_errors()) >= 25
    assert all(issubclass(kind, HTTPX_ERRORS) for kind in vendor_errors())


@pytest.mark.parametrize("fair", [True, False])
def test_a_time_out_speaks_against_the_server_only_if_it_had_time(fair: bool) -> None:
    late = broken_off(TimeoutError(), sent=True, begun=False, fair=fair)
    gone = broken_off(httpx.ReadError(""), sent=True, begun=False, fair=fair)
    assert late.why == LATE
    assert late.server == ("fails" if fair else "unknown")
    assert gone.server == "fails"
