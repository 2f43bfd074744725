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
        return await self._carried(turn, () if settled is None else (settled,))

    async def _carried(self, turn: TurnInProgress, settled: tuple[Invocation, ...]) -> Turn:
        """`settled` are the calls of this turn that have come to an end; the last of them is not saved yet."""
        pending = _pending(turn)
        # Two intents of one message may want the very same call: it is made once and answers both.
        known = next((call for call in settled if pending is not None and call.key == pending.key), None)
        # Either way as deep as the queue of intents is long, which the machine bounds.
        if known is not None:
            return await self._carried(turn.after(outcome_event(known, turn.origin)), settled)
        turn, record = await self._saved(turn, (*settled[-1:], *((pending,) if pending is not None else ())))
        if pending is None:
            return record
        outcome = await self._perform.invoke(pending, turn.catalogue)
        return await self._carried(turn.after(outcome_event(outcome, turn.origin)), (*settled, outcome))

    async def _saved(self, turn: TurnInProgress, invocations: tuple[Invocation, ...]) -> tuple[TurnInProgress, Turn]:
        now = self._clock.now()
        conversation, record = turn.saved_conversation(now), turn.record(now)
        await self._conversations.save(conversation, turn=record, invocations=invocations)
        return msgspec.structs.replace(turn, conversation=conversation), record


def _pending(turn: TurnInProgress) -> Invocation | None:
    """The invocation that the last step asks for, if any."""
    last = turn.made.effects[-1] if turn.made.effects else None
    if not isinstance(last, Invoke):
        return None
    return Invocation(
        key=last.key,
        conversation=turn.conversation.id,
        turn=turn.number,
        function=last.function,
        arguments=last.arguments,
        created_at=turn.arrived,
    )
