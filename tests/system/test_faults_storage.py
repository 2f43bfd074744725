"""The storage goes away in the middle of conversations: nobody waits for ever, and what was acknowledged is kept."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from application.budget import TURN_SECONDS
from tests.doubles.business_api import Behaviour, BusinessApi, answer, business_api
from tests.servers.mariadb import MariadbServer
from tests.servers.redis import LoneRedis
from tests.system.replica import BOOKING, Replica, User, at_work, replica

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

LONGEST = TURN_SECONDS + 1.0
RECOVERY_SECONDS = 5.0
TAKING_TWO_SECONDS = Behaviour(body=b'{"order_id": "FL1"}'.ljust(100), breaks="drips")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def business() -> AsyncIterator[BusinessApi]:
    async with business_api() as api:
        api.plays(answer(fields={"order_id": "FL1"}))
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    mariadb: MariadbServer,
    redis_server: LoneRedis,
    business: BusinessApi,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Replica]:
    settings = {
        "DATABASE_URL": mariadb.url(await mariadb.fresh()),
        "REDIS_URL": redis_server.url,
        "FUNCTIONS_BASE_URL": business.url,
    }
    async with replica(tmp_path_factory.mktemp("storage"), **settings) as service:
        yield service


@pytest.fixture
def users(request: pytest.FixtureRequest) -> list[User]:
    return [User(f"{request.node.name}-{number}") for number in range(4)]


async def kept(users: Sequence[User], service: Replica) -> None:
    """Everything that was acknowledged is there as it was, and nothing else; messages put off were told when to come."""
    for user in users:
        assert await user.stored(service) == user.acknowledged, user.name
        assert [turn.turn for turn in user.acknowledged] == [*range(1, len(user.acknowledged) + 1)]
        assert len(user.acknowledged) >= len(BOOKING)
        assert all(said.is_put_off for said in user.put_off), user.put_off
        assert all(said.seconds < LONGEST for said in user.put_off)


async def test_a_database_that_is_killed_and_started_again_costs_a_retry_and_nothing_else(
    mariadb: MariadbServer, business: BusinessApi, service: Replica, users: list[User]
) -> None:
    before = len(business.executions)
    async with at_work(users, service):
        await asyncio.sleep(0.5)
        with mariadb.killed():
            await asyncio.sleep(0.5)
            health = await service.health()
            late = await User("late").say(service, "我想订机票")
        await service.healthy("repository", "whole", within=RECOVERY_SECONDS)
    assert health["whole"][0] == health["repository"][0] == "down"
    assert late.is_put_off
    assert late.data == {"part": "repository"}
    assert any(user.put_off for user in users)
    await kept(users, service)
    booked = [turn for user in users for turn in user.acknowledged if turn.status == "completed"]
    assert len(business.executions) - before == len(booked)


async def test_a_database_that_restarts_in_order_costs_a_retry_and_nothing_else(
    mariadb: MariadbServer, service: Replica, users: list[User]
) -> None:
    async with at_work(users, service):
        await asyncio.sleep(0.5)
        mariadb.restart()
        await service.healthy("repository", "whole", within=RECOVERY_SECONDS)
        await asyncio.sleep(0.5)
    await kept(users, service)


async def test_messages_wait_for_a_database_that_is_silent_for_a_moment(
    mariadb: MariadbServer, service: Replica, users: list[User]
) -> None:
    async with at_work(users, service):
        await asyncio.sleep(0.5)
        with mariadb.frozen():
            await asyncio.sleep(2)
            health = await service.health()
        await service.healthy("repository", "whole", within=RECOVERY_SECONDS)
    assert health["repository"] == ("down", "no answer within 1 s")
    await kept(users, service)


async def test_nobody_waits_for_ever_for_a_database_that_is_silent(
    mariadb: MariadbServer, service: Replica, users: list[User]
) -> None:
    talking, new, reading, leaving = users
    for user in (talking, reading, leaving):
        await user.insist(service, BOOKING[0])
    with mariadb.frozen():
        answers = await asyncio.gather(
            talking.say(service, BOOKING[1]),
            new.say(service, BOOKING[0]),
            reading.read(service),
            service.ask("DELETE", f"/sessions/{leaving.session}", params={"user_id": leaving.name}),
        )
    await service.healthy("repository", "whole", within=RECOVERY_SECONDS)
    assert all(said.is_put_off for said in answers), answers
    assert all(said.seconds < LONGEST for said in answers), answers
    # The same message again is the same turn, whether its first save came through after all or not.
    assert (await talking.again(service, BOOKING[1])).data["turn"] == 2
    for user, texts in ((talking, BOOKING[2:]), (new, BOOKING)):
        for text in texts:
            await user.insist(service, text)
    await kept([talking, new], service)


async def test_what_came_of_a_call_is_not_lost_when_the_database_is_away_just_then(
    mariadb: MariadbServer, business: BusinessApi, service: Replica, users: list[User]
) -> None:
    user, *_ = users
    for text in BOOKING[:-1]:
        await user.insist(service, text)
    before = len(business.received)
    business.plays(TAKING_TWO_SECONDS, answer(fields={"order_id": "FL2"}))
    confirming = asyncio.create_task(user.say(service, BOOKING[-1]))
    while len(business.received) == before:
        await asyncio.sleep(0.01)
    with mariadb.killed():
        await asyncio.sleep(2.5)
    confirmed = await confirming
    assert confirmed.data["status"] == "completed"
    assert confirmed.data["api_result"] == {"order_id": "FL1"}
    assert len(business.received) == before + 1
    await kept([user], service)
