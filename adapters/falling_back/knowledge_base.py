"""A knowledge base with another behind it."""

import time
from collections.abc import Callable

from adapters.falling_back.both import Both
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.values import Unavailable


class FallingBackKnowledgeBase(Both, KnowledgeBase):
    """Asks `second` where `first` could not be asked; that the first has no answer is an answer.

    `reserve` is how many seconds of the deadline the first must leave to the second, though never more than half.
    `seconds` tells a time that never goes back, in seconds from anywhere.
    """

    def __init__(
        self,
        first: KnowledgeBase,
        second: KnowledgeBase,
        *,
        reserve: float = 1.0,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(first, second)
        self._first = first
        self._second = second
        self._reserve = reserve
        self._seconds = seconds

    async def ask(
        self,
        question: str,
        *,
        conversation: ConversationId,
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None = None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """The first one's answer, or the second one's; with both out of order, why the first is.

        Where the first broke off in the midst of its answer, nobody is told pieces of the second one's.
        """
        ends = self._seconds() + deadline
        share = deadline - min(self._reserve, deadline / 2)
        told = None if pieces is None else _Told(pieces)
        answer = await self._first.ask(
            question, conversation=conversation, language=language, deadline=share, pieces=told
        )
        if not isinstance(answer, Unavailable):
            return answer
        left = max(ends - self._seconds(), 0.0)
        other = await self._second.ask(
            question,
            conversation=conversation,
            language=language,
            deadline=left,
            pieces=None if told is not None and told.anything else pieces,
        )
        return answer if isinstance(other, Unavailable) else other


class _Told:
    """Passes pieces on, and knows whether there were any."""

    def __init__(self, pieces: Callable[[str], None]) -> None:
        self._pieces = pieces
        self.anything = False

    def __call__(self, text: str) -> None:
        self.anything = True
        self._pieces(text)
