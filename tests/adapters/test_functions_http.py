"""How functions over HTTP behave, beyond the contract."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
import stamina.instrumentation
import structlog

from adapters.functions_http.circuit import Circuit
from adapters.functions_http.functions import HttpFunctions
from adapters.functions_http.sending import attempt
from adapters.functions_http.variables import VariableMissing, fill
from domain.dialogue.invocation import Invocation, InvocationOutcome, NotDone, Refused, Succeeded, Unknown
from domain.intents.intent import Function
from domain.names import ConversationId, FunctionName, InvocationKey
from domain.slots.entity import SlotContent
from tests.doubles.business_api import DROPS, BusinessApi, answer, business_api, nobody_listens
from tests.doubles.manual_clock import START

SECRET = "s3cret-T0ken"


class Hands:
    """A monotonic clock set by hand."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
async def api() -> AsyncIterator[BusinessApi]:
    async with business_api() as api:
        yield api


def invocation(**arguments: SlotContent) -> Invocation:
    return Invocation(
        key=InvocationKey("k1"),
        conversation=ConversationId("c1"),
        turn=1,
        function=FunctionName("book"),
        arguments=arguments,
        created_at=START,
    )


async def called(functions: HttpFunctions, url: str, **declared: object) -> InvocationOutcome:
    function = Function(**{"url": url, "success": "好", "timeout": "400ms", **declared})
    return await functions.invoke(invocation(city="北京"), function, deadline=5.0)


def test_variables_are_replaced_once_and_by_name() -> None:
    assert fill("${A}/${ B }/$C", {"A": "1", "B": "${A}"}) == "1/${A}/$C"


@pytest.mark.parametrize("values", [{}, {"A": ""}])
def test_a_variable_without_a_value_is_named(values: dict[str, str]) -> None:
    with pytest.raises(VariableMissing) as caught:
        fill("${A}", values)
    assert caught.value.name == "A"


async def test_before_it_is_opened_nothing_is_done() -> None:
    functions = HttpFunctions({})
    assert await called(functions, "http://127.0.0.1:9/x") == NotDone("not opened")
    await functions.__aexit__(None, None, None)


@pytest.mark.parametrize(
    "url",
    [
        "/orders",
        "ftp://host/x",
        "http://",
        "http://[half/x",
        "http://a..b/x",
        f"http://{'a' * 64}.cn/x",
        "http://h:99999/",
    ],
)
async def test_an_address_that_is_none_is_a_problem_and_not_done(url: str) -> None:
    async with HttpFunctions({}) as functions:
        (problem,) = functions.problems({"book": Function(url=url, success="好")})
        assert problem.startswith("function book: the url is")
        assert isinstance(await called(functions, url), NotDone)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "密钥", "a\x00"])
async def test_a_header_that_http_cannot_carry_is_named_without_its_value(api: BusinessApi, value: str) -> None:
    async with HttpFunctions({"TOKEN": value}) as functions:
        headers = {"X-Token": "${TOKEN}"}
        problems = functions.problems({"book": Function(url=api.url, headers=headers, success="好")})
        assert problems == ("function book: the header 'X-Token' holds characters that HTTP does not carry",)
        outcome = await called(functions, api.url, headers=headers)
        assert isinstance(outcome, NotDone)
        assert value not in outcome.reason
    assert api.received == []


async def test_an_argument_that_cannot_be_encoded_is_not_sent(api: BusinessApi) -> None:
    async with HttpFunctions({}) as functions:
        for method in ("POST", "GET"):
            function = Function(method=method, url=api.url, success="好")
            outcome = await functions.invoke(invocation(city="\ud800"), function, deadline=1.0)
            assert isinstance(outcome, NotDone)
    assert api.received == []


async def test_a_missing_header_variable_is_not_done(api: BusinessApi) -> None:
    async with HttpFunctions({}) as functions:
        outcome = await called(functions, api.url, headers={"X-Token": "${TOKEN}"})
    assert outcome == NotDone("the variable TOKEN has no value")


async def test_declared_headers_arrive_and_cannot_replace_the_key(api: BusinessApi) -> None:
    headers = {"authorization": "Bearer ${TOKEN}", "idempotency-key": "mine", "content-type": "application/vnd.x+json"}
    async with HttpFunctions({"TOKEN": SECRET}) as functions:
        assert await called(functions, api.url, headers=headers) == Succeeded({})
        assert functions.problems({"book": Function(url=api.url, headers=headers, success="好")}) == ()
    (request,) = api.received
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["content-type"] == "application/vnd.x+json"
    assert request.key == "k1"


async def test_a_get_without_arguments_keeps_the_address_as_it_is(api: BusinessApi) -> None:
    async with HttpFunctions({}) as functions:
        function = Function(method="GET", url=f"{api.url}/x?a=1", success="好")
        await functions.invoke(invocation(), function, deadline=1.0)
    assert api.received[0].target == "/x?a=1"


