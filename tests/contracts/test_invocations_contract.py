"""What every record of function calls promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.dialogue.invocation import InvocationOutcome, NotDone, Refused, Succeeded, Unknown
from domain.errors import RepositoryUnavailable
from domain.names import InvocationKey
from tests.contracts.stored_values import conversation, invocation, turn
from tests.contracts.stores import PLAIN, Store, opened


@pytest.fixture(params=PLAIN)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(request.param, tmp_path, request=request) as store:
        yield store


async def test_an_unknown_key_is_absent(store: Store) -> None:
    assert await store.invocations.get(InvocationKey("nobody")) is None
    assert await store.invocations.unsettled() == ()


@pytest.mark.parametrize(
    "outcome",
    [
        None,
        Succeeded({"order_id": "F1", "count": 3, "price": 1.5, "ok": True}),
        Refused("余额不足"),
        NotDone("x"),
        Unknown(),
    ],
    ids=["pending", "succeeded", "refused", "not done", "unknown"],
)
async def test_a_call_comes_back_as_it_was_saved(store: Store, outcome: InvocationOutcome | None) -> None:
    call = invocation(outcome=outcome)
    await store.conversations.save(conversation(), turn=turn(), invocations=[call])
    replica = await store.replica()
    assert await replica.invocations.get(call.key) == call
    assert await replica.invocations.unsettled() == ((call,) if outcome is None else ())


async def test_what_is_pending_comes_oldest_first_up_to_the_limit(store: Store) -> None:
    for number, after in enumerate([30, 0.5, 20, 0.25], start=1):
        name = f"c{number}"
        call = invocation(f"k{number}", name, after=after)
        await store.conversations.save(conversation(name), turn=turn(name), invocations=[call])
    assert [call.key for call in await store.invocations.unsettled()] == ["k4", "k2", "k3", "k1"]
    assert [call.key for call in await store.invocations.unsettled(limit=2)] == ["k4", "k2"]
    assert await store.invocations.unsettled(limit=0) == ()


async def test_a_settled_call_is_pending_no_more(store: Store) -> None:
    await store.conversations.save(conversation(), turn=turn(), invocations=[invocation("k1"), invocation("k2")])
    settled = invocation("k1", outcome=Succeeded())
    await store.conversations.save(conversation(version=2, turns=1), turn=turn(), invocations=[settled])
    assert [call.key for call in await store.invocations.unsettled()] == ["k2"]
    assert await store.invocations.get(InvocationKey("k1")) == settled


async def test_a_storage_out_of_order_says_so(store: Store) -> None:
    await store.break_down()
    with pytest.raises(RepositoryUnavailable):
        await store.invocations.get(InvocationKey("k1"))
    with pytest.raises(RepositoryUnavailable):
        await store.invocations.unsettled()
