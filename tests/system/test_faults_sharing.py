"""Redis goes away in the middle of conversations: they go on, health tells, and it is used again once it is back."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.doubles.business_api import BusinessApi, answer, business_api
from tests.servers.mariadb import MariadbServer
from tests.servers.redis import LoneRedis
from tests.system.replica import BOOKING, Replica, User, at_work, replica

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

PARTS = ("cache", "locks", "events")
SLOWEST = 3.0
"""Seconds for a turn while Redis is away: only one call a second finds out that it is."""
RECOVERY_SECONDS = 5.0


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
    async with replica(tmp_path_factory.mktemp("sharing"), **settings) as service:
        yield service


@pytest.fixture
def users(request: pytest.FixtureRequest) -> list[User]:
    return [User(f"{request.node.name}-{number}") for number in range(4)]


async def unimpeded(users: list[User], service: Replica) -> None:
    """Every message was answered at once, and every answer is kept."""
    for user in users:
        assert user.put_off == []
        assert user.slowest < SLOWEST
        assert await user.stored(service) == user.acknowledged, user.name
        assert [turn.turn for turn in user.acknowledged] == [*range(1, len(user.acknowledged) + 1)]
        assert user.acknowledged[-1].status == "completed"


async def limited(service: Replica) -> None:
    """Health says that Redis is away, and that the service works without it."""
    health = await service.health()
    assert health["whole"][0] == "degraded"
    assert {part: health[part][0] for part in PARTS} == dict.fromkeys(PARTS, "down")
    assert all(health[part][1] for part in PARTS)


async def test_conversations_go_on_without_a_redis_that_is_killed(
    redis_server: LoneRedis, service: Replica, users: list[User]
) -> None:
    async with at_work(users, service):
        await asyncio.sleep(0.5)
        with redis_server.killed():
            await asyncio.sleep(1.5)
            await limited(service)
        await service.healthy("whole", *PARTS, within=RECOVERY_SECONDS)
        await asyncio.sleep(0.5)
    await unimpeded(users, service)


async def test_conversations_go_on_without_a_redis_that_is_silent(
    redis_server: LoneRedis, service: Replica, users: list[User]
) -> None:
    async with at_work(users, service):
        await asyncio.sleep(0.5)
        with redis_server.frozen():
            await asyncio.sleep(3)
            await limited(service)
        await service.healthy("whole", *PARTS, within=RECOVERY_SECONDS)
        await asyncio.sleep(0.5)
    await unimpeded(users, service)


async def test_a_redis_that_comes_back_with_old_conversations_confuses_nobody(
    redis_server: LoneRedis, service: Replica, users: list[User]
) -> None:
    before, meanwhile, after = BOOKING[:1], BOOKING[1:3], BOOKING[3:]
    for text in before:
        await asyncio.gather(*(user.say(service, text) for user in users))
    with redis_server.frozen():
        for text in meanwhile:
            await asyncio.gather(*(user.say(service, text) for user in users))
        await limited(service)
    await service.healthy("whole", *PARTS, within=RECOVERY_SECONDS)
    for text in after:
        await asyncio.gather(*(user.say(service, text) for user in users))
    await unimpeded(users, service)
