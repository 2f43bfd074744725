"""Answers questions from what RAGFlow knows."""

import ssl
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from adapters.ragflow.caller import RagflowCaller
from adapters.ragflow.conversing import Conversing
from adapters.ragflow.datasets import DatasetSearch
from adapters.ragflow.envelope import explain, outward
from adapters.ragflow.modes import Assistant, Datasets
from adapters.ragflow.quoting import cleaned
from adapters.ragflow.sessions import Sessions
from adapters.rest.caller import Limits
from adapters.rest.endpoint import Endpoint, Request
from domain.errors import SettingsInvalid
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase
from domain.values import Unavailable

SERVER = "RAGFlow"
QUESTION_CHARACTERS = 1000
TROUBLE_SECONDS = 60.0
"""How long a question that came to nothing speaks against a server that answers otherwise."""

_API = "/api/v1"
_LIMITS = Limits(at_once=32, answer_bytes=32 << 20)
"""Older servers repeat the whole answer in every event."""


class RagflowKnowledgeBase(KnowledgeBase):
    """A RAGFlow server from 0.13 to 0.27, within the `async with` block.

    `address` is that of its API (`http://ragflow:9380`). `mode` says who answers: an assistant, or the datasets'
    passages by themselves. `tls` is for a server behind a private authority, `seconds` tells a time that never goes
    back. Constructing raises SettingsInvalid. Sessions opened in RAGFlow stay there, as its own record.
    """

    def __init__(
        self,
        address: str,
        key: str,
        mode: Assistant | Datasets,
        *,
        limits: Limits = _LIMITS,
        sessions: Sessions | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        _refuse_nothing(key, mode)
        base = address.strip().rstrip("/").removesuffix(_API) + _API
        endpoint = Endpoint(SERVER, base, {"Authorization": f"Bearer {key}"})

        def caller() -> RagflowCaller:
            return RagflowCaller(endpoint, explain=explain, limits=limits, tls=tls, monotonic=seconds)

        self._callers = (caller(), caller())
        desk, asking = self._callers
        self._ask: Conversing | DatasetSearch
        if isinstance(mode, Assistant):
            kept = sessions or Sessions(seconds=seconds)
            self._ask = Conversing(mode, kept, desk=desk, caller=asking, seconds=seconds)
        else:
            self._ask = DatasetSearch(mode, asking)
        self._open = AsyncExitStack()
        self._seconds = seconds
        self._trouble: Unavailable | None = None
        self._troubled_until = 0.0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for caller in self._callers:
                await stack.enter_async_context(caller)
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def ask(
        self,
        question: str,
        *,
        conversation: ConversationId,
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None = None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """The answer with a passage quoted; None where the documents, or the assistant, have none."""
        wanted = cleaned(question, characters=QUESTION_CHARACTERS)
        if not wanted:
            return None
        answer = await self._ask(wanted, conversation=conversation, language=language, deadline=deadline, pieces=pieces)
        if not isinstance(answer, Unavailable):
            self._trouble = None
            return answer
        self._trouble, self._troubled_until = outward(answer), self._seconds() + TROUBLE_SECONDS
        return self._trouble

    async def reach(self, *, deadline: float) -> Unavailable | None:
        """Why the server cannot be reached with this key, or why the last question came to nothing; else None.

        Asks no model, and no question.
        """
        request = Request(path="/datasets?page=1&page_size=1", method="GET", repeatable=True)
        reached = await self._callers[0].call(request, lambda _: True, deadline=deadline)
        if isinstance(reached, Unavailable):
            return outward(reached)
        return self._trouble if self._seconds() < self._troubled_until else None


def _refuse_nothing(key: str, mode: Assistant | Datasets) -> None:
    """An empty list of datasets, or an empty name, would reach more than was meant."""
    if not key.strip():
        raise SettingsInvalid(f"{SERVER}: a key, please")
    if isinstance(mode, Assistant) and not mode.chat_id.strip():
        raise SettingsInvalid(f"{SERVER}: the id of a chat assistant, please")
    if isinstance(mode, Datasets) and not (mode.ids and all(name.strip() for name in mode.ids)):
        raise SettingsInvalid(f"{SERVER}: the id of at least one dataset, please")
