"""What everybody who carries out business functions promises."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.functions_http.functions import HttpFunctions
from adapters.telemetry.functions import ObservedFunctions
from adapters.telemetry.metrics import Metrics
from domain.dialogue.invocation import Invocation, InvocationOutcome, NotDone, Refused, Succeeded, Unknown
from domain.intents.intent import Function
from domain.names import ConversationId, FunctionName, InvocationKey
from domain.ports.functions import Functions
from domain.slots.entity import SlotContent
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
from tests.doubles.manual_clock import START

Opening = Callable[[dict[str, str]], AbstractAsyncContextManager[Functions]]


@asynccontextmanager
async def _observed(variables: dict[str, str]) -> AsyncIterator[Functions]:
    async with HttpFunctions(variables) as functions:
        yield ObservedFunctions(functions, metrics=Metrics())


ADAPTERS: dict[str, Opening] = {"http": HttpFunctions, "http observed": _observed}
BUSY = answer(429, Retry_After="0")
AWAY = answer(503, Retry_After="0")


@dataclass
class Counter:
    """A business API, and something that calls it."""

    api: BusinessApi
    functions: Functions

    async def call(
        self,
        *played: Behaviour,
        arguments: dict[str, SlotContent] | None = None,
        key: str = "k1",
        deadline: float = 5.0,
        url: str = "${BASE}/orders",
        **declared: object,
    ) -> InvocationOutcome:
        if played:
            self.api.plays(*played)
        invocation = Invocation(
            key=InvocationKey(key),
            conversation=ConversationId("c1"),
            turn=1,
            function=FunctionName("book"),
            arguments={"from": "北京"} if arguments is None else arguments,
            created_at=START,
        )
        function = Function(**{"url": url, "success": "好", "timeout": "400ms", **declared})
        return await self.functions.invoke(invocation, function, deadline=deadline)


@pytest.fixture(params=ADAPTERS)
async def counter(request: pytest.FixtureRequest) -> AsyncIterator[Counter]:
    async with opened(ADAPTERS[request.param]) as counter:
        yield counter


@asynccontextmanager
async def opened(opening: Opening) -> AsyncIterator[Counter]:
    async with business_api() as api, opening({"BASE": api.url, "GONE": await nobody_listens()}) as functions:
        yield Counter(api, functions)


async def test_a_success_carries_the_scalar_fields_of_the_answer(counter: Counter) -> None:
    fields = {"order_id": "FL1", "price": 1280.5, "seats": 2, "paid": True, "list": [1], "none": None}
    assert await counter.call(answer(201, fields)) == Succeeded(
        {"order_id": "FL1", "price": 1280.5, "seats": 2, "paid": True}
    )


async def test_a_success_carries_the_fields_under_data_too(counter: Counter) -> None:
    fields = {"code": 0, "id": "outer", "data": {"id": "inner", "order_id": "TR7", "deep": {"x": 1}}}
    assert await counter.call(answer(200, fields)) == Succeeded({"code": 0, "id": "inner", "order_id": "TR7"})


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1, 2]", b'"done"', b"\xff\xfe", b'{"data": [1]}', b"[" * 9999])
async def test_a_success_without_an_object_has_no_fields(counter: Counter, body: bytes) -> None:
    assert await counter.call(Behaviour(body=body)) == Succeeded({})


async def test_the_key_and_the_arguments_arrive(counter: Counter) -> None:
    await counter.call(arguments={"from": "北京", "passengers": 2}, key="key-7")
    (request,) = counter.api.received
    assert (request.method, request.target, request.key) == ("POST", "/orders", "key-7")
    assert request.headers["content-type"] == "application/json"
    assert request.body == '{"from":"北京","passengers":2}'.encode()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_arguments_of_get_and_delete_are_in_the_query(counter: Counter, method: str) -> None:
    await counter.call(arguments={"city": "上海", "full": True}, method=method, url="${BASE}/weather?unit=c")
    (request,) = counter.api.received
    assert (request.method, request.target) == (method, "/weather?unit=c&city=%E4%B8%8A%E6%B5%B7&full=true")
    assert request.body == b""


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_put_and_patch_carry_a_body(counter: Counter, method: str) -> None:
    await counter.call(arguments={"seats": 2}, method=method)
    assert counter.api.received[0].body == b'{"seats":2}'


async def test_arguments_without_a_value_are_left_out(counter: Counter) -> None:
    await counter.call(arguments={"from": "北京", "return_date": None})  # type: ignore[dict-item] # a careless caller
    assert counter.api.received[0].body == '{"from":"北京"}'.encode()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"message": "余额不足"}, "余额不足"),
        ({"error": "sold out"}, "sold out"),
        ({"error": {"message": "sold out"}}, "sold out"),
        ({"detail": "no seat"}, "no seat"),
        ({"message": "", "detail": "no seat"}, "no seat"),
        ({"message": 7}, ""),
        ({"message": "one\r\n two\x1b[31m\x00 \u202ethree"}, "one two[31m three"),
        ({"message": "长" * 500}, "长" * 200),
        (["no object"], ""),
    ],
)
async def test_a_refusal_tells_the_apis_words(counter: Counter, fields: object, message: str) -> None:
    assert await counter.call(answer(422, fields), retries=3) == Refused(message)
    assert len(counter.api.received) == 1


@pytest.mark.parametrize("refusal", [BUSY, AWAY])
async def test_what_was_turned_away_is_tried_again(counter: Counter, refusal: Behaviour) -> None:
    outcome = await counter.call(refusal, refusal, answer(201, {"order_id": "FL1"}), retries=2)
    assert outcome == Succeeded({"order_id": "FL1"})
    assert [request.key for request in counter.api.received] == ["k1"] * 3


@pytest.mark.parametrize("refusal", [BUSY, AWAY])
async def test_what_is_turned_away_to_the_end_is_not_done(counter: Counter, refusal: Behaviour) -> None:
    assert isinstance(await counter.call(refusal, retries=1), NotDone)
    assert len(counter.api.received) == 2


async def test_no_more_tries_are_made_than_declared(counter: Counter) -> None:
    assert isinstance(await counter.call(BUSY), NotDone)
    assert len(counter.api.received) == 1


async def test_a_pause_longer_than_the_deadline_is_not_waited_for(counter: Counter) -> None:
    began = time.monotonic()
    outcome = await counter.call(answer(503, Retry_After="30"), retries=3, deadline=1.0)
    assert isinstance(outcome, NotDone)
    assert len(counter.api.received) == 1
    assert time.monotonic() - began < 1.0


async def test_a_retry_after_that_is_a_date_is_as_good_as_none(counter: Counter) -> None:
    away = answer(503, Retry_After="Tue, 24 Nov 2026 01:00:00 GMT")
    assert await counter.call(away, answer(), retries=1) == Succeeded({})


async def test_where_nobody_listens_nothing_was_done(counter: Counter) -> None:
    assert isinstance(await counter.call(url="${GONE}/orders", retries=2), NotDone)


async def test_a_name_that_nobody_has_is_not_done(counter: Counter) -> None:
    assert isinstance(await counter.call(url="http://no-such-host.invalid/orders"), NotDone)


@pytest.mark.parametrize("trouble", [HANGS, DROPS, STOPS_HALFWAY, DRIPS, answer(500), answer(502), answer(503)])
async def test_after_sending_nobody_knows_and_nothing_is_repeated(counter: Counter, trouble: Behaviour) -> None:
    assert isinstance(await counter.call(trouble, retries=3), Unknown)
    assert len(counter.api.received) == 1


@pytest.mark.parametrize("trouble", [HANGS, DROPS, STOPS_HALFWAY, answer(500), answer(504)])
async def test_an_idempotent_function_is_repeated_under_the_same_key(counter: Counter, trouble: Behaviour) -> None:
    outcome = await counter.call(trouble, answer(201, {"order_id": "FL1"}), retries=2, idempotent=True)
    assert outcome == Succeeded({"order_id": "FL1"})
    assert [request.key for request in counter.api.received] == ["k1", "k1"]
    assert counter.api.executions == {"k1": 1}


@pytest.mark.parametrize("trouble", [DROPS, answer(502)])
async def test_an_idempotent_function_in_doubt_to_the_end_is_unknown(counter: Counter, trouble: Behaviour) -> None:
    assert isinstance(await counter.call(trouble, retries=2, idempotent=True), Unknown)
    assert len(counter.api.received) == 3


async def test_an_idempotent_function_that_always_fails_is_not_done(counter: Counter) -> None:
    assert isinstance(await counter.call(answer(500), retries=1, idempotent=True), NotDone)
    assert len(counter.api.received) == 2


@pytest.mark.parametrize("then", [answer(500), answer(409, {"message": "已下单"}), BUSY])
async def test_only_a_success_ends_a_doubt(counter: Counter, then: Behaviour) -> None:
    assert isinstance(await counter.call(DROPS, then, retries=1, idempotent=True), Unknown)
    assert len(counter.api.received) == 2


@pytest.mark.parametrize(("status", "kind"), [(302, Unknown), (303, Unknown), (307, NotDone), (308, NotDone)], ids=str)
async def test_redirects_are_not_followed(counter: Counter, status: int, kind: type[InvocationOutcome]) -> None:
    away = answer(status, Location=f"{counter.api.url}/elsewhere")
    assert isinstance(await counter.call(away, retries=2, idempotent=True), kind)
    assert [request.target for request in counter.api.received] == ["/orders"]


async def test_an_endless_answer_is_not_read_to_the_end(counter: Counter) -> None:
    huge = Behaviour(body=b" " * (3 << 20))
    assert isinstance(await counter.call(huge, retries=2, idempotent=True, timeout="5s"), Unknown)
    assert len(counter.api.received) == 1


async def test_the_deadline_cuts_the_functions_own_patience(counter: Counter) -> None:
    began = time.monotonic()
    assert isinstance(await counter.call(HANGS, deadline=0.2, timeout="30s", retries=5, idempotent=True), Unknown)
    assert time.monotonic() - began < 2.0


async def test_with_no_time_left_nothing_is_sent(counter: Counter) -> None:
    assert isinstance(await counter.call(deadline=0.0), NotDone)
    assert counter.api.received == []


async def test_a_missing_variable_is_a_problem_and_never_sent(counter: Counter) -> None:
    missing = Function(url="${NOWHERE}/x", headers={"Authorization": "Bearer ${TOKEN}"}, success="好")
    problems = counter.functions.problems({"book": missing, "fine": Function(url="${BASE}/x", success="好")})
    assert len(problems) == 2
    assert "book" in problems[0]
    assert "NOWHERE" in problems[0]
    assert "TOKEN" in problems[1]
    outcome = await counter.call(url="${NOWHERE}/x")
    assert isinstance(outcome, NotDone)
    assert "NOWHERE" in outcome.reason


async def test_a_cancelled_call_ends_and_the_next_one_works(counter: Counter) -> None:
    call = asyncio.create_task(counter.call(HANGS, timeout="30s", deadline=30.0))
    while not counter.api.received:
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await counter.call(answer(), key="k2") == Succeeded({})


async def test_calls_at_once_do_not_wait_for_each_other(counter: Counter) -> None:
    counter.api.plays(HANGS, answer())
    slow = asyncio.create_task(counter.call(key="slow", timeout="1s"))
    while not counter.api.received:
        await asyncio.sleep(0.01)
    outcomes = await asyncio.gather(*(counter.call(key=f"k{n}") for n in range(20)))
    assert not slow.done()
    assert outcomes == [Succeeded({})] * 20
    assert isinstance(await slow, Unknown)
