"""Conversations and turns."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select

from adapters.sql.database import Database
from adapters.sql.group_commit import GroupCommit
from adapters.sql.rows import CONVERSATION, TURN, rows_of
from adapters.sql.schema import conversations, turns
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation
from domain.names import ConversationId, MessageId
from domain.ports.conversations import Conversations

_LOAD = select(conversations.c.state).where(conversations.c.id == bindparam("id"))
_TURNS = (
    select(turns.c.document)
    .where(turns.c.conversation_id == bindparam("id"), turns.c.number > bindparam("after"))
    .order_by(turns.c.number)
    .limit(bindparam("limit"))
)
_TURN_OF_MESSAGE = select(turns.c.document).where(
    turns.c.conversation_id == bindparam("id"), turns.c.message_id == bindparam("message_id")
)
_DELETE_TURNS = delete(turns).where(turns.c.conversation_id == bindparam("id"))
_DELETE = delete(conversations).where(conversations.c.id == bindparam("id"))


class SqlConversations(Conversations):
    """Conversations in a database, which is open for as long as they are used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._saves = GroupCommit(database)

    async def load(self, conversation_id: ConversationId) -> Conversation | None:
        """One row, however long the history."""
        text = await self._database.read(lambda c: c.execute(_LOAD, {"id": conversation_id}).scalar_one_or_none())
        return None if text is None else CONVERSATION.value(text)

    async def save(self, conversation: Conversation, *, turn: Turn, invocations: Sequence[Invocation] = ()) -> None:
        """One transaction, shared with whoever saves at the same moment."""
        await self._saves.store(rows_of(conversation, turn, invocations))

    async def turns(self, conversation_id: ConversationId, *, after: int = 0, limit: int = 50) -> tuple[Turn, ...]:
        """One read."""
        page = {"id": conversation_id, "after": after, "limit": max(limit, 0)}
        texts = await self._database.read(lambda c: c.execute(_TURNS, page).scalars().all())
        return tuple(TURN.value(text) for text in texts)

    async def turn_of_message(self, conversation_id: ConversationId, message_id: MessageId) -> Turn | None:
        """One read."""
        key = {"id": conversation_id, "message_id": message_id}
        text = await self._database.read(lambda c: c.execute(_TURN_OF_MESSAGE, key).scalar_one_or_none())
        return None if text is None else TURN.value(text)

    async def delete(self, conversation_id: ConversationId) -> bool:
        """One transaction."""

        def remove(connection: Connection) -> bool:
            connection.execute(_DELETE_TURNS, {"id": conversation_id})
            return connection.execute(_DELETE, {"id": conversation_id}).rowcount > 0

        return await self._database.write(remove)
