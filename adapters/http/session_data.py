"""A conversation as its user sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from adapters.http.turn_data import CatalogueNumber, SessionId, SlotData, TurnData, shown_slots, shown_turn
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.state import Collecting, active_frame, agenda_of


class SessionData(msgspec.Struct, frozen=True, kw_only=True):
    """Where a conversation stands."""

    session_id: SessionId
    user_id: Annotated[str, Meta(description="Whom it belongs to.", examples=["u-1001"])]
    state: Annotated[
        str,
        Meta(
            description="idle, collecting, choosing, confirming, acting, handed_off or closed.", examples=["collecting"]
        ),
    ]
    intent: Annotated[str | None, Meta(description="The intent being worked on, or null.", examples=["book_flight"])]
    asked_slot: Annotated[
        str | None, Meta(description="The slot that was asked for, or null.", examples=["arrival_city"])
    ]
    slots: Annotated[
        Mapping[str, SlotData], Meta(description="That intent's slots as last told to the user; sensitive ones masked.")
    ]
    pending_intents: Annotated[list[str], Meta(description="Intents that come next, in order.")]
    suspended_intents: Annotated[list[str], Meta(description="Interrupted intents, the last one on top.")]
    turns: Annotated[int, Meta(description="Messages answered so far.", examples=[2])]
    language: Annotated[str, Meta(description="The language of the replies.", examples=["zh-CN"])]
    time_zone: Annotated[str, Meta(description="The user's time zone.", examples=["Asia/Shanghai"])]
    catalogue_version: CatalogueNumber
    created_at: Annotated[datetime, Meta(description="When it was opened.")]
    updated_at: Annotated[datetime, Meta(description="When it was last changed.")]


class TurnsData(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a conversation's turns, oldest first."""

    session_id: SessionId
    turns: Annotated[list[TurnData], Meta(description="The turns, oldest first.")]
    next_after: Annotated[
        int | None, Meta(description="Send it as `after` for the next page; null at the end.", examples=[50])
    ]


class DeletedData(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that is gone."""

    session_id: Annotated[str, Meta(description="The conversation that was deleted.")]
    deleted: Annotated[bool, Meta(description="Always true.", examples=[True])] = True


def shown_session(conversation: Conversation, recent: Sequence[Turn]) -> SessionData:
    """The conversation; its slots are those the latest of the `recent` turns told about its intent, already masked."""
    state = conversation.state
    frame = active_frame(state)
    agenda = agenda_of(state)
    intent = None if frame is None else frame.intent
    told = next((turn.reply.slots for turn in reversed(recent) if intent and turn.reply.intent == intent), {})
    return SessionData(
        session_id=conversation.id,
        user_id=conversation.user_id,
        state=str(state.__struct_config__.tag),
        intent=intent,
        asked_slot=state.asked if isinstance(state, Collecting) else None,
        slots=shown_slots(told),
        pending_intents=[queued.intent for queued in agenda.queued],
        suspended_intents=[suspended.intent for suspended in agenda.suspended],
        turns=conversation.turns,
        language=conversation.language,
        time_zone=conversation.time_zone,
        catalogue_version=conversation.catalogue_version,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
    )


def shown_turns(session_id: str, turns: Sequence[Turn], *, limit: int) -> TurnsData:
    """A page; a full one may have a next."""
    return TurnsData(
        session_id=session_id,
        turns=[shown_turn(turn) for turn in turns],
        next_after=turns[-1].number if len(turns) == limit else None,
    )
