"""A conversation and its turns, as stored."""

from datetime import datetime

from domain.dialogue.reply import Reply
from domain.dialogue.state import Idle, State
from domain.dialogue.understanding import Understanding
from domain.names import CatalogueVersion, ConversationId, Language, MessageId, UserId
from domain.values import Value

RECENT_MESSAGES = 20


class RecentMessage(Value, frozen=True):
    """A message id answered not long ago and the turn that did."""

    message_id: MessageId
    turn: int


class Conversation(Value, frozen=True, kw_only=True):
    """Everything the next turn needs. `version` counts saves; `turns` counts answered utterances."""

    id: ConversationId
    user_id: UserId
    version: int = 0
    turns: int = 0
    catalogue_version: CatalogueVersion
    language: Language
    time_zone: str
    state: State = Idle()
    recent: tuple[RecentMessage, ...] = ()
    created_at: datetime
    updated_at: datetime


class Turn(Value, frozen=True, kw_only=True):
    """One utterance and its reply. `text` has sensitive values masked; `digest` identifies the request's body."""

    conversation: ConversationId
    number: int
    message_id: MessageId | None
    digest: str
    text: str
    reply: Reply
    understanding: Understanding
    rule: str = ""
    processing_ms: float
    catalogue_version: CatalogueVersion
    at: datetime
