"""No knowledge base."""

from collections.abc import Callable

from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.values import Unavailable


class AbsentKnowledgeBase(KnowledgeBase):
    """Stands where no knowledge base is configured."""

    async def ask(
        self,
        question: str,  # noqa: ARG002 - the port asks for it
        *,
        conversation: ConversationId,  # noqa: ARG002 - the port asks for it
        language: str,  # noqa: ARG002 - the port asks for it
        deadline: float,  # noqa: ARG002 - the port asks for it
        pieces: Callable[[str], None] | None = None,  # noqa: ARG002 - the port asks for it
    ) -> KnowledgeAnswer | Unavailable | None:
        """Unavailable, always and at once: that nothing was asked is not that nothing was found."""
        return Unavailable("not_configured")
