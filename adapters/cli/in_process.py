"""A conversation with the use cases in this very process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec

from adapters.cli.conversing import Interlocutor, ShownReasons, ShownSlot, ShownTurn
from adapters.cli.runtime import Conversing
from application.handle_turn import TurnRequest
from domain.names import ConversationId, UserId


class InProcess(Interlocutor):
    """Asks the use cases directly."""

    def __init__(self, use_cases: Conversing, *, user: str) -> None:
        self._use_cases = use_cases
        self._user = UserId(user)
        self.language = use_cases.language

    async def say(self, text: str, session_id: str | None) -> ShownTurn:
        """One turn of HandleTurn."""
        session = ConversationId(session_id) if session_id is not None else None
        answered = await self._use_cases.handle_turn(TurnRequest(user_id=self._user, text=text, session_id=session))
        reply = answered.reply
        return ShownTurn(
            response=reply.text,
            session_id=answered.session_id,
            turn=answered.turn,
            status=reply.status,
            intent=reply.intent,
            confidence=reply.confidence,
            tier=reply.tier,
            slots={name: msgspec.convert(slot, ShownSlot, from_attributes=True) for name, slot in reply.slots.items()},
            missing_slots=reply.missing_slots,
            processing_time_ms=answered.processing_ms,
        )

    async def why(self, session_id: str, turn: int) -> ShownReasons:
        """The stored turn."""
        stored = await self._use_cases.read_conversation.turn(ConversationId(session_id), self._user, turn)
        heard = msgspec.convert(stored.understanding, ShownReasons, from_attributes=True)
        return msgspec.structs.replace(heard, turn=stored.number, input=stored.text, rule=stored.rule)


@asynccontextmanager
async def in_process(parts: AbstractAsyncContextManager[Conversing], *, user: str) -> AsyncIterator[InProcess]:
    """The use cases while their parts are up."""
    async with parts as use_cases:
        yield InProcess(use_cases, user=user)
