"""Removes a conversation at its user's wish."""

from application.read_conversation import ReadConversation
from domain.names import ConversationId, UserId
from domain.ports.conversations import Conversations
from domain.ports.locks import Locks


class DeleteConversation:
    """Deletes a conversation and its turns once no message of it is being worked on."""

    def __init__(self, *, conversations: Conversations, locks: Locks, read: ReadConversation) -> None:
        self._conversations = conversations
        self._locks = locks
        self._read = read

    async def __call__(self, session_id: ConversationId, user_id: UserId) -> None:
        """Raises SessionNotFound when it is absent or another user's, ConversationBusy when it stays in use."""
        async with self._locks.hold(session_id, wait=10.0):
            await self._read(session_id, user_id)
            await self._conversations.delete(session_id)
