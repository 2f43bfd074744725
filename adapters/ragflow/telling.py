"""Tells an answer piece by piece while it is still being said."""

import re
from collections.abc import Callable
from typing import Final

from adapters.ragflow.listening import Listening
from adapters.ragflow.wording import may_say_nothing_found, plain
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable

_UNFINISHED: Final = re.compile(r"(?:<[^<>\n]{0,12}|#{1,2}\d{0,6}\$?|[\[(【（][^\])】）\n]{0,60})\Z")
"""What may yet turn out to be a mark that is not for the user."""


class Telling:
    """Tells what is new of an answer, as far as it can be shown already: plain, and not the words for nothing found.

    Without `pieces` nobody is told anything. Ends with the quotation and the source, which come with the last event.
    """

    def __init__(self, pieces: Callable[[str], None] | None, empty_replies: tuple[str, ...]) -> None:
        self._pieces = pieces
        self._empty_replies = empty_replies
        self._told = ""

    def follow(self, listening: Listening) -> None:
        """Tell what was heard since the last time."""
        if self._pieces is None:
            return
        said = listening.said()
        if isinstance(said, Unavailable):
            return
        shown, _ = plain(_UNFINISHED.sub("", said.text))
        if not may_say_nothing_found(shown, self._empty_replies):
            self._tell(shown)

    def end(self, answer: KnowledgeAnswer | None) -> KnowledgeAnswer | None:
        """Tell the rest of the answer, which comes back."""
        if answer is not None:
            self._tell(answer.text)
        return answer

    def _tell(self, text: str) -> None:
        """What was told cannot be taken back: nothing more is told of a text that turned out to be another one."""
        new = text.removeprefix(self._told) if text.startswith(self._told) else ""
        if new and self._pieces is not None:
            self._told = text
            self._pieces(new)
