"""What comes in is made fit for the core here, or refused."""

import re

from adapters.http.bodies import Message
from adapters.http.languages import Phrase, Tongue
from adapters.http.sentences import BLANK, CONTROL, at_most
from application.handle_turn import TurnRequest
from domain.errors import InvalidRequest, SessionNotFound
from domain.intents.normalise import clean
from domain.names import ConversationId, IntentName, MessageId, UserId

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffd]")
"""Also U+FFFD, which stands for what was broken: two broken names must not become one."""

_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")

_FROM_ONE = Phrase("选项从 1 开始编号", "options are numbered from 1")
_LAST_OPTION = 99


def asked(sent: Message, *, limit: int, tongue: Tongue) -> TurnRequest:
    """A whole message. Raises InvalidRequest and SessionNotFound for what its fields hold."""
    return TurnRequest(
        user_id=user(sent.user_id, tongue),
        text=said(sent.input, limit=limit, tongue=tongue),
        session_id=None if sent.session_id is None else session(sent.session_id),
        message_id=message(sent.message_id, tongue),
        time_zone=None if sent.context is None else sent.context.time_zone,
    )


def said(text: str, *, limit: int, tongue: Tongue, field: str = "input") -> str:
    """The user's words, cleaned. Raises InvalidRequest when they are too many or none are left."""
    if len(text) > limit:
        raise _invalid(field, at_most(limit), tongue)
    cleaned = clean(text)
    if not cleaned:
        raise _invalid(field, BLANK, tongue)
    return cleaned


def user(name: str, tongue: Tongue) -> UserId:
    """A user's id. Raises InvalidRequest for control characters in it."""
    return UserId(_plain("user_id", name, tongue))


def message(name: str | None, tongue: Tongue) -> MessageId | None:
    """A message's id, if any. Raises InvalidRequest for control characters in it."""
    return None if name is None else MessageId(_plain("message_id", name, tongue))


def session(name: str) -> ConversationId:
    """A session's id. One that the service never gives is nobody's: SessionNotFound."""
    if _SESSION.fullmatch(name) is None:
        raise SessionNotFound("no session has such an id")
    return ConversationId(name)


def chosen(choice: int | str, *, limit: int, tongue: Tongue) -> tuple[str, IntentName | None]:
    """An answer to an offer as the text it stands for, and the intent where it names one.

    A name is told from a title by its underscore, not by what is on offer just now, so that a message sent again
    means the same; the name of one word is understood as the text it is.
    """
    if isinstance(choice, int):
        if not 1 <= choice <= _LAST_OPTION:
            raise _invalid("user_choice", _FROM_ONE, tongue)
        return str(choice), None
    text = said(choice, limit=limit, tongue=tongue, field="user_choice")
    return text, IntentName(text) if "_" in text and text.isidentifier() else None


def _plain(field: str, text: str, tongue: Tongue) -> str:
    if _CONTROL.search(text) is not None:
        raise _invalid(field, CONTROL, tongue)
    return text


def _invalid(field: str, phrase: Phrase, tongue: Tongue) -> InvalidRequest:
    return InvalidRequest(f"{field}: {phrase.en}", {field: phrase.said(tongue)})
