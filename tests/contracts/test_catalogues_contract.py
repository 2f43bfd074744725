"""What every keeper of catalogues promises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import RepositoryUnavailable
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion
from tests.contracts.stored_values import BOOK, catalogue
from tests.contracts.stores import PLAIN, Store, opened
from tests.doubles.manual_clock import START


@pytest.fixture(params=PLAIN)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(request.param, tmp_path, request=request) as store:
        yield store


async def test_before_the_first_there_is_none(store: Store) -> None:
    assert await store.catalogues.current() is None
    assert await store.catalogues.get(CatalogueVersion(1)) is None


async def test_versions_count_from_one_and_the_newest_is_current(store: Store) -> None:
    first = await store.catalogues.publish(catalogue("订机票"), at=START)
    second = await store.catalogues.publish(catalogue("订飞机票"), at=START)
    assert (first.version, second.version) == (1, 2)
    assert second == PublishedCatalogue(CatalogueVersion(2), catalogue("订飞机票"))
    replica = await store.replica()
    assert await replica.catalogues.current() == second
    assert await replica.catalogues.get(first.version) == first
    assert await replica.catalogues.get(CatalogueVersion(3)) is None


async def test_the_current_catalogue_is_not_stored_again(store: Store) -> None:
    first = await store.catalogues.publish(catalogue(), at=START)
    assert await store.catalogues.publish(catalogue(), at=START) == first
    assert await store.catalogues.get(CatalogueVersion(2)) is None


async def test_an_older_catalogue_published_again_gets_a_new_number(store: Store) -> None:
    for title in ("甲", "乙", "甲"):
        last = await store.catalogues.publish(catalogue(title), at=START)
    assert last == PublishedCatalogue(CatalogueVersion(3), catalogue("甲"))


async def test_the_order_of_slots_is_kept_and_counts(store: Store) -> None:
    await store.catalogues.publish(catalogue(slots=("b", "a")), at=START)
    last = await store.catalogues.publish(catalogue(slots=("a", "b")), at=START)
    assert last.version == 2
    before = await store.catalogues.get(CatalogueVersion(1))
    assert before is not None
    assert list(before.catalogue.intents[BOOK].slots) == ["b", "a"]


async def test_a_catalogue_without_intents_can_be_kept(store: Store) -> None:
    kept = await store.catalogues.publish(Catalogue(intents={}), at=START)
    assert await store.catalogues.current() == kept


async def test_publishers_at_once_get_different_numbers(store: Store) -> None:
    stores = [store, await store.replica(), await store.replica()]
    published = await asyncio.gather(
        *(stores[n % 3].catalogues.publish(catalogue(f"第{n}版"), at=START) for n in range(9))
    )
    assert sorted(p.version for p in published) == list(range(1, 10))
    for mine in published:
        assert await store.catalogues.get(mine.version) == mine


async def test_publishers_of_the_same_catalogue_at_once_store_it_once(store: Store) -> None:
    stores = [store, await store.replica(), await store.replica()]
    published = await asyncio.gather(*(s.catalogues.publish(catalogue(), at=START) for s in stores * 3))
    assert {p.version for p in published} == {1}


async def test_a_cancelled_publisher_leaves_a_whole_version_or_none(store: Store) -> None:
    for steps in range(12):
        task = asyncio.create_task(store.catalogues.publish(catalogue(f"第{steps}版"), at=START))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    last = await store.catalogues.publish(catalogue("最后"), at=START)
    assert await store.catalogues.current() == last
    numbers = range(1, last.version + 1)
    assert all([await store.catalogues.get(CatalogueVersion(n)) is not None for n in numbers])


async def test_a_storage_out_of_order_says_so(store: Store) -> None:
    await store.break_down()
    with pytest.raises(RepositoryUnavailable):
        await store.catalogues.current()
    with pytest.raises(RepositoryUnavailable):
        await store.catalogues.get(CatalogueVersion(1))
    with pytest.raises(RepositoryUnavailable):
        await store.catalogues.publish(catalogue(), at=START)
