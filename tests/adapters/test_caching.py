"""How the cache before the conversations behaves, beyond the contract of conversations."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.caching.conversations import CachedConversations
from adapters.memory.cache import MemoryCache
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation
from domain.errors import ConversationConflict, PartUnavailable, RepositoryUnavailable
from domain.names import ConversationId, MessageId
from domain.ports.conversations import Conversations
from tests.contracts.stored_values import conversation, turn

C1 = ConversationId("c1")
KEY = "conversation:c1"


class Shelf(Conversations):
    """Keeps conversations in a dict, counts what is asked of it, and can be held up or told to fail."""

    def __init__(self) -> None:
        self.kept: dict[ConversationId, Conversation] = {}
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def load(self, conversation_id: ConversationId) -> Conversation | None:
        self.loads += 1
        found = self.kept.get(conversation_id)
        await self.gate.wait()
        return found

    async def save(self, conversation: Conversation, *, turn: Turn, invocations: Sequence[Invocation] = ()) -> None:
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.kept[conversation.id] = conversation

    async def turns(self, conversation_id: ConversationId, *, after: int = 0, limit: int = 50) -> tuple[Turn, ...]:
        return (turn(number=after + limit),)

    async def turn_of_message(self, conversation_id: ConversationId, message_id: MessageId) -> Turn | None:
        return turn(message=message_id)

    async def delete(self, conversation_id: ConversationId) -> bool:
        return self.kept.pop(conversation_id, None) is not None


class StubbornCache(MemoryCache):
    """Does not say whether it forgot."""

    async def drop(self, key: str) -> None:
        raise PartUnavailable("cache", "no answer")


async def test_what_was_saved_or_loaded_is_read_from_the_cache() -> None:
    shelf, cache = Shelf(), MemoryCache()
    cached = CachedConversations(shelf, cache)
    await cached.save(conversation(), turn=turn())
    assert await cached.load(C1) == conversation()
    assert shelf.loads == 0
    await cache.drop(KEY)
    assert await cached.load(C1) == await cached.load(C1) == conversation()
    assert shelf.loads == 1


async def test_absence_is_not_remembered() -> None:
    shelf = Shelf()
    cached = CachedConversations(shelf, MemoryCache())
    assert await cached.load(C1) is None
    shelf.kept[C1] = conversation()
    assert await cached.load(C1) == conversation()


async def test_conversations_stay_two_hours_unless_told() -> None:
    now = [0.0]
    shelf = Shelf()
    cached = CachedConversations(shelf, MemoryCache(seconds=lambda: now[0]))
    brief = CachedConversations(shelf, MemoryCache(seconds=lambda: now[0]), seconds=1)
    for each in (cached, brief):
        await each.save(conversation(), turn=turn())
    now[0] = 7199.0
    await cached.load(C1)
    assert shelf.loads == 0
    await brief.load(C1)
    assert shelf.loads == 1
    now[0] = 7201.0
    await cached.load(C1)
    assert shelf.loads == 2


@pytest.mark.parametrize("junk", [b"", b"\xff", b"{}", b'{"id":"c1","no_such_field":1}'])
async def test_what_the_cache_holds_of_another_release_is_read_afresh(junk: bytes) -> None:
    shelf, cache = Shelf(), MemoryCache()
    shelf.kept[C1] = conversation()
    await cache.put(KEY, junk, seconds=60)
    cached = CachedConversations(shelf, cache)
    assert await cached.load(C1) == await cached.load(C1) == conversation()
    assert shelf.loads == 1


@pytest.mark.parametrize("failure", [ConversationConflict("late"), RepositoryUnavailable("down")])
async def test_after_a_save_that_failed_the_repository_is_asked(failure: Exception) -> None:
    shelf = Shelf()
    cached = CachedConversations(shelf, MemoryCache())
    await cached.save(conversation(), turn=turn())
    shelf.failure = failure
    with pytest.raises(type(failure)):
        await cached.save(conversation(version=2), turn=turn(number=2))
    shelf.kept[C1] = conversation(version=7)
    assert await cached.load(C1) == conversation(version=7)


async def test_after_a_cancelled_save_the_repository_is_asked() -> None:
    shelf = Shelf()
    cached = CachedConversations(shelf, MemoryCache())
    await cached.save(conversation(), turn=turn())
    shelf.gate.clear()
    saving = asyncio.create_task(cached.save(conversation(version=2), turn=turn(number=2)))
    await asyncio.sleep(0)
    saving.cancel()
    await asyncio.wait([saving])
    assert saving.cancelled()
    shelf.gate.set()
    shelf.kept[C1] = conversation(version=2)
    assert await cached.load(C1) == conversation(version=2)


async def test_a_failed_save_is_reported_as_such_even_when_the_cache_fails_too() -> None:
    shelf = Shelf()
    shelf.failure = ConversationConflict("late")
    with pytest.raises(ConversationConflict):
        await CachedConversations(shelf, StubbornCache()).save(conversation(), turn=turn())


async def test_a_delete_that_the_cache_may_have_missed_is_an_error_and_can_be_repeated() -> None:
    shelf = Shelf()
    shelf.kept[C1] = conversation()
    with pytest.raises(RepositoryUnavailable) as caught:
        await CachedConversations(shelf, StubbornCache()).delete(C1)
    assert isinstance(caught.value.__cause__, PartUnavailable)
    assert await CachedConversations(shelf, MemoryCache()).delete(C1) is False


async def test_a_load_overtaken_by_a_save_does_not_put_the_old_one_back() -> None:
    shelf, cache = Shelf(), MemoryCache()
    cached = CachedConversations(shelf, cache)
    shelf.kept[C1] = conversation()
    shelf.gate.clear()
    loading = asyncio.create_task(cached.load(C1))
    await asyncio.sleep(0)
    shelf.gate.set()
    await cached.save(conversation(version=2), turn=turn(number=2))
    await loading
    assert await cached.load(C1) == conversation(version=2)


async def test_a_load_overtaken_by_a_delete_does_not_bring_the_conversation_back() -> None:
    shelf = Shelf()
    cached = CachedConversations(shelf, MemoryCache())
    shelf.kept[C1] = conversation()
    shelf.gate.clear()
    loading = asyncio.create_task(cached.load(C1))
    await asyncio.sleep(0)
    assert await cached.delete(C1) is True
    shelf.gate.set()
    await loading
    assert await cached.load(C1) is None


async def test_two_loads_at_once_leave_nothing_behind() -> None:
    shelf = Shelf()
    cached = CachedConversations(shelf, MemoryCache())
    shelf.kept[C1] = conversation()
    shelf.gate.clear()
    loading = [asyncio.create_task(cached.load(C1)) for _ in range(2)]
    await asyncio.sleep(0)
    shelf.gate.set()
    assert await asyncio.gather(*loading) == [conversation()] * 2
    assert not cached._loading


async def test_turns_come_from_the_repository() -> None:
    cached = CachedConversations(Shelf(), MemoryCache())
    assert await cached.turns(C1, after=3, limit=4) == (turn(number=7),)
    assert await cached.turn_of_message(C1, MessageId("m5")) == turn(message="m5")
