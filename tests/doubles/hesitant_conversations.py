"""A storage that takes its time when told to."""

from collections.abc import Awaitable, Callable, Sequence

from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation
from domain.names import ConversationId, MessageId
from domain.ports.conversations import Conversations

Pause = Callable[[], Awaitable[object]]


class HesitantConversations(Conversations):
    """The conversations of another storage. `before_load` is waited for before each load.

    `before_saves` holds what is waited for before the next saves, one each; None is no wait.
    """

    def __init__(self, inner: Conversations) -> None:
        self._inner = inner
        self.before_load: Pause | None = None
        self.before_saves: list[Pause | None] = []

    async def load(self, conversation_id: ConversationId) -> Conversation | None:
        if self.before_load is not None:
            await self.before_load()
        return await self._inner.load(conversation_id)

    async def save(self, conversation: Conversation, *, turn: Turn, invocations: Sequence[Invocation] = ()) -> None:
        pause = self.before_saves.pop(0) if self.before_saves else None
        if pause is not None:
            await pause()
        await self._inner.save(conversation, turn=turn, invocations=invocations)

    async def turns(self, conversation_id: ConversationId, *, after: int = 0, limit: int = 50) -> tuple[Turn, ...]:
        return await self._inner.turns(conversation_id, after=after, limit=limit)

    async def turn_of_message(self, conversation_id: ConversationId, message_id: MessageId) -> Turn | None:
        return await self._inner.turn_of_message(conversation_id, message_id)

    async def delete(self, conversation_id: ConversationId) -> bool:
        return await self._inner.delete(conversation_id)
