"""A catalogue that others publish is taken over, whether its announcement arrives or not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from adapters.memory.events import MemoryEvents
from application.catalogue_library import CatalogueLibrary
from application.understand import Understand
from bootstrap.following import LISTENING_AGAIN_SECONDS, LOOKING_SECONDS, following
from domain.errors import PartUnavailable, RepositoryUnavailable
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion
from domain.ports.catalogues import Catalogues
from domain.ports.events import Events, Topic
from tests.doubles.manual_pause import ManualPause
from tests.doubles.scripted_recogniser import ScriptedRecogniser
from tests.doubles.small_catalogue import NOW, small_catalogue

TOPIC: Topic = "catalogue_published"
BREAKS, ENDS = "the bus breaks here", "the bus ends here"


class Shelf(Catalogues):
    """Catalogues in a list. `failure` is raised instead of looking."""

    def __init__(self) -> None:
        self.stored: list[PublishedCatalogue] = []
        self.failure: PartUnavailable | None = None

    def add(self) -> PublishedCatalogue:
        published = PublishedCatalogue(CatalogueVersion(len(self.stored) + 1), small_catalogue())
        self.stored.append(published)
        return published

    async def publish(self, catalogue: Catalogue, *, at: datetime) -> PublishedCatalogue:
        return self.add()

    async def current(self) -> PublishedCatalogue | None:
        if self.failure is not None:
            raise self.failure
        return self.stored[-1] if self.stored else None

    async def get(self, version: CatalogueVersion) -> PublishedCatalogue | None:
        return next((each for each in self.stored if each.version == version), None)


class FragileBus(MemoryEvents):
    """Breaks or ends for its listeners where a body says so. `refuses` keeps new ones away."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = False
        self.listened = 0

    @asynccontextmanager
    async def _listen(self, topic: Topic) -> AsyncIterator[AsyncIterator[str]]:
        self.listened += 1
        if self.refuses:
            raise PartUnavailable("events", "refused")
        async with super()._listen(topic) as bodies:
            yield self._fragile(bodies)

    async def _fragile(self, bodies: AsyncIterator[str]) -> AsyncIterator[str]:
        async for body in bodies:
            if body == BREAKS:
                raise PartUnavailable("events", "broken")
            if body == ENDS:
                return
            yield body


class Replica:
    """One process that follows what others publish, with the first catalogue in use."""

    def __init__(self, events: Events | None = None) -> None:
        self.events = events or MemoryEvents()
        self.shelf = Shelf()
        self.recogniser = ScriptedRecogniser({})
        self.library = CatalogueLibrary(
            catalogues=self.shelf, understand=Understand(recogniser=self.recogniser, extractors=())
        )
        self.pause = ManualPause()

    @property
    def version(self) -> int:
        return self.library.current().version

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[list[EventDict]]:
        """The lines it logs."""
        await self.library.adopt(self.shelf.add())
        with capture_logs() as lines:
            async with following(events=self.events, catalogues=self.shelf, library=self.library, pause=self.pause):
                yield lines

    async def look(self) -> None:
        await self.pause.round(LOOKING_SECONDS)


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)


def named(lines: list[EventDict], event: str) -> list[EventDict]:
    return [line for line in lines if line["event"] == event]


async def test_what_is_announced_is_adopted_without_waiting() -> None:
    replica = Replica()
    async with replica.at_work() as lines:
        replica.shelf.add()
        await replica.events.publish(TOPIC, "2")
        await eventually(lambda: replica.version == 2)
        await eventually(lambda: bool(lines))
    assert [(line["event"], line["version"]) for line in lines] == [("catalogue_adopted", "2")]


async def test_an_announcement_that_got_lost_is_made_up_for_at_the_next_look() -> None:
    replica = Replica()
    async with replica.at_work() as lines:
        replica.shelf.add()
        replica.shelf.add()
        assert replica.version == 1
        await replica.look()
        assert replica.version == 3
        await replica.look()
    assert [(line["event"], line["version"]) for line in lines] == [("catalogue_adopted", "3")]
    assert replica.recogniser.learnt == [1, 3]


async def test_it_looks_every_half_minute_unless_told() -> None:
    replica = Replica()
    async with replica.at_work():
        await replica.look()
        await replica.look()
    assert replica.pause.asked == [30.0] * 3
    replica.pause.asked.clear()
    async with following(
        events=replica.events, catalogues=replica.shelf, library=replica.library, seconds=7.0, pause=replica.pause
    ):
        await eventually(lambda: bool(replica.pause.asked))
    assert replica.pause.asked == [7.0]


async def test_nothing_newer_changes_nothing() -> None:
    replica = Replica()
    async with replica.at_work() as lines:
        await replica.look()
        await replica.library.adopt(PublishedCatalogue(CatalogueVersion(9), small_catalogue()))
        await replica.look()
        replica.shelf.stored.clear()
        await replica.look()
        assert replica.version == 9
    assert lines == []


