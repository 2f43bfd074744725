"""Conversations, the ones in use from a cache."""

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation
from domain.errors import PartUnavailable, RepositoryUnavailable
from domain.names import ConversationId, MessageId
from domain.ports.cache import Cache
from domain.ports.conversations import Conversations


class CachedConversations(Conversations):
    """Loads from `cache` first; saves to `repository`, then to the cache, where they stay for `seconds`.

    Another process may have saved since: such a stale conversation loses at `save`, which drops it, so that
    the next `load` reads what is true.
    """

    def __init__(self, repository: Conversations, cache: Cache, *, seconds: float = 7200.0) -> None:
        self._repository = repository
        self._cache = cache
        self._seconds = seconds
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(Conversation)
        self._loading: dict[ConversationId, object] = {}

    async def load(self, conversation_id: ConversationId) -> Conversation | None:
        """From the cache, or else from the repository and into the cache."""
        document = await self._cache.get(_key(conversation_id))
        if document is not None:
            with suppress(msgspec.MsgspecError):  # another release wrote it; the repository knows better
                return self._decoder.decode(document)
        return await self._load_through(conversation_id)

    async def _load_through(self, conversation_id: ConversationId) -> Conversation | None:
        mine = self._loading[conversation_id] = object()
        try:
            conversation = await self._repository.load(conversation_id)
            # A save or delete in the meantime has taken the mark away: what was read may be old.
            if conversation is not None and self._loading.get(conversation_id) is mine:
                await self._keep(conversation)
        finally:
            if self._loading.get(conversation_id) is mine:
                del self._loading[conversation_id]
        return conversation

    async def save(self, conversation: Conversation, *, turn: Turn, invocations: Sequence[Invocation] = ()) -> None:
        """To the repository, then to the cache; forgotten by the cache when the repository did not take it."""
        try:
            await self._repository.save(conversation, turn=turn, invocations=invocations)
        except BaseException:
            # When the cache fails as well, the stale copy loses again; the reason for this failure matters more.
            with suppress(PartUnavailable):
                await self._cache.drop(_key(conversation.id))
            raise
        finally:
            self._loading.pop(conversation.id, None)
        await self._keep(conversation)

    async def turns(self, conversation_id: ConversationId, *, after: int = 0, limit: int = 50) -> tuple[Turn, ...]:
        """From the repository."""
        return await self._repository.turns(conversation_id, after=after, limit=limit)

    async def turn_of_message(self, conversation_id: ConversationId, message_id: MessageId) -> Turn | None:
        """From the repository."""
        return await self._repository.turn_of_message(conversation_id, message_id)

    async def delete(self, conversation_id: ConversationId) -> bool:
        """From both. RepositoryUnavailable when the cache may still hold it: repeat the call."""
        try:
            removed = await self._repository.delete(conversation_id)
        finally:
            self._loading.pop(conversation_id, None)
        try:
            await self._cache.drop(_key(conversation_id))
        except PartUnavailable as error:
            raise RepositoryUnavailable("a deleted conversation may still be in the cache") from error
        return removed

    async def _keep(self, conversation: Conversation) -> None:
        await self._cache.put(_key(conversation.id), self._encoder.encode(conversation), seconds=self._seconds)


def _key(conversation_id: ConversationId) -> str:
    return f"conversation:{conversation_id}"
