"""What the HTTP edge needs from the application."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from application.check_health import Health
from application.handle_turn import TurnReply, TurnRequest
from application.progress import UNSEEN, Progress
from domain.dialogue.conversation import Conversation, Turn
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion, ConversationId, UserId


class MessageHandler(Protocol):
    """Answers messages."""

    @abstractmethod
    async def __call__(self, request: TurnRequest, *, progress: Progress = UNSEEN) -> TurnReply:
        """The reply. Cancelling is safe: what was begun in earnest is finished all the same."""


class ConversationReader(Protocol):
    """Shows a conversation to its user. Every method raises SessionNotFound for anybody else."""

    @abstractmethod
    async def __call__(self, session_id: ConversationId, user_id: UserId) -> Conversation:
        """The conversation."""

    @abstractmethod
    async def turns(
        self, session_id: ConversationId, user_id: UserId, *, after: int = 0, limit: int = 50
    ) -> tuple[Turn, ...]:
        """Turns numbered above `after`, oldest first."""

    @abstractmethod
    async def turn(self, session_id: ConversationId, user_id: UserId, number: int) -> Turn:
        """One turn; raises TurnNotFound."""


@dataclass(frozen=True)
class UseCases:
    """The use cases behind the routes. `catalogue` gives the snapshot of a version (its thresholds explain a turn)."""

    handle_turn: MessageHandler
    read_conversation: ConversationReader
    delete_conversation: Callable[[ConversationId, UserId], Awaitable[None]]
    check_health: Callable[[], Awaitable[Health]]
    catalogue: Callable[[CatalogueVersion], Awaitable[PublishedCatalogue]]
