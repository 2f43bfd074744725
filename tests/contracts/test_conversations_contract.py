"""What every keeper of conversations promises."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from domain.dialogue.conversation import Conversation
from domain.dialogue.invocation import Succeeded, Unknown
from domain.dialogue.state import (
    Acting,
    Agenda,
    Choosing,
    Closed,
    Collecting,
    Confirming,
    HandedOff,
    Idle,
    State,
)
from domain.errors import ConversationConflict, RepositoryUnavailable
from domain.names import ConversationId, IntentName, InvocationKey, MessageId
from domain.slots.slot import SlotValue
from tests.contracts.stored_values import BOOK, CITY, FRAME, conversation, invocation, turn
from tests.contracts.stores import ENGINES, Store, opened
from tests.doubles.manual_clock import START

C1 = ConversationId("c1")
AGENDA = Agenda(suspended=(FRAME,), queued=(FRAME.holding({CITY: SlotValue(3.0)}),), unknowns=2)
STATES: list[State] = [
    Idle(AGENDA),
    Collecting(FRAME, CITY, 2, AGENDA),
    Choosing((BOOK, IntentName("book_train")), "买什么票？"),
    Confirming(FRAME),
    Acting(FRAME, InvocationKey("k1")),
    HandedOff("asked"),
    Closed("expired"),
]


@pytest.fixture(params=ENGINES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(request.param, tmp_path, request=request) as store:
        yield store


async def saved(store: Store, name: str = "c1", versions: int = 1) -> Conversation:
    for version in range(1, versions + 1):
        await store.conversations.save(conversation(name, version), turn=turn(name, version))
    return conversation(name, versions)


async def everything(store: Store, name: str = "c1") -> tuple[object, ...]:
    keeper = store.conversations
    return (
        await keeper.load(ConversationId(name)),
        await keeper.turns(ConversationId(name)),
        await store.invocations.unsettled(),
    )


async def test_an_unknown_conversation_is_absent(store: Store) -> None:
    assert await store.conversations.load(C1) is None
    assert await store.conversations.turns(C1) == ()
    assert await store.conversations.turn_of_message(C1, MessageId("m1")) is None
    assert await store.conversations.delete(C1) is False


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
async def test_a_saved_conversation_loads_as_it_was_here_and_on_a_replica(store: Store, state: State) -> None:
    kept = conversation(state=state)
    await store.conversations.save(kept, turn=turn())
    replica = await store.replica()
    assert await store.conversations.load(C1) == kept
    assert await replica.conversations.load(C1) == kept
    assert await replica.conversations.turns(C1) == (turn(),)


async def test_each_save_replaces_the_one_before(store: Store) -> None:
    last = await saved(store, versions=5)
    replica = await store.replica()
    assert await store.conversations.load(C1) == last
    assert await replica.conversations.load(C1) == last
    assert [t.number for t in await store.conversations.turns(C1)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "𠮷野家🍜👩‍👩‍👧‍👦",
        "عربي RTL \u202e",
        "tab\tquote\"'; DROP TABLE turns;--\\ %s :name ?",
        "零\x00宽\u200b",
        "长" * 70_000,
        "",
    ],
    ids=["astral", "rtl", "quotes", "invisible", "long", "empty"],
)
async def test_any_text_comes_back_as_it_was(store: Store, text: str) -> None:
    frame = FRAME.holding({CITY: SlotValue(text, text)})
    kept = conversation(state=Confirming(frame), user=text[:20].replace("\x00", ""))
    await store.conversations.save(kept, turn=turn(text=text))
    replica = await store.replica()
    assert await replica.conversations.load(C1) == kept
    assert await replica.conversations.turns(C1) == (turn(text=text),)


async def test_instants_keep_their_meaning_in_whatever_zone_they_were_given(store: Store) -> None:
    local = START.astimezone(timezone(timedelta(hours=8))).replace(microsecond=123456)
    kept = Conversation(**{**_fields(conversation()), "created_at": local})  # type: ignore[arg-type]
    await store.conversations.save(kept, turn=turn())
    loaded = await (await store.replica()).conversations.load(C1)
    assert loaded is not None
    assert loaded.created_at == local


def _fields(value: Conversation) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


async def test_a_conversation_begins_once(store: Store) -> None:
    await saved(store)
    before = await everything(store)
    with pytest.raises(ConversationConflict):
        await store.conversations.save(
            conversation(user="another"), turn=turn(text="another", message="m9"), invocations=[invocation()]
        )
    assert await everything(store) == before


@pytest.mark.parametrize("version", [2, 4, 9])
async def test_a_save_on_another_version_stores_nothing(store: Store, version: int) -> None:
    await saved(store, versions=2)
    before = await everything(store)
    with pytest.raises(ConversationConflict):
        await store.conversations.save(
            conversation(version=version), turn=turn(number=9), invocations=[invocation(number=9)]
        )
    assert await everything(store) == before


async def test_a_version_above_one_needs_its_predecessor(store: Store) -> None:
    with pytest.raises(ConversationConflict):
        await store.conversations.save(conversation(version=2), turn=turn(number=2))
    assert await everything(store) == (None, (), ())


@pytest.mark.parametrize("version", [1, 2])
async def test_of_many_writers_of_one_version_exactly_one_wins_whole(store: Store, version: int) -> None:
    await saved(store, versions=version - 1)
    stores = [store, await store.replica(), await store.replica()]

    async def write(writer: int) -> int | None:
        keeper = stores[writer % 3].conversations
        mine = conversation(version=version, user=f"u{writer}", state=HandedOff(f"w{writer}"))
        call = invocation(f"k{writer}", number=version)
        try:
            await keeper.save(mine, turn=turn(number=version, text=f"w{writer}"), invocations=[call])
        except ConversationConflict:
            return None
        return writer

    winners = [won for won in await asyncio.gather(*map(write, range(24))) if won is not None]
    assert len(winners) == 1
    for view in [*stores, await store.replica()]:
        loaded = await view.conversations.load(C1)
        assert loaded is not None
        assert loaded.version == version
        assert loaded.state == HandedOff(f"w{winners[0]}")
        assert (await view.conversations.turns(C1))[-1].text == f"w{winners[0]}"
        assert [call.key for call in await view.invocations.unsettled()] == [f"k{winners[0]}"]


async def test_many_conversations_saved_at_once_do_not_mix(store: Store) -> None:
    names = [f"c{n}" for n in range(40)]
    await asyncio.gather(*(saved(store, name, 3) for name in names))
    for name in names:
        assert await store.conversations.load(ConversationId(name)) == conversation(name, 3)
        assert await store.conversations.turns(ConversationId(name)) == tuple(turn(name, n) for n in (1, 2, 3))


async def test_a_save_that_fails_takes_no_other_with_it(store: Store) -> None:
    await saved(store, "c7", 2)
    results = await asyncio.gather(*(saved(store, f"c{n}") for n in range(20)), return_exceptions=True)
    failed = [n for n, result in enumerate(results) if isinstance(result, BaseException)]
    assert failed == [7]
    assert isinstance(results[7], ConversationConflict)
    assert await store.conversations.load(ConversationId("c19")) == conversation("c19")
    assert await store.conversations.load(ConversationId("c7")) == conversation("c7", 2)


async def test_a_turn_is_replaced_when_its_calls_outcome_comes(store: Store) -> None:
    keeper = store.conversations
    await keeper.save(conversation(), turn=turn(), invocations=[invocation()])
    settled = invocation(outcome=Succeeded({"order_id": "F123", "price": 820.0}))
    await keeper.save(conversation(version=2, turns=1), turn=turn(text="订好了"), invocations=[settled])
    assert await keeper.load(C1) == conversation(version=2, turns=1)
    assert await keeper.turns(C1) == (turn(text="订好了"),)
    assert await store.invocations.get(settled.key) == settled


async def test_a_turn_is_replaced_without_any_call_too(store: Store) -> None:
    await saved(store)
    await store.conversations.save(conversation(version=2, turns=1), turn=turn(text="again"))
    assert await store.conversations.turns(C1) == (turn(text="again"),)


async def test_settled_and_pending_calls_may_come_together_and_unannounced(store: Store) -> None:
    calls = [invocation("k1", outcome=Unknown("timeout")), invocation("k2")]
    await store.conversations.save(conversation(), turn=turn(), invocations=calls)
    assert [await store.invocations.get(call.key) for call in calls] == calls
    again = [invocation("k2", outcome=Succeeded()), invocation("k3", outcome=Succeeded())]
    await store.conversations.save(conversation(version=2, turns=1), turn=turn(), invocations=again)
    assert [await store.invocations.get(call.key) for call in again] == again
    assert await store.invocations.unsettled() == ()


async def test_turns_come_in_order_and_in_pages(store: Store) -> None:
    await saved(store, versions=12)

    async def page(**limits: int) -> list[int]:
        return [t.number for t in await store.conversations.turns(C1, **limits)]

    assert await page() == list(range(1, 13))
    assert await page(after=3, limit=4) == [4, 5, 6, 7]
    assert await page(after=11) == [12]
    assert await page(after=12) == []
    assert await page(limit=0) == []
    assert await page(limit=-1) == []


async def test_a_turn_is_found_by_its_message_in_its_conversation_only(store: Store) -> None:
    await saved(store, "c1", 3)
    await saved(store, "c2", 1)
    found = store.conversations.turn_of_message
    assert await found(C1, MessageId("m2")) == turn("c1", 2)
    assert await found(ConversationId("c2"), MessageId("m1")) == turn("c2", 1)
    assert await found(ConversationId("c2"), MessageId("m2")) is None
    assert await found(C1, MessageId("M2")) is None


async def test_turns_without_a_message_id_may_be_many(store: Store) -> None:
    for number in (1, 2, 3):
        await store.conversations.save(conversation(version=number), turn=turn(number=number, message=None))
    assert len(await store.conversations.turns(C1)) == 3


async def test_a_message_answered_by_two_turns_is_a_conflict(store: Store) -> None:
    await saved(store)
    with pytest.raises(ConversationConflict):
        await store.conversations.save(conversation(version=2), turn=turn(number=2, message="m1"))
    assert await store.conversations.load(C1) == conversation()


async def test_names_that_differ_in_case_only_are_two(store: Store) -> None:
    await saved(store, "abc", 2)
    await saved(store, "ABC", 1)
    assert await store.conversations.load(ConversationId("abc")) == conversation("abc", 2)
    assert await store.conversations.load(ConversationId("ABC")) == conversation("ABC", 1)


async def test_a_deleted_conversation_is_gone_and_its_calls_stay(store: Store) -> None:
    call = invocation()
    await store.conversations.save(conversation(), turn=turn(), invocations=[call])
    await saved(store, "c2", 2)
    assert await store.conversations.delete(C1) is True
    assert await store.conversations.delete(C1) is False
    assert await store.conversations.load(C1) is None
    assert await store.conversations.turns(C1) == ()
    assert await store.conversations.turn_of_message(C1, MessageId("m1")) is None
    assert await store.invocations.get(call.key) == call
    assert await store.conversations.load(ConversationId("c2")) == conversation("c2", 2)


async def test_a_deleted_conversation_stays_deleted_and_may_begin_anew(store: Store) -> None:
    await saved(store, versions=2)
    await store.conversations.delete(C1)
    with pytest.raises(ConversationConflict):
        await store.conversations.save(conversation(version=3), turn=turn(number=3))
    assert await store.conversations.load(C1) is None
    await saved(store)
    assert await store.conversations.load(C1) == conversation()


async def test_who_read_a_stale_conversation_loses_and_then_reads_the_true_one(store: Store) -> None:
    await saved(store)
    replica = await store.replica()
    await replica.conversations.save(conversation(version=2), turn=turn(number=2))
    stale = conversation(version=2, state=Closed("mine"))
    with pytest.raises(ConversationConflict):
        await store.conversations.save(stale, turn=turn(number=2, text="mine"))
    assert await store.conversations.load(C1) == conversation(version=2)
    await store.conversations.save(conversation(version=3), turn=turn(number=3))
    assert await store.conversations.load(C1) == conversation(version=3)


async def test_a_cancelled_save_leaves_everything_or_nothing(store: Store) -> None:
    async def attempt(number: int) -> None:
        name = f"c{number}"
        calls = [invocation(f"k{number}", name)]
        task = asyncio.create_task(store.conversations.save(conversation(name), turn=turn(name), invocations=calls))
        for _ in range(number % 30):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    await asyncio.gather(*map(attempt, range(90)))
    await saved(store, "last")
    for number in range(90):
        name = ConversationId(f"c{number}")
        loaded = await store.conversations.load(name)
        stored = loaded is not None
        assert loaded in (conversation(name), None)
        assert await store.conversations.turns(name) == ((turn(name),) if stored else ())
        assert (await store.invocations.get(InvocationKey(f"k{number}")) is not None) == stored


async def test_a_cancelled_read_harms_nobody(store: Store) -> None:
    await saved(store, versions=3)

    async def attempt(steps: int) -> None:
        task = asyncio.create_task(store.conversations.turns(C1))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    await asyncio.gather(*map(attempt, range(40)))
    assert len(await store.conversations.turns(C1)) == 3


async def test_a_storage_out_of_order_says_so(store: Store) -> None:
    await saved(store)
    keeper = store.conversations
    await store.break_down()
    calls = [
        keeper.load(ConversationId("other")),
        keeper.save(conversation(version=2), turn=turn(number=2)),
        keeper.turns(C1),
        keeper.turn_of_message(C1, MessageId("m1")),
        keeper.delete(C1),
    ]
    for call in calls:
        with pytest.raises(RepositoryUnavailable) as caught:
            await call
        assert caught.value.__cause__ is not None
        assert "m1" not in caught.value.message


async def test_a_long_history_does_not_slow_loading(store: Store) -> None:
    await saved(store, "long", 2_000)
    await saved(store, "short", 3)
    reader = await store.replica()

    async def quickest(name: str) -> float:
        times = []
        for _ in range(60):
            began = time.perf_counter()
            await reader.conversations.load(ConversationId(name))
            times.append(time.perf_counter() - began)
        return min(times)

    await quickest("short")
    assert await quickest("long") < 2 * await quickest("short") + 0.0005
