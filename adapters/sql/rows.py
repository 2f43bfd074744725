"""Values as rows: a document, and the columns that find, order and guard it."""

from collections.abc import Sequence
from typing import NamedTuple

from adapters.sql.documents import Document, utc
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation

CONVERSATION = Document(Conversation)
TURN = Document(Turn)
INVOCATION = Document(Invocation)

Row = dict[str, object]
"""Column or parameter -> value, for one row of one statement."""


class Save(NamedTuple):
    """One save as rows. `before`: the version it must find. `again`: turn and calls are probably there already."""

    before: int
    conversation: Row
    turn: Row
    calls: list[Row]
    again: bool


def rows_of(conversation: Conversation, turn: Turn, calls: Sequence[Invocation]) -> Save:
    """Everything of one save, encoded."""
    return Save(
        before=conversation.version - 1,
        conversation={
            "id": conversation.id,
            "user_id": conversation.user_id,
            "version": conversation.version,
            "turns": conversation.turns,
            "state": CONVERSATION.text(conversation),
            "created_at": utc(conversation.created_at),
            "updated_at": utc(conversation.updated_at),
        },
        turn={
            "conversation_id": turn.conversation,
            "number": turn.number,
            "message_id": turn.message_id,
            "document": TURN.text(turn),
            "at": utc(turn.at),
        },
        calls=[_call_row(call) for call in calls],
        # A turn is saved again when its call's outcome has come.
        again=any(call.outcome is not None for call in calls),
    )


def _call_row(call: Invocation) -> Row:
    return {
        "key": call.key,
        "conversation_id": call.conversation,
        "turn": call.turn,
        "function": call.function,
        "status": call.status,
        "document": INVOCATION.text(call),
        "created_at": utc(call.created_at),
    }


def located(row: Row, keys: tuple[str, ...]) -> Row:
    """The row as parameters of an update: key columns as `at_<column>`, the others as they are to become."""
    return {f"at_{name}" if name in keys else name: value for name, value in row.items()}


def advanced(save: Save) -> Row:
    """The conversation as parameters of a compare-and-set update; owner and creation never change."""
    row = save.conversation
    moving = {name: row[name] for name in ("version", "turns", "state", "updated_at")}
    return {"at_id": row["id"], "at_version": save.before, **moving}
