"""Two processes on one MariaDB and one Redis are one service."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from tests.benchmarks.client import Connection
from tests.benchmarks.processes import ROOT
from tests.doubles.business_api import BusinessApi, answer, business_api
from tests.servers.mariadb import MariadbServer
from tests.servers.redis import LoneRedis
from tests.system.replica import BOOKING, Replica, Stored, User, replica

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

ROUNDS = 1000
ADOPTION_SECONDS = 5.0
DEMO = ROOT / "deploy" / "catalogues" / "demo.zh-CN.yaml"
ASKED, ASKED_ANEW = "请问您的到达城市是哪里？", "您想飞到哪里去？"


class Change(NamedTuple):
    """What one client says again and again: a slot to its next value."""

    slot: str
    words: str
    values: tuple[str, ...]


DEPARTURE = Change("departure_city", "出发城市改成{}", ("北京", "广州", "成都", "西安"))
ARRIVAL = Change("arrival_city", "到达城市改成{}", ("上海", "武汉", "长沙", "昆明"))


class Answered(NamedTuple):
    """A change that was answered."""

    slot: str
    value: str
    text: str
    data: Mapping[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def business() -> AsyncIterator[BusinessApi]:
    async with business_api() as api:
        api.plays(answer(fields={"order_id": "FL1"}))
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def settings(mariadb: MariadbServer, redis_server: LoneRedis, business: BusinessApi) -> Mapping[str, str]:
    return {
        "DATABASE_URL": mariadb.url(await mariadb.fresh()),
        "REDIS_URL": redis_server.url,
        "FUNCTIONS_BASE_URL": business.url,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(settings: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Replica]:
    async with replica(tmp_path_factory.mktemp("one"), **settings) as process:
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(settings: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Replica]:
    async with replica(tmp_path_factory.mktemp("two"), **settings) as process:
        yield process


@pytest.fixture
def user(request: pytest.FixtureRequest) -> User:
    return User(request.node.name)


async def changing(user: User, change: Change, places: tuple[Replica, ...], times: int) -> list[Answered]:
    """So many changes one after the other, the processes taking turns."""
    connections = [await Connection.open(place.port) for place in places]
    answered: list[Answered] = []
    try:
        for value, connection, _ in zip(itertools.cycle(change.values), itertools.cycle(connections), range(times)):
            text = change.words.format(value)
            message = {"user_id": user.name, "session_id": user.session, "input": text}
            status, body = await connection.post("/api/v1/chat/interact", json.dumps(message).encode())
            assert status == 200, body.decode()
            answered.append(Answered(change.slot, value, text, json.loads(body)["data"]))
    finally:
        for connection in connections:
            await connection.close()
    return answered


async def opened(user: User, at: Replica) -> int:
    """A booking that waits to be confirmed; how many turns it took."""
    for text in BOOKING[:-1]:
        await user.say(at, text)
    assert user.put_off == []
    return len(user.acknowledged)


async def one_after_the_other(user: User, at: Replica, answered: list[Answered], before: int) -> None:
    """The answers are those that one process gives to the messages in the order of their turns, and so they are kept."""
    in_order = sorted(answered, key=lambda one: one.data["turn"])
    assert [one.data["turn"] for one in in_order] == [*range(before + 1, before + 1 + len(answered))]
    slots = {DEPARTURE.slot: "北京", ARRIVAL.slot: "上海"}
    for one in in_order:
        slots[one.slot] = one.value
        assert {name: one.data["slots"][name]["value"] for name in slots} == slots, one
        assert one.data["status"] == "awaiting_confirmation", one
    told = [Stored(one.data["turn"], one.text, one.data["response"], one.data["status"]) for one in in_order]
    assert (await user.stored(at))[before:] == told


async def test_two_processes_that_serve_one_conversation_at_once_lose_and_double_nothing(
    one: Replica, two: Replica, user: User
) -> None:
    before = await opened(user, one)
    both = await asyncio.gather(
        changing(user, DEPARTURE, (one,), ROUNDS // 2), changing(user, ARRIVAL, (two,), ROUNDS // 2)
    )
    for answered in both:
        turns = [each.data["turn"] for each in answered]
        assert turns == sorted(turns)
    await one_after_the_other(user, two, [*both[0], *both[1]], before)


async def test_clients_whose_messages_go_to_either_process_are_served_in_order(
    one: Replica, two: Replica, user: User
) -> None:
    before = await opened(user, one)
    both = await asyncio.gather(
        changing(user, DEPARTURE, (one, two), ROUNDS // 10), changing(user, ARRIVAL, (two, one), ROUNDS // 10)
    )
    for answered in both:
        turns = [each.data["turn"] for each in answered]
        assert turns == sorted(turns)
    await one_after_the_other(user, two, [*both[0], *both[1]], before)


async def test_without_redis_the_storage_alone_keeps_them_apart(
    one: Replica, two: Replica, redis_server: LoneRedis, user: User
) -> None:
    before = await opened(user, one)
    with redis_server.stopped():
        both = await asyncio.gather(
            changing(user, DEPARTURE, (one, two), ROUNDS // 10), changing(user, ARRIVAL, (two, one), ROUNDS // 10)
        )
    await one_after_the_other(user, two, [*both[0], *both[1]], before)


@pytest.fixture(params=["with Redis", "without Redis"])
def redis_there_or_away(request: pytest.FixtureRequest, redis_server: LoneRedis) -> Iterator[None]:
    with redis_server.stopped() if request.param == "without Redis" else nullcontext():
        yield


@pytest.mark.usefixtures("redis_there_or_away")
async def test_a_message_that_comes_to_both_is_carried_out_once(
    one: Replica, two: Replica, business: BusinessApi, user: User
) -> None:
    await opened(user, one)
    before = len(business.executions)
    message = {"user_id": user.name, "session_id": user.session, "input": BOOKING[-1], "message_id": "confirming"}
    answers = await asyncio.gather(*(at.ask("POST", "/chat/interact", json=message) for at in (one, two) * 4))
    assert [said.status for said in answers] == [200] * 8
    assert {said.data["turn"] for said in answers} == {len(BOOKING)}
    assert "completed" in {said.data["status"] for said in answers}
    assert len(business.executions) == before + 1
    assert (await user.stored(two))[-1].status == "completed"


async def test_a_catalogue_that_one_process_publishes_is_the_others_too_for_new_conversations(
    one: Replica, settings: Mapping[str, str], business: BusinessApi, tmp_path: Path
) -> None:
    old, new, newer = User("old"), User("new"), User("newer")
    before, version = len(business.executions), (await old.say(one, BOOKING[0])).data["catalogue_version"]
    changed = tmp_path / "catalogue.yaml"
    changed.write_text(DEMO.read_text("utf-8").replace(ASKED, ASKED_ANEW), "utf-8")
    async with replica(tmp_path, **settings, CATALOGUE_FILE=str(changed)) as publisher:
        async with asyncio.timeout(ADOPTION_SECONDS):
            while f"version {version + 1}:" not in (await one.health())["catalogue"][1]:
                await asyncio.sleep(0.05)
        assert await asked_in(old, BOOKING[1], publisher) == (ASKED, version)
        for user, begun_at, continued_at in ((new, one, publisher), (newer, publisher, one)):
            await user.say(begun_at, BOOKING[0])
            assert await asked_in(user, BOOKING[1], continued_at) == (ASKED_ANEW, version + 1)
        for user in (old, new, newer):
            for text, at in zip(BOOKING[2:], (one, publisher, one), strict=True):
                last = await user.say(at, text)
            assert last.data["status"] == "completed"
    assert len(business.executions) == before + 3


async def asked_in(user: User, text: str, at: Replica) -> tuple[str, int]:
    """The question that a text is answered with, and the catalogue it comes from."""
    said = await user.say(at, text)
    return said.data["response"].partition("（")[0], said.data["catalogue_version"]
