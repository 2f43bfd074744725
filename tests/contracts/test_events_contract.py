"""What every bus of announcements promises."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.memory.events import MemoryEvents
from adapters.redis.events import RedisEvents
from domain.ports.events import Events
from tests.contracts.shared_engines import redis_in_use


@pytest.fixture(params=["memory", "redis"])
async def events(request: pytest.FixtureRequest) -> AsyncIterator[Events]:
    if request.param == "memory":
        yield MemoryEvents()
        return
    async with redis_in_use(request) as use:
        yield RedisEvents(use.connection)


async def following(bodies: AsyncIterator[str], count: int) -> list[str]:
    async with asyncio.timeout(5):
        return [await anext(bodies) for _ in range(count)]


async def test_a_listener_hears_everything_in_order(events: Events) -> None:
    async with events.listen("catalogue_published") as bodies:
        for body in ("1", "", "第三🍜"):
            await events.publish("catalogue_published", body)
        assert await following(bodies, 3) == ["1", "", "第三🍜"]


async def test_who_waits_is_woken(events: Events) -> None:
    async with events.listen("catalogue_published") as bodies:
        waiting = asyncio.create_task(following(bodies, 2))
        await asyncio.sleep(0)
        await events.publish("catalogue_published", "1")
        await asyncio.sleep(0)
        await events.publish("catalogue_published", "2")
        assert await waiting == ["1", "2"]


async def test_every_listener_hears_it(events: Events) -> None:
    topic = "configuration_changed"
    async with events.listen(topic) as one, events.listen(topic) as two:
        await events.publish(topic, "x")
        assert await following(one, 1) == await following(two, 1) == ["x"]


async def test_topics_do_not_mix(events: Events) -> None:
    async with events.listen("catalogue_published") as bodies:
        await events.publish("configuration_changed", "not for you")
        await events.publish("catalogue_published", "for you")
        assert await following(bodies, 1) == ["for you"]


async def test_what_was_published_before_is_not_heard(events: Events) -> None:
    await events.publish("catalogue_published", "before")
    async with events.listen("catalogue_published") as bodies:
        await events.publish("catalogue_published", "inside")
        assert await following(bodies, 1) == ["inside"]


async def test_a_listener_that_left_is_not_missed(events: Events) -> None:
    async with events.listen("catalogue_published"):
        pass
    async with events.listen("catalogue_published") as bodies:
        await events.publish("catalogue_published", "x")
        assert await following(bodies, 1) == ["x"]


async def test_a_listener_far_behind_loses_the_oldest_only(events: Events) -> None:
    count = 20_000
    async with events.listen("catalogue_published") as bodies:
        for number in range(count):
            await events.publish("catalogue_published", str(number))
        first = int((await following(bodies, 1))[0])
        rest = await following(bodies, count - first - 1)
    assert [int(body) for body in rest] == list(range(first + 1, count))


async def test_a_cancelled_reader_can_read_on(events: Events) -> None:
    async with events.listen("catalogue_published") as bodies:
        reader = asyncio.create_task(following(bodies, 1))
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.wait([reader])
        await events.publish("catalogue_published", "x")
        assert await following(bodies, 1) == ["x"]
