"""Saves a turn and carries out what it asks for, each function call only after its record is safe."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from application.budget import Budget, in_time
from application.course import Course
from application.perform import Perform, outcome_event
from application.turn_in_progress import TurnInProgress
from domain.dialogue.conversation import Turn
from domain.dialogue.effect import Invoke
from domain.dialogue.invocation import Invocation, NotDone
from domain.errors import ConversationConflict, DeadlineExceeded, RepositoryUnavailable
from domain.intents.catalogue import Catalogue
from domain.ports.clock import Clock
from domain.ports.conversations import Conversations
from domain.values import Unavailable

SAVING_SECONDS = 30.0
PAUSES: Final = (0.1, 0.4, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between the tries to save what came of a call."""

_MAY_PASS: Final = (ConversationConflict, RepositoryUnavailable)


class CarryOut:
    """Save, call, save the outcome: what makes a function run at most once, and never unrecorded.

    A save that takes longer than `saving_seconds` is given up. One that fails is tried again after `pauses` where it is
    that of an outcome, on top of what others have saved meanwhile; when all is in vain the call is left to be settled.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        perform: Perform,
        clock: Clock,
        saving_seconds: float = SAVING_SECONDS,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._conversations = conversations
        self._perform = perform
        self._clock = clock
        self._saving_seconds = saving_seconds
        self._pauses = tuple(pauses)

    async def __call__(
        self, turn: TurnInProgress, settled: Invocation | None = None, *, course: Course | None = None
    ) -> Turn:
        """The turn as it was saved last.

        `settled` is an invocation whose outcome the turn has taken in but which is not saved yet. `course` notes how
        far it has come. Raises ConversationConflict when somebody else saved first, RepositoryUnavailable, and
        DeadlineExceeded for a save that takes too long, each of them only while nothing is saved and nothing called.
        """
        course = course or Course(Budget(self._clock))
        try:
            return await self._carried(turn, () if settled is None else (settled,), course)
        except (*_MAY_PASS, DeadlineExceeded):
            if course.record is None:
                raise
            return course.record

    async def _carried(self, turn: TurnInProgress, settled: tuple[Invocation, ...], course: Course) -> Turn:
        """`settled` are the calls of this turn that have come to an end; the last of them is not saved yet."""
        pending = _pending(turn)
        # Two intents of one message may want the very same call: it is made once and answers both.
        known = next((call for call in settled if pending is not None and call.key == pending.key), None)
        # Either way as deep as the queue of intents is long, which the machine bounds.
        if known is not None:
            return await self._carried(turn.after(outcome_event(known, turn.origin)), settled, course)
        calls = (*settled[-1:], *((pending,) if pending is not None else ()))
        turn, course.record = await self._saved_at_last(turn, calls, course)
        if pending is None:
            return course.record
        outcome = await self._called(pending, turn.catalogue, course)
        return await self._carried(turn.after(outcome_event(outcome, turn.origin)), (*settled, outcome), course)

    async def _saved_at_last(
        self, turn: TurnInProgress, invocations: tuple[Invocation, ...], course: Course
    ) -> tuple[TurnInProgress, Turn]:
        """The first save is tried once. From then on there is something to lose: what came of a call."""
        for pause in self._pauses if course.record is not None else ():
            try:
                return await self._saved(turn, invocations, course)
            except _MAY_PASS:
                await asyncio.sleep(pause)
            turn = await self._on_top(turn)
        return await self._saved(turn, invocations, course)

    async def _on_top(self, turn: TurnInProgress) -> TurnInProgress:
        """The turn after those that others have saved meanwhile; the same where that is not to be found out now.

        Raises ConversationConflict when the conversation does not wait for the call any more.
        """
        before = turn.conversation
        try:
            now = await self._conversations.load(before.id)
        except RepositoryUnavailable:
            return turn
        if now is None or now.state != before.state:
            raise ConversationConflict("the conversation does not wait for the call any more")
        return msgspec.structs.replace(turn, conversation=now)

    async def _saved(
        self, turn: TurnInProgress, invocations: tuple[Invocation, ...], course: Course
    ) -> tuple[TurnInProgress, Turn]:
        now = self._clock.now()
        conversation, record = turn.saved_conversation(now), turn.record(now)
        course.saving = True
        course.progress.stage("saving")
        save = self._conversations.save(conversation, turn=record, invocations=invocations)
        _refuse_late(await in_time(save, self._saving_seconds))
        return msgspec.structs.replace(turn, conversation=conversation), record

    async def _called(self, pending: Invocation, catalogue: Catalogue, course: Course) -> Invocation:
        """The call with its outcome."""
        if course.given_up:
            return pending.settled(NotDone("saved too late to be called"))
        course.progress.stage("acting")
        return await self._perform.invoke(pending, catalogue, seconds=course.budget.share("acting"))


def _refuse_late(saved: Unavailable | None) -> None:
    if saved is not None:
        raise DeadlineExceeded("the turn could not be saved in time")


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
