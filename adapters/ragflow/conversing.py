"""Asks an assistant, in one session a conversation."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from urllib.parse import quote

import msgspec

from adapters.ragflow.answering import answered
from adapters.ragflow.caller import RagflowCaller
from adapters.ragflow.envelope import EVENTS, FAILED, GONE, WANTS_MESSAGES, fields, parsed
from adapters.ragflow.listening import Listening, Said, heard_whole
from adapters.ragflow.modes import Assistant
from adapters.ragflow.sessions import Sessions
from adapters.ragflow.telling import Telling
from adapters.ragflow.wording import EMPTY_REPLIES
from adapters.rest.answer import Answer
from adapters.rest.endpoint import Request
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable, Value

_NOTHING = Unavailable("broken", "an empty answer")
_NAME_CHARACTERS = 200
"""Servers cut or refuse the names of sessions beyond 255."""


class _Put(Value, frozen=True):
    """What came of a question put to a session. `begun` says whether anything was heard."""

    said: Said | Unavailable
    begun: bool

    def failed_by(self, code: str) -> bool:
        return isinstance(self.said, Unavailable) and self.said.code == code


class Conversing:
    """Puts questions to an assistant.

    `desk` opens sessions and `caller` asks in them: each has its own circuit, since a server whose model is out of
    order opens sessions all the same. `seconds` tells a time that never goes back.
    """

    def __init__(
        self,
        assistant: Assistant,
        sessions: Sessions,
        *,
        desk: RagflowCaller,
        caller: RagflowCaller,
        seconds: Callable[[], float],
    ) -> None:
        self._assistant = assistant
        self._sessions = sessions
        self._desk = desk
        self._caller = caller
        self._seconds = seconds
        self._path = f"/chats/{quote(assistant.chat_id, safe='')}"
        self._empty_replies = EMPTY_REPLIES + assistant.empty_replies
        self._by_messages = False

    async def __call__(
        self,
        question: str,
        *,
        conversation: ConversationId,
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """The assistant's answer with its sources; None where it has none.

        Asks once more, in a fresh session, where the session remembered is gone, or the connection broke before an
        answer began: the question may stand in the history of the session that it was put to.
        """
        ends = self._seconds() + deadline
        telling = Telling(pieces, self._empty_replies)
        remembered = self._sessions.take(conversation)
        said, again = await self._asked(question, conversation, remembered, ends, telling)
        if again:
            said, _ = await self._asked(question, conversation, None, ends, telling)
        if isinstance(said, Unavailable):
            return said
        return telling.end(answered(said, question, language, empty_replies=self._empty_replies))

    async def _asked(
        self, question: str, conversation: ConversationId, remembered: str | None, ends: float, telling: Telling
    ) -> tuple[Said | Unavailable, bool]:
        """What is said in the session remembered, or in a fresh one; whether to ask again in another."""
        session = remembered or await self._open(conversation, ends)
        if isinstance(session, Unavailable):
            return session, False
        by_messages = self._by_messages
        put = await self._put(self._request(question, session, by_messages=by_messages), ends, telling)
        if put.failed_by(WANTS_MESSAGES) and not by_messages:
            self._by_messages = True
            put = await self._put(self._request(question, session, by_messages=True), ends, telling)
        elif by_messages and put.begun and put.failed_by("broken"):
            # Messages make older servers fail in the answer: after a step back to one, the next question finds out.
            self._by_messages = False
        if isinstance(put.said, Said) or put.failed_by("open"):
            self._sessions.keep(conversation, session)
        gone = remembered is not None and put.failed_by(GONE)
        return put.said, gone or (put.failed_by("broken") and not put.begun)

    async def _open(self, conversation: ConversationId, ends: float) -> str | Unavailable:
        """A fresh session. Asking without one makes some servers throw the question away."""
        name = f"huiyi {conversation}"[:_NAME_CHARACTERS]
        request = Request(path=f"{self._path}/sessions", body=msgspec.json.encode({"name": name}), repeatable=True)
        return await self._desk.call(request, _session_id, deadline=ends - self._seconds())

    async def _put(self, request: Request, ends: float, telling: Telling) -> _Put:
        deadline = ends - self._seconds()
        if not self._assistant.stream:
            return await self._whole(request, deadline)
        heard: list[Listening] = []

        def listening() -> Listening:
            heard.append(Listening())
            return heard[-1]

        stream = self._caller.stream(request, listening, deadline=deadline)
        said = await self._heard(stream, lambda: telling.follow(heard[-1]))
        return _Put(said, any(one.begun for one in heard))

    def _request(self, question: str, session: str, *, by_messages: bool) -> Request:
        """The question in one of its two spellings: each makes the servers that want the other one fail."""
        stream = self._assistant.stream
        messages = {"messages": [{"role": "user", "content": question}]}
        asked = {**(messages if by_messages else {"question": question}), "session_id": session, "stream": stream}
        return Request(
            path=f"{self._path}/completions",
            body=msgspec.json.encode(asked),
            accept=EVENTS if stream else "application/json",
        )

    async def _whole(self, request: Request, deadline: float) -> _Put:
        begun = False

        def read(answer: Answer) -> Said | Unavailable:
            nonlocal begun
            begun = True
            return heard_whole(answer)

        said = await self._caller.call(request, read, deadline=deadline)
        return _Put(said, begun)

    async def _heard(
        self, stream: AsyncGenerator[Said | Unavailable | None, None], note: Callable[[], None]
    ) -> Said | Unavailable:
        """What a stream comes to, with a note of each event. Silence before and in its midst are told apart."""
        wait, silence = self._assistant.first_seconds, "before the answer began"
        async with aclosing(stream) as parts:
            try:
                while True:
                    async with asyncio.timeout(wait):
                        part = await anext(parts, _NOTHING)
                    if part is not None:
                        return part
                    note()
                    wait, silence = self._assistant.idle_seconds, "in the midst of the answer"
            except TimeoutError:
                why = Unavailable("timeout", f"nothing for {wait:g} s {silence}")
                self._caller.blame(why)
                return why


def _session_id(answer: Answer) -> str | Unavailable:
    session = fields(fields(parsed(answer.body)).get("data")).get("id")
    return session if isinstance(session, str) and session else Unavailable(FAILED, "code 0 without a session")