async def test_cookies_of_one_call_do_not_travel_with_the_next(api: BusinessApi) -> None:
    api.plays(answer(200, Set_Cookie="session=someone; Path=/"))
    async with HttpFunctions({}) as functions:
        await called(functions, api.url)
        await called(functions, api.url)
    assert "cookie" not in api.received[1].headers
    assert api.connections == 1


async def test_secrets_are_neither_logged_nor_told(api: BusinessApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    variables = {"TOKEN": SECRET, "BASE": api.url, "GONE": await nobody_listens()}
    headers = {"Authorization": "Bearer ${TOKEN}"}
    played = (answer(500), DROPS, answer(429), answer(422, {"message": "no"}))
    outcomes = []
    stamina.instrumentation.set_on_retry_hooks([stamina.instrumentation.StructlogOnRetryHook])
    with structlog.testing.capture_logs() as logged:
        async with HttpFunctions(variables) as functions:
            for behaviour in played:
                api.plays(behaviour)
                outcomes.append(
                    await called(functions, "${BASE}/x?k=${TOKEN}", headers=headers, retries=1, idempotent=True)
                )
            outcomes.append(await called(functions, "${GONE}/x?k=${TOKEN}", headers=headers, retries=1))
    stamina.instrumentation.set_on_retry_hooks(None)
    assert [type(outcome) for outcome in outcomes] == [NotDone, Unknown, NotDone, Refused, NotDone]
    assert logged
    assert SECRET not in f"{outcomes}{logged}{caplog.text}"


async def test_the_pause_between_tries_grows_and_is_spread(api: BusinessApi) -> None:
    spread: list[float] = []

    def jitter() -> float:
        spread.append(0.0)
        return 0.0

    api.plays(answer(429))
    async with HttpFunctions({}, jitter=jitter) as functions:
        assert isinstance(await called(functions, api.url, retries=2), NotDone)
    assert len(spread) >= 2


async def test_a_host_that_keeps_failing_is_left_alone_and_tried_again_later(api: BusinessApi) -> None:
    hands = Hands()
    api.plays(answer(429))
    async with HttpFunctions({}, monotonic=hands, jitter=lambda: 0.0) as functions:
        assert isinstance(await called(functions, api.url, retries=9), NotDone)
        assert len(api.received) == 5
        assert await called(functions, f"{api.url}/other") == NotDone("circuit open")
        hands.time += 10.0
        api.plays(answer())
        assert await called(functions, api.url) == Succeeded({})
        assert await called(functions, api.url) == Succeeded({})
    assert len(api.received) == 7


async def test_another_host_is_not_left_alone(api: BusinessApi) -> None:
    async with HttpFunctions({}, monotonic=Hands(), jitter=lambda: 0.0) as functions:
        gone = await nobody_listens()
        for _ in range(6):
            last = await called(functions, gone)
        assert last == NotDone("circuit open")
        assert await called(functions, api.url) == Succeeded({})


async def test_answers_close_the_circuit_and_doubts_leave_it_alone(api: BusinessApi) -> None:
    busy, four = answer(429), [answer(429)] * 4
    async with HttpFunctions({}, monotonic=Hands(), jitter=lambda: 0.0) as functions:
        api.plays(*four, answer(422), *four, DROPS, busy)
        kinds = [type(await called(functions, api.url)) for _ in range(11)]
        assert await called(functions, api.url) == NotDone("circuit open")
    assert kinds == [NotDone] * 4 + [Refused] + [NotDone] * 4 + [Unknown, NotDone]


def test_one_call_a_period_tries_an_open_circuit() -> None:
    hands = Hands()
    circuit = Circuit(hands, limit=2, seconds=10.0)
    circuit.failed()
    assert circuit.admits()
    circuit.failed()
    assert not circuit.admits()
    hands.time += 10.0
    assert [circuit.admits(), circuit.admits()] == [True, False]
    hands.time += 10.0
    assert circuit.admits()
    circuit.failed()
    assert not circuit.admits()
    hands.time += 10.0
    assert circuit.admits()
    circuit.worked()
    assert [circuit.admits(), circuit.admits()] == [True, True]


def _transport_errors(kind: type[httpx.TransportError]) -> list[type[httpx.TransportError]]:
    found = [kind]
    for child in kind.__subclasses__():
        found += _transport_errors(child)
    return found


class Failing(httpx.AsyncBaseTransport):
    """Fails with one error, after so many bytes have or have not gone out."""

    def __init__(self, error: Exception, *, sent: bool) -> None:
        self._error = error
        self._sent = sent

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.extensions["trace"]("connection.connect_tcp.started", {})
        if self._sent:
            await request.extensions["trace"]("http11.send_request_headers.started", {})
        raise self._error


@pytest.mark.parametrize("kind", [*_transport_errors(httpx.TransportError), httpx.StreamError])
async def test_no_error_of_the_http_library_gets_out(kind: type[Exception]) -> None:
    for sent, outcome in ((False, NotDone), (True, Unknown)):
        made = await attempt(
            Failing(kind(SECRET), sent=sent), httpx.Request("POST", "http://h/"), seconds=1.0, idempotent=False
        )
        assert isinstance(made.outcome, outcome)
        assert made.certain is not sent
        assert SECRET not in repr(made)
