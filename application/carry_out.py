"""Saves a turn and carries out what it asks for, each function call only after its record is safe."""

import msgspec

from application.perform import Perform, outcome_event
from application.turn_in_progress import TurnInProgress
from domain.dialogue.conversation import Turn
from domain.dialogue.effect import Invoke
from domain.dialogue.invocation import Invocation
from domain.ports.clock import Clock
from domain.ports.conversations import Conversations


class CarryOut:
    """Save, call, save the outcome: what makes a function run at most once, and never unrecorded."""

    def __init__(self, *, conversations: Conversations, perform: Perform, clock: Clock) -> None:
        self._conversations = conversations
        self._perform = perform
        self._clock = clock

    async def __call__(self, turn: TurnInProgress, settled: Invocation | None = None) -> Turn:
        """The turn as it was saved last.

        `settled` is an invocation whose outcome the turn has taken in but which is not saved yet. Raises
        ConversationConflict when somebody else saved first, before anything was called, and RepositoryUnavailable.
        """
        pending = _pending(turn, settled)
        turn, record = await self._saved(turn, settled, pending)
        if pending is None:
            return record
        outcome = await self._perform.invoke(pending, turn.catalogue)
        # As deep as the queue of intents is long, which the machine bounds.
        return await self(turn.after(outcome_event(outcome, turn.origin)), outcome)

    async def _saved(
        self, turn: TurnInProgress, settled: Invocation | None, pending: Invocation | None
    ) -> tuple[TurnInProgress, Turn]:
        now = self._clock.now()
        conversation, record = turn.saved_conversation(now), turn.record(now)
        invocations = tuple(invocation for invocation in (settled, pending) if invocation is not None)
        await self._conversations.save(conversation, turn=record, invocations=invocations)
        return msgspec.structs.replace(turn, conversation=conversation), record


def _pending(turn: TurnInProgress, settled: Invocation | None) -> Invocation | None:
    """The invocation that the last step asks for, if any."""
    last = turn.made.effects[-1] if turn.made.effects else None
    if not isinstance(last, Invoke) or (settled is not None and settled.key == last.key):
        return None
    return Invocation(
        key=last.key,
        conversation=turn.conversation.id,
        turn=turn.number,
        function=last.function,
        arguments=last.arguments,
        created_at=turn.arrived,
    )
