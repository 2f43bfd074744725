"""Effects to outcomes, failures as values."""

from typing import assert_never

from domain.dialogue.effect import Answer
from domain.dialogue.event import ActionFailed, ActionSucceeded
from domain.dialogue.invocation import Invocation, NotDone, Refused, Succeeded, Unknown
from domain.intents.catalogue import Catalogue
from domain.names import ConversationId
from domain.ports.functions import Functions
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.values import Unavailable

ANSWER_SECONDS = 5.0
ACTION_SECONDS = 30.0


class Perform:
    """Asks the knowledge base and calls functions."""

    def __init__(self, *, knowledge: KnowledgeBase, functions: Functions) -> None:
        self._knowledge = knowledge
        self._functions = functions

    async def answer(
        self, effect: Answer, *, conversation: ConversationId, language: str
    ) -> KnowledgeAnswer | Unavailable | None:
        """What the knowledge base says; None when it has no answer, Unavailable when it could not be asked."""
        return await self._knowledge.ask(
            effect.question, conversation=conversation, language=language, deadline=ANSWER_SECONDS
        )

    async def invoke(self, invocation: Invocation, catalogue: Catalogue) -> Invocation:
        """Call the function of a saved invocation; the same invocation with its outcome comes back."""
        function = catalogue.functions[invocation.function]
        outcome = await self._functions.invoke(invocation, function, deadline=ACTION_SECONDS)
        return invocation.settled(outcome)


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