async def test_a_storage_that_is_down_is_logged_once_and_looked_at_again() -> None:
    replica = Replica()
    async with replica.at_work() as lines:
        await replica.shelf.publish(small_catalogue(), at=NOW)
        replica.shelf.failure = RepositoryUnavailable("the disk is full")
        for _ in range(3):
            await replica.look()
        assert replica.version == 1
        (line,) = named(lines, "catalogues_not_looked_at")
        assert (line["log_level"], line["reason"]) == ("error", "the disk is full")
        replica.shelf.failure = None
        await replica.look()
        assert replica.version == 2
        replica.shelf.failure = RepositoryUnavailable("again")
        await replica.look()
    assert [line["reason"] for line in named(lines, "catalogues_not_looked_at")] == ["the disk is full", "again"]


async def test_a_catalogue_that_cannot_be_learnt_is_logged_once_and_tried_again() -> None:
    replica = Replica()
    async with replica.at_work() as lines:
        replica.shelf.failure = RepositoryUnavailable("the disk is full")
        await replica.look()
        replica.shelf.failure = None
        replica.shelf.add()
        replica.recogniser.refusal = PartUnavailable("recogniser", "no vectors")
        for _ in range(3):
            await replica.look()
        assert replica.version == 1
        assert [line["reason"] for line in lines] == ["the disk is full", "no vectors"]
        replica.recogniser.refusal = None
        await replica.look()
        assert replica.version == 2


@pytest.mark.parametrize("body", ["7", "the newest", "", "1" * 5000])
async def test_an_announcement_of_nothing_is_logged_and_the_next_one_is_heard(body: str) -> None:
    replica = Replica()
    async with replica.at_work() as lines:
        await replica.events.publish(TOPIC, body)
        await eventually(lambda: bool(lines))
        assert (lines[0]["event"], lines[0]["version"]) == ("catalogue_not_adopted", body)
        assert replica.version == 1
        replica.shelf.add()
        await replica.events.publish(TOPIC, "2")
        await eventually(lambda: replica.version == 2)


@pytest.mark.parametrize(("fault", "logged"), [(BREAKS, 1), (ENDS, 0)])
async def test_after_an_outage_of_the_bus_it_listens_again(fault: str, logged: int) -> None:
    bus = FragileBus()
    replica = Replica(bus)
    async with replica.at_work() as lines:
        await bus.publish(TOPIC, fault)
        await eventually(lambda: LISTENING_AGAIN_SECONDS in replica.pause.asked)
        assert len(named(lines, "announcements_not_heard")) == logged
        replica.pause.end(LISTENING_AGAIN_SECONDS)
        await eventually(lambda: bus.listened == 2)
        replica.shelf.add()
        await bus.publish(TOPIC, "2")
        await eventually(lambda: replica.version == 2)


async def test_a_bus_that_stays_broken_is_logged_once_and_knocked_at_again() -> None:
    bus = FragileBus()
    replica = Replica(bus)
    bus.refuses = True
    async with replica.at_work() as lines:
        for _ in range(3):
            await replica.pause.round(LISTENING_AGAIN_SECONDS)
        bus.refuses = False
        for listened in (5, 6):
            replica.pause.end(LISTENING_AGAIN_SECONDS)
            await eventually(lambda number=listened: bus.listened == number)
            await bus.publish(TOPIC, BREAKS)
            await eventually(lambda number=listened: replica.pause.asked.count(LISTENING_AGAIN_SECONDS) == number)
    assert [line["reason"] for line in lines] == ["refused"]


async def test_a_bus_that_worked_in_between_is_complained_of_again() -> None:
    bus = FragileBus()
    replica = Replica(bus)
    async with replica.at_work() as lines:
        for outage in (1, 2):
            await bus.publish(TOPIC, "1")
            await bus.publish(TOPIC, BREAKS)
            await eventually(lambda number=outage: replica.pause.asked.count(LISTENING_AGAIN_SECONDS) == number)
            replica.pause.end(LISTENING_AGAIN_SECONDS)
            await eventually(lambda number=outage: bus.listened == number + 1)
    assert len(named(lines, "announcements_not_heard")) == 2


async def test_without_a_bus_catalogues_are_still_found() -> None:
    bus = FragileBus()
    bus.refuses = True
    replica = Replica(bus)
    async with replica.at_work():
        replica.shelf.add()
        await replica.look()
        assert replica.version == 2


async def test_what_nobody_foresaw_is_raised_at_the_end_and_keeps_nobody_from_starting() -> None:
    class Bug(MemoryEvents):
        def listen(self, topic: Topic) -> None:
            raise ZeroDivisionError

    started = False
    with pytest.raises(ZeroDivisionError):
        async with Replica(Bug()).at_work():
            started = True
    assert started


async def test_nothing_goes_on_after_the_block() -> None:
    replica = Replica()
    async with replica.at_work():
        pass
    replica.shelf.add()
    await replica.events.publish(TOPIC, "2")
    replica.pause.end(LOOKING_SECONDS)
    await asyncio.sleep(0.01)
    assert replica.version == 1
    assert len(asyncio.all_tasks()) == 1
