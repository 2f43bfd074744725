"""The knowledge base, observed."""

from collections.abc import Callable

from adapters.telemetry.metrics import KnowledgeOutcome, Metrics
from adapters.telemetry.stage import Stage
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.values import Unavailable


class ObservedKnowledgeBase(KnowledgeBase):
    """Times and traces each question, counts how it went."""

    def __init__(self, inner: KnowledgeBase, *, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def ask(
        self,
        question: str,
        *,
        conversation: ConversationId,
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None = None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """The inner answer."""
        with Stage("knowledge", self._metrics) as stage:
            answer = await self._inner.ask(
                question, conversation=conversation, language=language, deadline=deadline, pieces=pieces
            )
            outcome = _outcome(stage.checked(answer))
            stage.note(outcome=outcome)
            self._metrics.knowledge(outcome)
            return answer


def _outcome(answer: KnowledgeAnswer | Unavailable | None) -> KnowledgeOutcome:
    if answer is None:
        return "none"
    return "unavailable" if isinstance(answer, Unavailable) else "answered"
