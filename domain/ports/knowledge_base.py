"""Answers questions from documents."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from domain.names import ConversationId
from domain.values import Unavailable, Value


class Passage(Value, frozen=True):
    """Where an answer comes from: document, heading, the quoted words, how well they fit (0..1)."""

    source: str
    title: str
    quote: str
    score: float


class KnowledgeAnswer(Value, frozen=True):
    """An answer and its sources, best first; never without a source."""

    text: str
    passages: tuple[Passage, ...]


class KnowledgeBase(Protocol):
    """Answers what no intent covers."""

    @abstractmethod
    async def ask(
        self,
        question: str,
        *,
        conversation: ConversationId,
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None = None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """The answer; None when the documents do not answer the question; Unavailable when they could not be asked.

        Never invents: each answer quotes a passage. Safe to repeat; cancelling stops the work. Takes at most
        `deadline` seconds. `pieces` is called with pieces of the answer in order as they come, none of them empty,
        and never after this has returned; an answer may come without any, and what is returned is what counts.
        """
