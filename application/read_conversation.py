"""Shows a conversation to the user it belongs to."""

from domain.dialogue.conversation import Conversation, Turn
from domain.errors import SessionNotFound, TurnNotFound
from domain.names import ConversationId, UserId
from domain.ports.conversations import Conversations


class ReadConversation:
    """A conversation, its turns, and why a turn went as it did; 404 to anybody but its user."""

    def __init__(self, *, conversations: Conversations) -> None:
        self._conversations = conversations

    async def __call__(self, session_id: ConversationId, user_id: UserId) -> Conversation:
        """The conversation. Raises SessionNotFound when it is absent or another user's."""
        conversation = await self._conversations.load(session_id)
        if conversation is None or conversation.user_id != user_id:
            raise SessionNotFound("no such session for this user")
        return conversation

    async def turns(
        self, session_id: ConversationId, user_id: UserId, *, after: int = 0, limit: int = 50
    ) -> tuple[Turn, ...]:
        """Turns numbered above `after`, oldest first. Raises SessionNotFound."""
        await self(session_id, user_id)
        return await self._conversations.turns(session_id, after=after, limit=limit)

    async def turn(self, session_id: ConversationId, user_id: UserId, number: int) -> Turn:
        """One turn with the evidence behind it. Raises SessionNotFound or TurnNotFound."""
        found = await self.turns(session_id, user_id, after=number - 1, limit=1)
        if not found or found[0].number != number:
            raise TurnNotFound(f"the session has no turn {number}")
        return found[0]
