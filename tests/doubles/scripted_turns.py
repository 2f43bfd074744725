"""Use cases that do as they are told, for tests of the HTTP edge."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from application.check_health import Health, PartHealth
from application.handle_turn import TurnReply, TurnRequest
from application.progress import UNSEEN, Progress, Stage
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.reply import Reply, ReplyOption, ReplySlot
from domain.dialogue.state import Collecting, Frame, State
from domain.dialogue.understanding import Candidate, Cue, Evidence, Segment, Understanding
from domain.errors import SessionNotFound, TurnNotFound
from domain.names import CatalogueVersion, ConversationId, EntityName, IntentName, Language, MessageId, SlotName, UserId
from domain.ports.knowledge_base import Passage
from domain.slots.entity import Entity
from tests.doubles.manual_clock import START

SESSION = ConversationId("5b0d6a52c1c94c6e9a5f2f0f3b1c7d10")
USER = UserId("u-1001")

CARD = ReplySlot("****1234", "****1234", 1.0, "pattern", is_validated=True, is_confirmed=False)
CITY = ReplySlot("北京", "帝都", 0.98, "dictionary", is_validated=True, is_confirmed=True)

FULL_REPLY = Reply(
    text="请问您要去哪个城市？",
    status="incomplete",
    response_type="slot_prompt",
    next_action="collect_missing_slots",
    message_type="intent_request",
    intent=IntentName("book_flight"),
    confidence=0.97,
    slots={SlotName("departure_city"): CITY, SlotName("card_number"): CARD},
    missing_slots=(SlotName("arrival_city"),),
    asked_slot=SlotName("arrival_city"),
    options=(ReplyOption(IntentName("book_movie"), "订电影票", 0.4),),
    pending_intents=(IntentName("weather"),),
    suspended_intents=(IntentName("check_balance"),),
    result={"order_id": "F1", "price": 880.5, "paid": True, "seats": 2},
    sources=(Passage("refunds.md", "退票规则", "起飞前 24 小时退票免手续费。", 0.82),),
    tier="local",
)
BARE_REPLY = Reply(
    text="您好！",
    status="intent_not_found",
    response_type="clarification_request",
    next_action="clarification",
    message_type="digression",
)


def replied(reply: Reply = FULL_REPLY, *, turn: int = 1) -> TurnReply:
    """A turn's outcome."""
    return TurnReply(
        session_id=SESSION, turn=turn, reply=reply, catalogue_version=CatalogueVersion(3), processing_ms=6.43219
    )


class ScriptedTurns:
    """Notes each request and gives what was set: a reply, or an error to raise.

    `outcomes` are for messages with these texts. `stages` and then `pieces` are seen of each; `meanwhile`, where set,
    happens after them. `stopped` lists the requests that were cancelled.
    """

    def __init__(self, outcome: TurnReply | Exception | None = None) -> None:
        self.outcome: TurnReply | Exception = outcome or replied()
        self.outcomes: dict[str, TurnReply | Exception] = {}
        self.stages: tuple[Stage, ...] = ()
        self.pieces: tuple[str, ...] = ()
        self.meanwhile: Callable[[TurnRequest], Awaitable[object]] | None = None
        self.requests: list[TurnRequest] = []
        self.stopped: list[TurnRequest] = []

    async def __call__(self, request: TurnRequest, *, progress: Progress = UNSEEN) -> TurnReply:
        """The outcome."""
        self.requests.append(request)
        for stage in self.stages:
            progress.stage(stage)
        for piece in self.pieces:
            progress.piece(piece)
        if self.meanwhile is not None:
            await self._wait(self.meanwhile(request), request)
        outcome = self.outcomes.get(request.text, self.outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _wait(self, meanwhile: Awaitable[object], request: TurnRequest) -> None:
        try:
            await meanwhile
        except asyncio.CancelledError:
            self.stopped.append(request)
            raise


def conversation(state: State | None = None, *, turns: int = 2) -> Conversation:
    """A conversation of the scripted user, in the middle of a booking."""
    booking = Frame(IntentName("book_flight"))
    return Conversation(
        id=SESSION,
        user_id=USER,
        version=turns,
        turns=turns,
        catalogue_version=CatalogueVersion(3),
        language=Language("zh-CN"),
        time_zone="Asia/Shanghai",
        state=Collecting(booking, SlotName("arrival_city")) if state is None else state,
        created_at=START,
        updated_at=START,
    )


def turn(number: int, reply: Reply = FULL_REPLY) -> Turn:
    """A stored turn."""
    city = Entity(EntityName("city"), 1, 3, "帝都", "北京", 0.98, "dictionary", SlotName("departure_city"), 0.9)
    candidates = (Candidate(IntentName("book_flight"), 0.97), Candidate(IntentName("book_movie"), 0.02))
    return Turn(
        conversation=SESSION,
        number=number,
        message_id=MessageId(f"m-{number}"),
        digest="d",
        text="从帝都出发",
        reply=reply,
        understanding=Understanding(
            "从帝都出发",
            (Segment("从帝都出发", candidates, (city,), "ticket"), Segment("")),
            (Cue("choose", "第一个", 1),),
            "local",
            is_question=True,
            evidence=(Evidence("local", "nearest example"),),
            degraded=("model",),
        ),
        rule="request",
        processing_ms=5.5,
        catalogue_version=CatalogueVersion(3),
        at=START,
    )


class ScriptedReader:
    """One user's conversation and its turns."""

    def __init__(self, found: Conversation | None = None, turns: Sequence[Turn] = ()) -> None:
        self.conversation = found or conversation()
        self.stored = tuple(turns) or (turn(1), turn(2))
        self.error: Exception | None = None

    async def __call__(self, session_id: ConversationId, user_id: UserId) -> Conversation:
        """The conversation, to its user."""
        if self.error is not None:
            raise self.error
        if (session_id, user_id) != (self.conversation.id, self.conversation.user_id):
            raise SessionNotFound("no such session for this user")
        return self.conversation

    async def turns(
        self, session_id: ConversationId, user_id: UserId, *, after: int = 0, limit: int = 50
    ) -> tuple[Turn, ...]:
        """A page of the turns."""
        await self(session_id, user_id)
        return tuple(turn for turn in self.stored if turn.number > after)[:limit]

    async def turn(self, session_id: ConversationId, user_id: UserId, number: int) -> Turn:
        """One turn."""
        found = await self.turns(session_id, user_id, after=number - 1, limit=1)
        if not found:
            raise TurnNotFound(f"the session has no turn {number}")
        return found[0]


class ScriptedDeletion:
    """Notes what was deleted, where the reader has it."""

    def __init__(self, reader: ScriptedReader) -> None:
        self._reader = reader
        self.deleted: list[ConversationId] = []

    async def __call__(self, session_id: ConversationId, user_id: UserId) -> None:
        """Delete it."""
        await self._reader(session_id, user_id)
        self.deleted.append(session_id)


class ScriptedHealth:
    """The health that was set."""

    def __init__(self) -> None:
        self.parts: tuple[PartHealth, ...] = (PartHealth("repository", "ok", "sqlite", required=True),)
        self.state: str = "ok"

    def down(self) -> None:
        """The required part fails, and an optional one too."""
        self.parts = (
            PartHealth("repository", "down", "sqlite", "the disk is full", required=True),
            PartHealth("model", "down", "xinference", "start it"),
        )
        self.state = "down"

    async def __call__(self) -> Health:
        """The health."""
        return Health("down" if self.state == "down" else "ok", self.parts)
