"""Keeps conversations and their turns."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation
from domain.names import ConversationId, MessageId


class Conversations(Protocol):
    """Conversations by id. Every method raises RepositoryUnavailable when the storage does not answer."""

    @abstractmethod
    async def load(self, conversation_id: ConversationId) -> Conversation | None:
        """The conversation as last saved, or None. May come from a cache: a stale one loses at `save`."""

    @abstractmethod
    async def save(self, conversation: Conversation, *, turn: Turn, invocations: Sequence[Invocation] = ()) -> None:
        """Store conversation, turn and invocations in one transaction, all or nothing.

        The stored version must be `conversation.version - 1` (absent for version 1), otherwise
        ConversationConflict and nothing is stored. A turn or invocation that is there already is replaced. When this
        returns, a crash of the process loses none of it. Cancelling leaves either everything or nothing.
        """

    @abstractmethod
    async def turns(self, conversation_id: ConversationId, *, after: int = 0, limit: int = 50) -> tuple[Turn, ...]:
        """Turns with a number above `after`, oldest first, at most `limit`; empty for an unknown conversation."""

    @abstractmethod
    async def turn_of_message(self, conversation_id: ConversationId, message_id: MessageId) -> Turn | None:
        """The turn that answered a message, or None."""

    @abstractmethod
    async def delete(self, conversation_id: ConversationId) -> bool:
        """Remove the conversation and its turns; invocations stay for the record. False when it was not there."""
