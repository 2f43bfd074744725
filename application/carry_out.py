"""Saves a turn and carries out what it asks for, each function call only after its record is safe."""

import msgspec

from application.budget import Budget, in_time
from application.course import Course
from application.perform import Perform, outcome_event
from application.turn_in_progress import TurnInProgress
from domain.dialogue.conversation import Turn
from domain.dialogue.effect import Invoke
from domain.dialogue.invocation import Invocation, NotDone
from domain.errors import DeadlineExceeded
from domain.intents.catalogue import Catalogue
from domain.ports.clock import Clock
from domain.ports.conversations import Conversations
from domain.values import Unavailable

SAVING_SECONDS = 30.0


class CarryOut:
    """Save, call, save the outcome: what makes a function run at most once, and never unrecorded.

    A save that takes longer than `saving_seconds` is given up.
    """

    def __init__(
        self, *, conversations: Conversations, perform: Perform, clock: Clock, saving_seconds: float = SAVING_SECONDS
    ) -> None:
        self._conversations = conversations
        self._perform = perform
        self._clock = clock
        self._saving_seconds = saving_seconds

    async def __call__(
        self, turn: TurnInProgress, settled: Invocation | None = None, *, course: Course | None = None
    ) -> Turn:
        """The turn as it was saved last.

        `settled` is an invocation whose outcome the turn has taken in but which is not saved yet. `course` notes how
        far it has come. Raises ConversationConflict when somebody else saved first, before anything was called,
        RepositoryUnavailable, and DeadlineExceeded for a save that takes too long.
        """
        course = course or Course(Budget(self._clock))
        return await self._carried(turn, () if settled is None else (settled,), course)

    async def _carried(self, turn: TurnInProgress, settled: tuple[Invocation, ...], course: Course) -> Turn:
        """`settled` are the calls of this turn that have come to an end; the last of them is not saved yet."""
        pending = _pending(turn)
        # Two intents of one message may want the very same call: it is made once and answers both.
        known = next((call for call in settled if pending is not None and call.key == pending.key), None)
        # Either way as deep as the queue of intents is long, which the machine bounds.
        if known is not None:
            return await self._carried(turn.after(outcome_event(known, turn.origin)), settled, course)
        calls = (*settled[-1:], *((pending,) if pending is not None else ()))
        turn, course.record = await self._saved(turn, calls, course)
        if pending is None:
            return course.record
        outcome = await self._called(pending, turn.catalogue, course)
        return await self._carried(turn.after(outcome_event(outcome, turn.origin)), (*settled, outcome), course)

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
