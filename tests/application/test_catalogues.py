"""Catalogues: published, learnt once, kept for those who began with them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from adapters.memory.events import MemoryEvents
from application.publish_catalogue import PublishCatalogue
from domain.errors import CatalogueInvalid, PartUnavailable, RepositoryUnavailable
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion
from domain.ports.events import Topic
from tests.application.assembling import Service, assembled
from tests.contracts.stores import opened
from tests.doubles.manual_clock import START
from tests.doubles.small_catalogue import small_catalogue

ONE, TWO = CatalogueVersion(1), CatalogueVersion(2)
FIRST, SECOND = small_catalogue(), small_catalogue(reprompts=9)


class Silent(MemoryEvents):
    """A bus that is out of order."""

    async def publish(self, topic: Topic, body: str) -> None:
        raise PartUnavailable("events", "out of order")


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Service]:
    """A service without any catalogue."""
    async with opened("sqlite", tmp_path) as store:
        yield assembled(store)


class TestPublishing:
    async def test_what_is_published_is_stored_learnt_and_current(self, empty: Service) -> None:
        published = await empty.publish(FIRST)
        assert published == PublishedCatalogue(ONE, FIRST)
        assert await empty.store.catalogues.current() == published
        assert empty.recogniser.learnt == [ONE]
        assert empty.extractor.prepared == [published]
        assert empty.library.current() == published

    async def test_everybody_who_listens_is_told(self, empty: Service) -> None:
        async with empty.events.listen("catalogue_published") as news:
            await empty.publish(FIRST)
            await empty.publish(SECOND)
            assert [await anext(news), await anext(news)] == ["1", "2"]

    async def test_the_same_again_keeps_its_number(self, empty: Service) -> None:
        assert await empty.publish(FIRST) == await empty.publish(FIRST)
        assert empty.recogniser.learnt == [ONE]

    async def test_nonsense_is_refused_with_every_problem_and_changes_nothing(self, empty: Service) -> None:
        await empty.publish(FIRST)
        nonsense = msgspec.structs.replace(FIRST, functions={}, ambiguities={})
        async with empty.events.listen("catalogue_published") as news:
            with pytest.raises(CatalogueInvalid) as caught:
                await empty.publish(nonsense)
            assert len(caught.value.message.splitlines()) > 1
            await empty.publish(SECOND)
            assert await anext(news) == "2"

    async def test_one_that_cannot_be_learnt_does_not_become_current(self, empty: Service) -> None:
        await empty.publish(FIRST)
        empty.recogniser.refusal = PartUnavailable("recogniser", "no room")
        with pytest.raises(PartUnavailable, match="no room"):
            await empty.publish(SECOND)
        assert empty.library.current().version == ONE

    async def test_without_a_storage_nothing_is_published(self, empty: Service) -> None:
        await empty.store.break_down()
        with pytest.raises(RepositoryUnavailable):
            await empty.publish(FIRST)
        with pytest.raises(PartUnavailable):
            empty.library.current()

    async def test_a_bus_that_is_out_of_order_leaves_the_catalogue_in_service_here(self, empty: Service) -> None:
        publish = PublishCatalogue(
            catalogues=empty.store.catalogues, library=empty.library, events=Silent(), clock=empty.clock
        )
        assert (await publish(FIRST)).version == ONE
        assert empty.library.current().version == ONE


class TestLibrary:
    async def test_before_the_first_there_is_none(self, empty: Service) -> None:
        with pytest.raises(PartUnavailable, match="no catalogue is published yet") as caught:
            empty.library.current()
        assert caught.value.part == "catalogue"

    async def test_a_version_that_never_was_cannot_be_had(self, empty: Service) -> None:
        with pytest.raises(PartUnavailable, match="version 7 is not stored"):
            await empty.library.version(CatalogueVersion(7))

    async def test_a_version_is_learnt_once_however_many_want_it_at_once(self, empty: Service) -> None:
        published = await empty.store.catalogues.publish(FIRST, at=START)
        versions = await asyncio.gather(*(empty.library.version(ONE) for _ in range(5)))
        assert versions == [published] * 5
        assert len(empty.extractor.prepared) == 1

    async def test_a_version_is_fetched_once(self, empty: Service) -> None:
        await empty.publish(FIRST)
        await empty.store.break_down()
        assert (await empty.library.version(ONE)).catalogue == FIRST

    async def test_an_older_version_can_be_had_and_does_not_become_current(self, empty: Service) -> None:
        await empty.store.catalogues.publish(FIRST, at=START)
        second = await empty.store.catalogues.publish(SECOND, at=START)
        await empty.library.adopt(second)
        assert (await empty.library.version(ONE)).catalogue == FIRST
        assert empty.library.current() == second

    async def test_news_that_comes_late_does_not_turn_the_clock_back(self, empty: Service) -> None:
        first = await empty.store.catalogues.publish(FIRST, at=START)
        second = await empty.store.catalogues.publish(SECOND, at=START)
        for published in (second, first):
            await empty.library.adopt(published)
        assert empty.library.current() == second

    async def test_a_version_that_could_not_be_learnt_may_be_tried_again(self, empty: Service) -> None:
        published = await empty.store.catalogues.publish(FIRST, at=START)
        empty.recogniser.refusal = PartUnavailable("recogniser", "no room")
        with pytest.raises(PartUnavailable):
            await empty.library.adopt(published)
        empty.recogniser.refusal = None
        await empty.library.adopt(published)
        assert empty.library.current() == published
