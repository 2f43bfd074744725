"""Hears an assistant's answer, whether each event tells all of it so far or what is new."""

from collections.abc import Mapping

from adapters.ragflow.chunk import Chunk, chunks_of
from adapters.ragflow.envelope import EVENTS, failure, fields, parsed
from adapters.rest.answer import Answer
from adapters.rest.events import DataLines
from adapters.rest.live import Listener
from domain.values import Unavailable, Value

_ERROR = "**ERROR**"


class Said(Value, frozen=True):
    """The answer as the assistant gave it, and the chunks it had before it, in the order that citations count by."""

    text: str
    chunks: tuple[Chunk | None, ...]


class Listening(Listener[Said | None]):
    """Hears one stream. Gives None for each event, and at the end what was said.

    Servers before 0.24 tell all of the text in each event. Later ones tell what is new, which shows by the key `final`
    or by the marks around reasoning; their last event replaces the text if it holds any.
    """

    def __init__(self) -> None:
        self._begun = False
        self._ended = False
        self._increments = False
        self._thinking = False
        self._joined: list[str] = []
        self._latest = ""
        self._final: str | None = None
        self._chunks: tuple[Chunk | None, ...] = ()

    @property
    def begun(self) -> bool:
        """Whether anything was heard."""
        return self._begun

    @property
    def satisfied(self) -> bool:
        """Whether the end was announced."""
        return self._ended

    def hear(self, data: str) -> tuple[Said | None, ...] | Unavailable:
        """One event; Unavailable for one that tells of a failure, after which the server ends as if all were well."""
        self._begun = True
        event = fields(parsed(data))
        if (why := failure(event)) is not None:
            return Unavailable("broken", f"{why.detail} in the answer")
        told = event.get("data")
        if told is True:
            self._ended = True
            return ()
        if not isinstance(told, dict):
            return Unavailable("broken", "an event without an answer")
        self._take(told)
        return (None,)

    def end(self) -> tuple[Said | None, ...] | Unavailable:
        """What was said. Without an announced end, or the final event, the answer is torn."""
        if not self._ended and self._final is None:
            return Unavailable("broken", "the answer broke off")
        said = self.said()
        return said if isinstance(said, Unavailable) else (said,)

    def said(self) -> Said | Unavailable:
        """What was said so far; the model layer tells its failures as text."""
        text = self._final or ("".join(self._joined) if self._increments else self._latest)
        if _ERROR in text:
            return Unavailable("broken", "the assistant's model failed")
        return Said(text, self._chunks)

    def _take(self, data: Mapping[str, object]) -> None:
        self._increments |= not data.keys().isdisjoint(("final", "start_to_think", "end_to_think"))
        if data.get("start_to_think") or data.get("end_to_think"):
            self._thinking = bool(data.get("start_to_think"))
        answer = data.get("answer")
        text = answer if isinstance(answer, str) else ""
        if data.get("final") is True:
            self._final = text
        elif not self._thinking:
            self._add(text)
        self._chunks = chunks_of(data.get("reference")) or self._chunks

    def _add(self, text: str) -> None:
        """A text that begins with the one before it is taken for the whole so far, lest long answers pile up."""
        if self._latest and text.startswith(self._latest) and not self._increments:
            self._joined.clear()
        self._joined.append(text)
        self._latest = text


def heard_whole(answer: Answer) -> Said | Unavailable:
    """What was said in an answer that came in one piece: an envelope, or from some servers a stream all the same."""
    listening = Listening()
    if answer.content_type != EVENTS:
        heard = listening.hear(answer.body.decode("utf-8", "replace"))
        return heard if isinstance(heard, Unavailable) else listening.said()
    lines = DataLines()
    for data in (*lines.feed(answer.body), *lines.end()):
        heard = listening.hear(data)
        if isinstance(heard, Unavailable):
            return heard
    ended = listening.end()
    return ended if isinstance(ended, Unavailable) else listening.said()
