"""A RAGFlow on a free loopback port, of an old or a new generation, that misbehaves as a test says."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from tests.doubles.loopback import Incoming, Wire, loopback
from tests.doubles.ragflow_documents import Found, search
from tests.doubles.ragflow_wire import (
    HANGS,
    Fields,
    Played,
    Received,
    Reply,
    Stream,
    events,
    failure,
    play,
    received,
)

KEY = "ragflow-s3cret-T0ken"
CHAT = "c" * 32
DATASET = "d" * 32
EMPTY_REPLY = "Sorry! No relevant content was found in the knowledge base!"
NOT_FOUND_REPLY = "知识库中未找到您要的答案！"

Generation = Literal["old", "new"]
"""`old` is like 0.15 to 0.23: cumulative streams; `new` like 0.26: increments and a final event."""


@dataclass
class RagflowServer:
    """What plays is played once each, door by door, before the server goes back to behaving.

    `wants_messages` is the way of 0.25.1 to 0.25.5. `sessions` holds the questions of each session.
    """

    generation: Generation = "new"
    wants_messages: bool = False
    url: str = ""
    hanging: bool = False
    sessions: dict[str, list[str]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    script: dict[str, list[Played]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def plays(self, name: str, *played: Played) -> None:
        """Let the door `sessions`, `completions`, `retrieval`, `chats` or `datasets` answer like this."""
        self.script[name] += played

    def hang(self) -> None:
        """From now on nothing is answered."""
        self.hanging = True

    def asked(self, name: str) -> list[Received]:
        """The requests that came to the door."""
        return [request for request in self.received if request.name == name]

    async def serve(self, incoming: Incoming, wire: Wire) -> bool:
        request = received(incoming)
        self.received.append(request)
        script = self.script[request.name]
        played = HANGS if self.hanging else script.pop(0) if script else self._answer(request)
        return await play(wire, played)

    def _answer(self, request: Received) -> Reply | Stream:
        if (refusal := self._refusal(request.headers.get("authorization", ""))) is not None:
            return refusal
        doors: dict[tuple[str, str], Callable[[Received], Reply | Stream]] = {
            ("sessions", "POST"): self._session,
            ("sessions", "DELETE"): self._delete,
            ("sessions", "GET"): lambda _: Reply({"code": 0, "data": [self._told(one) for one in self.sessions]}),
            ("completions", "POST"): self._completion,
            ("retrieval", "POST"): self._retrieval,
            ("chats", "GET"): self._chats,
            ("datasets", "GET"): lambda _: Reply({"code": 0, "data": [{"id": DATASET, "name": "demo"}]}),
        }
        door = doors.get((request.name, request.method))
        if door is None:
            return failure(404, f"Not Found: {request.target}", status=404, data=None, error="Not Found")
        return door(request)

    def _refusal(self, authorization: str) -> Reply | None:
        if authorization == f"Bearer {KEY}":
            return None
        if self.generation == "new":
            return failure(401, "<Unauthorized '401: Unauthorized'>", status=401, data=None)
        if not authorization:
            return failure(0, "`Authorization` can't be empty", data=False)
        return failure(109, "Authentication error: API key is invalid!", data=False)

    def _foreign(self) -> Reply:
        if self.generation == "new":
            return failure(109, "no authorization", data=False)
        return failure(102, "You don't own the chat")

    def _session(self, request: Received) -> Reply:
        if CHAT not in request.target:
            return self._foreign()
        if not request.body.get("name"):
            return failure(102, "`name` can not be empty.")
        session = f"{next(self._numbers):032x}"
        self.sessions[session] = []
        return Reply({"code": 0, "data": self._told(session)})

    def _told(self, session: str) -> Fields:
        greeting = {"role": "assistant", "content": "你好！我是助手"}
        return {"id": session, "chat_id": CHAT, "name": session[-4:], "messages": [greeting], "user_id": ""}

    def _delete(self, request: Received) -> Reply:
        body = request.body
        ids = body.get("ids") or (list(self.sessions) if self.generation == "old" or body.get("delete_all") else [])
        for session in ids if isinstance(ids, list) else []:
            self.sessions.pop(session, None)
        return Reply({"code": 0})

    def _chats(self, request: Received) -> Reply:
        target = request.target
        known = "id=" not in target or f"id={CHAT}" in target
        chats = [{"id": CHAT, "name": "kb", "dataset_ids": [DATASET], "llm": {}, "prompt": {}}] if known else []
        if self.generation == "new":
            return Reply({"code": 0, "message": "success", "data": {"chats": chats, "total": len(chats)}})
        return Reply({"code": 0, "data": chats}) if chats else failure(102, "The chat doesn't exist")

    def _completion(self, request: Received) -> Reply | Stream:
        body = request.body
        if CHAT not in request.target:
            return self._foreign()
        if self.wants_messages and "messages" not in body:
            return failure(101, "required argument are missing: messages; ")
        if self.generation == "old" and "messages" in body:
            clash = "got multiple values for argument 'messages'"
            broken = {"code": 500, "message": clash, "data": {"answer": f"**ERROR**: {clash}", "reference": []}}
            return Stream((broken, {"code": 0, "data": True}))
        session = body.get("session_id")
        if session is not None and session not in self.sessions:
            return failure(102, "Session not found!" if self.generation == "new" else "You don't own the session")
        if session is None:
            session = f"{next(self._numbers):032x}"
            self.sessions[session] = []
            if self.generation == "old":
                return events({"answer": "你好！我是助手", "reference": {}, "id": None, "session_id": session})
        question = _question(body)
        self.sessions[str(session)].append(question)
        return self._told_answer(question, str(session), streamed=body.get("stream") is not False)

    def _told_answer(self, question: str, session: str, *, streamed: bool) -> Reply | Stream:
        found = search(question)
        told = _assistant(found)
        sure = told not in (EMPTY_REPLY, NOT_FOUND_REPLY)
        reference = {"total": len(found), "chunks": [_reference(one) for one in found], "doc_aggs": []}
        rest: Fields = {"audio_binary": None, "id": "m1", "session_id": session}
        marked = told + (" ##0$$" if self.generation == "old" else " [ID:0]") * sure
        whole = {"answer": marked, "reference": reference, "prompt": "long\n", "created_at": 1.0}
        if not streamed:
            return Reply({"code": 0, "message": "success", "data": {**whole, **rest}})
        if self.generation == "old":
            growing = [{"answer": told[:end], "reference": {}, **rest} for end in range(9, len(told), 9)]
            return events(*growing, {"answer": marked, "reference": reference, "prompt": "long\n", **rest})
        rest = {**rest, "chat_id": CHAT, "final": False, "reference": {"chunks": []}}
        pieces = [{**rest, "answer": marked[start : start + 9]} for start in range(0, len(marked), 9)]
        # The reply for nothing found comes twice: as an increment and in the final event.
        last = {"answer": "" if found else told, "reference": reference, "prompt": "long\n", "final": True}
        return events(*pieces, {**rest, **last})

    def _retrieval(self, request: Received) -> Reply:
        if not request.body.get("dataset_ids"):
            return failure(102, "`dataset_ids` is required.")
        found = search(_question(request.body))
        told = [{**_scored(one), "document_keyword": one.chunk.document, "highlight": ""} for one in found]
        return Reply({"code": 0, "data": {"total": len(found), "chunks": told, "doc_aggs": []}})


def _question(body: Fields) -> str:
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) else {}
    return str(last.get("content") or body.get("question") or "")


def _assistant(found: list[Found]) -> str:
    """What the assistant says: the sentence it read, unless it read nothing that fits."""
    if not found:
        return EMPTY_REPLY
    return found[0].chunk.content.rsplit("\n", 1)[-1] if found[0].similarity >= 0.5 else NOT_FOUND_REPLY


def _scored(found: Found) -> Fields:
    scores = {"similarity": found.similarity, "vector_similarity": found.vector, "term_similarity": found.term}
    named = {"id": f"ck{found.chunk.number}", "dataset_id": DATASET, "document_id": f"doc-{found.chunk.document}"}
    return {**named, "content": found.chunk.content, "positions": [[1, 10, 20, 30, 40]], "image_id": "", **scores}


def _reference(found: Found) -> Fields:
    return {**_scored(found), "document_name": found.chunk.document, "url": None, "doc_type": ""}


@asynccontextmanager
async def ragflow_server(
    generation: Generation = "new", *, wants_messages: bool = False
) -> AsyncIterator[RagflowServer]:
    """A running server."""
    ragflow = RagflowServer(generation, wants_messages)
    async with loopback(ragflow.serve) as ragflow.url:
        yield ragflow
