"""Values to store."""

from datetime import timedelta

from domain.dialogue.conversation import Conversation, RecentMessage, Turn
from domain.dialogue.invocation import Invocation, InvocationOutcome
from domain.dialogue.reply import Reply, ReplySlot
from domain.dialogue.state import Collecting, Frame, State
from domain.dialogue.understanding import Candidate, Evidence, Segment, Understanding
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Function, Intent
from domain.names import (
    CatalogueVersion,
    ConversationId,
    EntityName,
    FunctionName,
    IntentName,
    InvocationKey,
    Language,
    MessageId,
    SlotName,
    UserId,
)
from domain.slots.checks import Check
from domain.slots.entity import Entity
from domain.slots.entity_type import EntityType
from domain.slots.slot import Slot, SlotValue
from tests.doubles.manual_clock import START

BOOK = IntentName("book_flight")
CITY = SlotName("departure_city")
FRAME = Frame(BOOK, {CITY: SlotValue("北京", "帝都", 0.93)})


def conversation(
    name: str = "c1",
    version: int = 1,
    *,
    state: State | None = None,
    turns: int | None = None,
    user: str = "小明",
) -> Conversation:
    """A conversation after `version` saves; `turns` is the same number unless told."""
    return Conversation(
        id=ConversationId(name),
        user_id=UserId(user),
        version=version,
        turns=version if turns is None else turns,
        catalogue_version=CatalogueVersion(1),
        language=Language("zh-CN"),
        time_zone="Asia/Shanghai",
        state=Collecting(FRAME, CITY) if state is None else state,
        recent=(RecentMessage(MessageId(f"m{version}"), version),),
        created_at=START,
        updated_at=START + timedelta(seconds=version),
    )


def turn(name: str = "c1", number: int = 1, *, text: str = "从北京出发", message: str | None = "") -> Turn:
    """A turn; its message id is `m<number>` unless told."""
    return Turn(
        conversation=ConversationId(name),
        number=number,
        message_id=MessageId(f"m{number}") if message == "" else None if message is None else MessageId(message),
        digest="d" * 40,
        text=text,
        reply=Reply(
            text=f"好的：{text}",
            status="incomplete",
            response_type="slot_prompt",
            next_action="collect_missing_slots",
            message_type="slot_filling",
            intent=BOOK,
            confidence=0.75,
            slots={CITY: ReplySlot("北京", "帝都", 0.93, "dictionary", is_validated=True, is_confirmed=False)},
            missing_slots=(SlotName("arrival_city"),),
        ),
        understanding=Understanding(
            text,
            (Segment(text, (Candidate(BOOK, 0.75),), (Entity(EntityName("city"), 1, 3, "北京", "北京"),)),),
            tier="local",
            evidence=(Evidence("local", "离示例很近"),),
        ),
        rule="collecting",
        processing_ms=3.5,
        catalogue_version=CatalogueVersion(1),
        at=START + timedelta(seconds=number),
    )


def invocation(
    key: str = "k1", name: str = "c1", number: int = 1, *, outcome: InvocationOutcome | None = None, after: float = 0
) -> Invocation:
    """A call made `after` seconds past the start."""
    return Invocation(
        key=InvocationKey(key),
        conversation=ConversationId(name),
        turn=number,
        function=FunctionName("book_flight"),
        arguments={"from": "北京", "passengers": 2, "price": 1.5, "insured": True},
        created_at=START + timedelta(seconds=after),
        outcome=outcome,
    )


def catalogue(title: str = "订机票", *, slots: tuple[str, ...] = ("departure_city", "arrival_city")) -> Catalogue:
    """A small catalogue with something of everything that has a shape of its own."""
    checks = (Check(differs_from=SlotName("arrival_city"), say="不能相同"), Check(between=(1, 9.5)))
    slot = Slot(entity=EntityName("city"), required=True, ask=("从哪里？", "哪里出发？"), checks=checks)
    book = FunctionName("book_flight")
    intent = Intent(
        title=title,
        examples=("买机票", "我要飞✈️"),
        slots={SlotName(name): slot for name in slots},
        confirm=True,
        function=book,
    )
    return Catalogue(
        entities={EntityName("city"): EntityType(values={"北京": ("帝都", "Beijing")}, match=("exact", "pinyin"))},
        intents={BOOK: intent},
        functions={book: Function(url="http://flights/orders", success="订好了", failure=("失败",))},
        responses={"greeting": ("您好", "在的")},
    )
