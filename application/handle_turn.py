"""The main path: one utterance in, one reply out, everything saved."""

import hashlib
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from application.budget import TURN_SECONDS, Budget
from application.carry_out import CarryOut
from application.catalogue_library import CatalogueLibrary
from application.course import Course
from application.perform import Perform
from application.progress import UNSEEN, Progress
from application.turn_in_progress import TurnInProgress, digest_of
from application.turns_under_way import TurnsUnderWay
from application.understand import Understand
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.effect import Answer, Effect
from domain.dialogue.event import Answered, Chosen, Elapsed, Event, Understood
from domain.dialogue.expectation import expect
from domain.dialogue.machine import advance
from domain.dialogue.reply import Reply
from domain.dialogue.state import Closed, Idle, State
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Segment, Understanding
from domain.errors import ConversationConflict, InvalidRequest, MessageConflict, SessionNotFound
from domain.intents.catalogue import PublishedCatalogue
from domain.names import ConversationId, IntentName, MessageId, UserId
from domain.ports.clock import Clock
from domain.ports.conversations import Conversations
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.ports.locks import Locks
from domain.values import Value

ENDING_SECONDS: Final = 10.0
TRIES: Final = 5
"""How often a turn is tried that others overtake."""


class TurnRequest(Value, frozen=True, kw_only=True):
    """What a client sends: text (cleaned, not empty) or a choice from the open offer."""

    user_id: UserId
    text: str
    choice: IntentName | None = None
    session_id: ConversationId | None = None
    message_id: MessageId | None = None
    time_zone: str | None = None


class TurnReply(Value, frozen=True, kw_only=True):
    """What a client gets. `repeated` is True for the stored reply to a message that came again.

    `processing_ms` is the time from arrival until everything was saved; for a repeated reply, of the first time.
    """

    session_id: ConversationId
    turn: int
    reply: Reply
    catalogue_version: int
    processing_ms: float
    repeated: bool = False


