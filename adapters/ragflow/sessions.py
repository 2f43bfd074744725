"""Which RAGFlow session each conversation has."""

import time
from collections import OrderedDict
from collections.abc import Callable

from domain.names import ConversationId


class Sessions:
    """Remembers the ids of at most `most` sessions, each for `lifetime` seconds after its last use.

    A session is taken out while a question is in it: no two questions meet in one, and one whose question came to
    nothing, which may stand in its history without an answer, is not put back. `seconds` tells a time that never goes
    back, in seconds from anywhere.
    """

    def __init__(
        self, *, most: int = 10_000, lifetime: float = 3600.0, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._lifetime = lifetime
        self._seconds = seconds
        self._kept: OrderedDict[ConversationId, tuple[str, float]] = OrderedDict()

    def take(self, conversation: ConversationId) -> str | None:
        """The conversation's session, which is forgotten here; None when it has none, or not any more."""
        session, until = self._kept.pop(conversation, ("", 0.0))
        return session if session and self._seconds() < until else None

    def keep(self, conversation: ConversationId, session: str) -> None:
        """Remember the session for the next question, forgetting those longest unused if there are too many."""
        self._kept.pop(conversation, None)
        self._kept[conversation] = (session, self._seconds() + self._lifetime)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
