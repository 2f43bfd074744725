"""A turn on its way: what was asked, what was made of it so far, and how it will be stored."""

import hashlib
from datetime import datetime

import msgspec

from domain.dialogue.composing import compose
from domain.dialogue.conversation import RECENT_MESSAGES, Conversation, RecentMessage, Turn
from domain.dialogue.event import Event
from domain.dialogue.machine import advance, then
from domain.dialogue.masking import masked_text, masked_understanding, secrets_in, sensitive_kinds
from domain.dialogue.state import active_frame
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Understanding
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import MessageId
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Value


class TurnInProgress(Value, frozen=True, kw_only=True):
    """One turn between arrival and its last save. `now` is the arrival in the user's time zone.

    `digest` identifies the request's body; `text` is what was said, unmasked, and never stored as it is.
    """

    conversation: Conversation
    published: PublishedCatalogue
    number: int
    message_id: MessageId | None
    digest: str
    text: str
    arrived: datetime
    now: datetime
    heard: Understanding
    made: Transition
    answer: KnowledgeAnswer | None = None

    @property
    def origin(self) -> str:
        """Names conversation and turn."""
        return f"{self.conversation.id}/{self.number}"

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue the conversation is pinned to."""
        return self.published.catalogue

    def after(self, event: Event) -> "TurnInProgress":
        """The turn one event further."""
        step = advance(self.made.state, event, catalogue=self.catalogue, now=self.now)
        return msgspec.structs.replace(self, made=then(self.made, step))

    def saved_conversation(self, now: datetime) -> Conversation:
        """The conversation as it is to be saved next."""
        conversation, recent = self.conversation, self.conversation.recent
        if self.message_id is not None and self.number > conversation.turns:
            recent = (*recent, RecentMessage(self.message_id, self.number))[-RECENT_MESSAGES:]
        return msgspec.structs.replace(
            conversation,
            version=conversation.version + 1,
            turns=max(self.number, conversation.turns),  # an interrupted turn may be finished after later ones
            state=self.made.state,
            recent=recent,
            updated_at=now,
        )

    def record(self, now: datetime) -> Turn:
        """The turn as it is kept: sensitive values masked."""
        kinds = sensitive_kinds(self.catalogue)
        frame = active_frame(self.made.state)
        secrets = secrets_in(self.catalogue, frame.intent, frame.slots) if frame is not None else ()
        reply = compose(self.made, heard=self.heard, answer=self.answer, catalogue=self.catalogue, turn=self.number)
        return Turn(
            conversation=self.conversation.id,
            number=self.number,
            message_id=self.message_id,
            digest=self.digest,
            text=masked_text(self.text, self.heard.entities, kinds, secrets),
            reply=reply,
            understanding=masked_understanding(self.heard, kinds, secrets),
            rule=self.made.rule,
            processing_ms=round((now - self.arrived).total_seconds() * 1000, 3),
            catalogue_version=self.published.version,
            at=self.arrived,
        )


def digest_of(*parts: str | None) -> str:
    """What makes two requests under one message id the same."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]