class HandleTurn:
    """Conducts one turn: load, understand, advance, answer, carry out, save.

    Messages of one conversation are served in the order they came. A function is invoked only after the
    conversation, the turn and the invocation are saved together, and its outcome enters as the next event. A turn
    that finds at its first save that another process has saved the conversation meanwhile begins again.

    A turn takes `turn_seconds` at most. One whose caller does not wait so long, or has left, goes on by itself from
    its first save; the end of the `async with` block waits for those, though not longer than `ending_seconds`.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        library: CatalogueLibrary,
        locks: Locks,
        clock: Clock,
        understand: Understand,
        perform: Perform,
        carry_out: CarryOut,
        turn_seconds: float = TURN_SECONDS,
        ending_seconds: float = ENDING_SECONDS,
    ) -> None:
        self._conversations = conversations
        self._library = library
        self._locks = locks
        self._clock = clock
        self._understand = understand
        self._perform = perform
        self._carry_out = carry_out
        self._turn_seconds = turn_seconds
        self._ending_seconds = ending_seconds
        self._under_way = TurnsUnderWay()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._under_way.ended(within=self._ending_seconds)

    async def __call__(self, request: TurnRequest, *, progress: Progress = UNSEEN) -> TurnReply:
        """The reply to one message.

        Raises SessionNotFound for a session that is absent or another user's, MessageConflict when the message
        id was used with another body, InvalidRequest for an unknown time zone, ConversationBusy,
        RepositoryUnavailable, and DeadlineExceeded when nothing could be saved in time. Nothing is answered that was
        not saved: while a function takes too long, or its outcome cannot be saved, the reply says that it is under way.
        Cancelling stops a turn of which nothing is being saved yet; any other one is finished all the same.
        """
        arrived = self._clock.now()
        course = Course(Budget(self._clock, self._turn_seconds), progress)
        work = self._turn(request, arrived, course)
        outcome = await self._under_way.outcome(work, course, seconds=self._turn_seconds)
        return outcome if isinstance(outcome, TurnReply) else self._replied(outcome, arrived)

    async def _turn(self, request: TurnRequest, arrived: datetime, course: Course) -> TurnReply:
        conversation_id = request.session_id or self._first_id(request)
        async with self._locks.hold(conversation_id, wait=course.budget.share("waiting")):
            for _ in range(TRIES - 1):
                try:
                    return await self._served(conversation_id, request, arrived, course)
                except ConversationConflict:
                    if course.given_up:
                        raise
                    # An old copy was loaded, or somebody saved who has another lock: nothing was called for it yet.
                    course.begin_again()
            return await self._served(conversation_id, request, arrived, course)

    async def _served(
        self, conversation_id: ConversationId, request: TurnRequest, arrived: datetime, course: Course
    ) -> TurnReply:
        conversation = await self._conversations.load(conversation_id)
        if conversation is None and request.session_id is None:
            conversation = self._opened(conversation_id, request, arrived)
        if conversation is None or conversation.user_id != request.user_id:
            raise SessionNotFound("no such session for this user")
        repeated = await self._repeated(request, conversation)
        if repeated is not None:
            return _reply(repeated, repeated.processing_ms, repeated=True)
        return self._replied(await self._handled(request, conversation, arrived, course), arrived)

    def _replied(self, turn: Turn, arrived: datetime) -> TurnReply:
        return _reply(turn, (self._clock.now() - arrived) / timedelta(milliseconds=1))

    def _first_id(self, request: TurnRequest) -> ConversationId:
        """The id of a conversation to open: the same again when its first message is sent again."""
        if request.message_id is None:
            return ConversationId(self._clock.new_id())
        material = msgspec.json.encode([request.user_id, request.message_id])
        return ConversationId(hashlib.sha256(material).hexdigest()[:32])

    def _opened(self, conversation_id: ConversationId, request: TurnRequest, now: datetime) -> Conversation:
        published = self._library.current()
        return Conversation(
            id=conversation_id,
            user_id=request.user_id,
            catalogue_version=published.version,
            language=published.catalogue.language,
            time_zone=request.time_zone or published.catalogue.policies.time_zone,
            created_at=now,
            updated_at=now,
        )

    async def _repeated(self, request: TurnRequest, conversation: Conversation) -> Turn | None:
        """The turn that answered the message before; raises MessageConflict when its body was another."""
        if request.message_id is None or conversation.turns == 0:
            return None
        turn = await self._turn_of(request.message_id, conversation)
        if turn is not None and turn.digest != _digest(request):
            raise MessageConflict("this message_id was used before with another body")
        return turn

    async def _turn_of(self, message_id: MessageId, conversation: Conversation) -> Turn | None:
        """Looked up in the storage only when the conversation itself cannot say that the message is new."""
        known = any(message.message_id == message_id for message in conversation.recent)
        if not known and conversation.turns == len(conversation.recent):
            return None
        return await self._conversations.turn_of_message(conversation.id, message_id)

    async def _handled(
        self, request: TurnRequest, conversation: Conversation, arrived: datetime, course: Course
    ) -> Turn:
        conversation, before = self._awake(conversation, arrived)
        published = await self._library.version(conversation.catalogue_version)
        now = arrived.astimezone(_zone(request.time_zone or conversation.time_zone))
        heard = await self._heard(request, before.state, published, now, course)
        turn = TurnInProgress(
            conversation=conversation,
            published=published,
            number=conversation.turns + 1,
            message_id=request.message_id,
            digest=_digest(request),
            text=request.text,
            arrived=arrived,
            now=now,
            heard=heard,
            made=before,
        )
        turn = turn.after(_event(request, heard, turn.origin))
        return await self._carry_out(await self._answered(turn, course), course=course)

    def _awake(self, conversation: Conversation, now: datetime) -> tuple[Conversation, Transition]:
        """The conversation ready for a message: one that expired or was closed starts afresh."""
        state: State = conversation.state
        effects: tuple[Effect, ...] = ()
        current = self._library.current()
        idle = timedelta(minutes=current.catalogue.policies.idle_minutes)
        if not isinstance(state, Closed) and now - conversation.updated_at > idle:
            elapsed = advance(state, Elapsed(), catalogue=current.catalogue, now=now)
            state, effects = elapsed.state, elapsed.effects
        if isinstance(state, Closed):
            language = current.catalogue.language
            conversation = msgspec.structs.replace(conversation, catalogue_version=current.version, language=language)
            return conversation, Transition(Idle(), effects, "expired" if effects else "incomplete")
        return conversation, Transition(state)

    async def _heard(
        self, request: TurnRequest, state: State, published: PublishedCatalogue, now: datetime, course: Course
    ) -> Understanding:
        course.progress.stage("understanding")
        if request.choice is not None:
            return Understanding("", (Segment(""),), tier="context")
        expectation = expect(state, published.catalogue)
        seconds = course.budget.share("understanding")
        return await self._understand(
            request.text, published=published, expectation=expectation, now=now, seconds=seconds
        )

    async def _answered(self, turn: TurnInProgress, course: Course) -> TurnInProgress:
        """The turn with the knowledge base's answer, where one was wanted."""
        question = next((effect for effect in turn.made.effects if isinstance(effect, Answer)), None)
        if question is None:
            return turn
        course.progress.stage("answering")
        answer = await self._perform.answer(
            question,
            conversation=turn.conversation.id,
            language=turn.catalogue.language,
            seconds=course.budget.share("answering"),
            pieces=course.progress.piece,
        )
        found = answer if isinstance(answer, KnowledgeAnswer) else None
        turn = turn.after(Answered(found is not None, turn.origin))
        return msgspec.structs.replace(turn, answer=found)


def _reply(turn: Turn, processing_ms: float, *, repeated: bool = False) -> TurnReply:
    return TurnReply(
        session_id=turn.conversation,
        turn=turn.number,
        reply=turn.reply,
        catalogue_version=turn.catalogue_version,
        processing_ms=processing_ms,
        repeated=repeated,
    )


def _event(request: TurnRequest, heard: Understanding, origin: str) -> Event:
    return Understood(heard, origin) if request.choice is None else Chosen(request.choice, origin)


def _digest(request: TurnRequest) -> str:
    return digest_of(request.text, request.choice, request.time_zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(f"unknown time zone {name!r}", {"time_zone": name}) from error
