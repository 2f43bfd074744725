"""Stores saves inside a transaction: many of them the quick way, or one of them the careful way."""

from collections.abc import Sequence

from sqlalchemy import Connection, Insert, Table, Update, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from adapters.sql.rows import Row, Save, advanced, located
from adapters.sql.schema import conversations, invocations, turns
from adapters.sql.translation import Collision
from domain.errors import ConversationConflict


def _update_at(table: Table, *keys: str) -> Update:
    return update(table).where(*(table.c[key] == bindparam(f"at_{key}") for key in keys))


_ADD_CONVERSATION = insert(conversations)
_ADVANCE_CONVERSATION = _update_at(conversations, "id", "version")
_ADD_TURN = insert(turns)
_REPLACE_TURN = _update_at(turns, "conversation_id", "number")
_ADD_CALL = insert(invocations)
_REPLACE_CALL = _update_at(invocations, "key")

_TURN_KEYS = ("conversation_id", "number")
_CALL_KEYS = ("key",)


def store_group(connection: Connection, saves: Sequence[Save]) -> None:
    """Store all with one statement for each kind of row; Collision when a single row is not as it was thought to be."""
    fresh = [save for save in saves if not save.again]
    again = [save for save in saves if save.again]
    _all(connection, _ADD_CONVERSATION, [save.conversation for save in saves if not save.before])
    _all(connection, _ADVANCE_CONVERSATION, [advanced(save) for save in saves if save.before])
    _all(connection, _ADD_TURN, [save.turn for save in fresh])
    _all(connection, _REPLACE_TURN, [located(save.turn, _TURN_KEYS) for save in again])
    _all(connection, _ADD_CALL, [call for save in fresh for call in save.calls])
    _all(connection, _REPLACE_CALL, [located(call, _CALL_KEYS) for save in again for call in save.calls])


def _all(connection: Connection, statement: Insert | Update, rows: list[Row]) -> None:
    if not rows:
        return
    touched = connection.execute(statement, rows).rowcount
    if isinstance(statement, Update) and touched != len(rows):
        raise Collision("the storage found a row in another state than expected")


def store_one(connection: Connection, save: Save) -> None:
    """Store one, whatever turn and calls are there already; ConversationConflict when it does not fit the stored."""
    try:
        _store_carefully(connection, save)
    except IntegrityError as error:
        raise _conflict(save) from error


def _store_carefully(connection: Connection, save: Save) -> None:
    if not save.before:
        connection.execute(_ADD_CONVERSATION, save.conversation)
    elif not connection.execute(_ADVANCE_CONVERSATION, advanced(save)).rowcount:
        raise _conflict(save)
    _put(connection, _REPLACE_TURN, _ADD_TURN, save.turn, _TURN_KEYS)
    for call in save.calls:
        _put(connection, _REPLACE_CALL, _ADD_CALL, call, _CALL_KEYS)


def _put(connection: Connection, replace: Update, add: Insert, row: Row, keys: tuple[str, ...]) -> None:
    if not connection.execute(replace, located(row, keys)).rowcount:
        connection.execute(add, row)


def _conflict(save: Save) -> ConversationConflict:
    return ConversationConflict(f"the conversation is not at version {save.before} any more")
