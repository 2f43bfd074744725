"""Effects to outcomes, failures as values."""

from collections.abc import Callable
from typing import Final, assert_never

from application.budget import in_time
from domain.dialogue.effect import Answer
from domain.dialogue.event import ActionFailed, ActionSucceeded
from domain.dialogue.invocation import Invocation, NotDone, Refused, Succeeded, Unknown
from domain.intents.catalogue import Catalogue
from domain.names import ConversationId
from domain.ports.functions import Functions
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.values import Unavailable

ANSWER_SECONDS: Final = 5.0
ACTION_SECONDS: Final = 30.0

_GRACE: Final = 1.1
"""A part that keeps its deadline itself is given up only after so many times its deadline."""


class Perform:
    """Asks the knowledge base and calls functions."""

    def __init__(self, *, knowledge: KnowledgeBase, functions: Functions) -> None:
        self._knowledge = knowledge
        self._functions = functions

    async def answer(
        self,
        effect: Answer,
        *,
        conversation: ConversationId,
        language: str,
        seconds: float = ANSWER_SECONDS,
        pieces: Callable[[str], None] | None = None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """What the knowledge base says; None when it has no answer, Unavailable when it could not be asked in time.

        `pieces` is called with pieces of the answer as they come.
        """
        asking = self._knowledge.ask(
            effect.question, conversation=conversation, language=language, deadline=seconds, pieces=pieces
        )
        return await in_time(asking, _GRACE * seconds)

    async def invoke(
        self, invocation: Invocation, catalogue: Catalogue, *, seconds: float = ACTION_SECONDS
    ) -> Invocation:
        """Call the function of a saved invocation; the same invocation with its outcome comes back.

        It may take so many seconds, or as long as the function's own time-out: a try cut short of that leaves in
        doubt what need not be.
        """
        function = catalogue.functions[invocation.function]
        deadline = max(seconds, function.timeout_seconds)
        calling = self._functions.invoke(invocation, function, deadline=deadline)
        outcome = await in_time(calling, _GRACE * deadline)
        return invocation.settled(Unknown("no outcome in time") if isinstance(outcome, Unavailable) else outcome)


def outcome_event(invocation: Invocation, origin: str) -> ActionSucceeded | ActionFailed:
    """What a settled invocation means to the conversation. Raises ValueError for a pending one."""
    match invocation.outcome:
        case Succeeded(result):
            return ActionSucceeded(invocation.key, origin, result)
        case Refused(message):
            return ActionFailed(invocation.key, origin, "refused", message)
        case NotDone():
            return ActionFailed(invocation.key, origin, "not_done")
        case Unknown():
            return ActionFailed(invocation.key, origin, "unknown")
        case None:
            raise ValueError("a pending invocation has no outcome yet")
        case _:
            assert_never(invocation.outcome)
