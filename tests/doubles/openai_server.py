"""A server that speaks the protocol of Xinference 4.1, and misbehaves as a test says."""

import asyncio
import base64
import json
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.doubles.loopback import Incoming, Wire, loopback

ABORTED = b'"<XINFERENCE_NON_STREAMING_ABORT>"'
FAILED = "The chat completion request failed. Check the server logs for details."
UNAUTHORISED = "Could not validate credentials"
RATE = "Rate limit reached"
CONTEXT = "Request exceeds the model's configured context length."


@dataclass(frozen=True)
class Says:
    """A whole answer, or the same one as a stream.

    `reasoning` goes into a field of its own, as when the model was launched with `--reasoning_content true`. `seconds`
    pass before it begins, `pace` between two pieces of a stream, which breaks off after `cut_after` of them.
    """

    text: str | Callable[[str], str]
    reasoning: str | None = None
    finish: str = "stop"
    seconds: float = 0.0
    pace: float = 0.0
    cut_after: int | None = None
    counted: bool = True
    ends_with_done: bool = True


@dataclass(frozen=True)
class Refuses:
    """An error. Xinference says `{"detail": …}`, or plain text where the request is not understood."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Streams:
    """Events as given, whatever was asked, and an end without `[DONE]`, as after an error."""

    events: tuple[str, ...]


@dataclass(frozen=True)
class Breaks:
    """An exchange that goes wrong: no answer, a closed connection before or in the middle of the answer, a slow one."""

    how: Literal["hangs", "drops", "stops halfway", "hangs halfway"]


Behaviour = Says | Refuses | Streams | Breaks

HANGS, DROPS = Breaks("hangs"), Breaks("drops")
STOPS_HALFWAY, HANGS_HALFWAY = Breaks("stops halfway"), Breaks("hangs halfway")


def refuses(status: int, detail: str, **headers: str) -> Refuses:
    """An error in Xinference's usual form."""
    named = tuple((name, text) for name, text in headers.items())
    return Refuses(status, json.dumps({"detail": detail}).encode(), headers=named)


def answers(body: bytes | str, kind: str = "application/json", status: int = 200) -> Refuses:
    """Any body."""
    return Refuses(status, body.encode() if isinstance(body, str) else body, kind)


LOADING = refuses(503, "Model is loading, please retry later: tiny", Retry_After="30")
BUSY = refuses(429, RATE)
WRONG_KEY = refuses(401, UNAUTHORISED, WWW_Authenticate='Bearer scope="models:read"')
SHUT_OUT = refuses(429, "Too many failed attempts. IP temporarily banned.")
GENERATION_FAILED = refuses(500, FAILED)
OVERFLOW = refuses(400, CONTEXT)
NOT_UNDERSTOOD = answers("Internal Server Error: 1 validation error for CreateChatCompletion\n", "text/plain", 500)
GONE = refuses(404, "[address=127.0.0.1:9, pid=1] Model not found in the model list, uid: tiny")


def chat_model(uid: str = "tiny", **more: object) -> dict[str, object]:
    """A running chat model as GET /v1/models lists it."""
    listed = {"id": uid, "object": "model", "owned_by": "xinference", "model_type": "LLM", "model_ability": ["chat"]}
    return {**listed, "context_length": 262_144, **more}


def embedding_model(uid: str = "emb") -> dict[str, object]:
    """A running embedding model as GET /v1/models lists it."""
    return {"id": uid, "object": "model", "model_type": "embedding", "model_ability": ["embed"], "dimensions": 3}


async def three_numbers(texts: Sequence[str]) -> list[list[float]]:
    """Vectors that tell texts apart and have no particular length."""
    return [[1.0 + len(text), float(sum(map(ord, text)) % 97), 2.0] for text in texts]


@dataclass
class OpenAiServer:
    """Plays its behaviours one after the other, for chats and embeddings; the last one goes on for ever.

    An embedding request meets a `Says` with its vectors. `key` is what callers must show. `departures` counts callers
    that hung up before they had their answer. Events are framed as Xinference does: `data: …`, carriage returns.
    """

    url: str = ""
    key: str = ""
    script: deque[Behaviour] = field(default_factory=lambda: deque([Says("好")]))
    models: list[dict[str, object]] = field(default_factory=lambda: [chat_model(), embedding_model()])
    listing: Behaviour | None = None
    embeds: Callable[[Sequence[str]], Awaitable[list[list[float]]]] = three_numbers
    numbers: Literal["as asked", "float"] = "as asked"
    frame: str = "data: {}\r\n\r\n"
    received: list[Incoming] = field(default_factory=list)
    departures: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def plays(self, *behaviours: Behaviour) -> None:
        self.script = deque(behaviours)

    @property
    def chats(self) -> list[dict[str, object]]:
        """The bodies of the chats asked for."""
        return [json.loads(one.body) for one in self.received if one.target == "/v1/chat/completions"]

    async def handle(self, request: Incoming, wire: Wire) -> bool:
        self.received.append(request)
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return await self._play(WRONG_KEY, {}, wire)
        if (request.method, request.target) == ("GET", "/v1/models"):
            listing = answers(json.dumps({"object": "list", "data": self.models}))
            return await self._play(self.listing or listing, {}, wire)
        if request.method == "POST" and request.target in ("/v1/chat/completions", "/v1/embeddings"):
            return await self._counted(request, wire)
        return await self._play(refuses(404, "Not Found"), {}, wire)

    async def _counted(self, request: Incoming, wire: Wire) -> bool:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            behaviour = self.script.popleft() if len(self.script) > 1 else self.script[0]
            asked = json.loads(request.body)
            if request.target == "/v1/embeddings" and isinstance(behaviour, Says):
                behaviour = await self._vectors(asked)
            return await self._play(behaviour, asked, wire)
        finally:
            self.at_once -= 1

    async def _play(self, behaviour: Behaviour, asked: dict[str, object], wire: Wire) -> bool:
        if isinstance(behaviour, Says):
            return await self._say(behaviour, asked, wire)
        if isinstance(behaviour, Streams):
            await self._open_stream(wire)
            for event in behaviour.events:
                await wire.chunk(self.frame.format(event).encode())
            await wire.chunk(b"")
            return True
        if isinstance(behaviour, Breaks):
            return await self._break(behaviour, asked, wire)
        await wire.answer(behaviour.status, behaviour.body, behaviour.kind, **dict(behaviour.headers))
        return True

    async def _say(self, says: Says, asked: dict[str, object], wire: Wire) -> bool:
        if says.seconds and await self._leaves(wire, says.seconds):
            return False
        whole = _chat_answer(says, asked)
        if not asked.get("stream"):
            await wire.answer(200, json.dumps(whole, ensure_ascii=False).encode(), x_request_id="1")
            return True
        await self._open_stream(wire)
        for number, event in enumerate(_events(says, asked)):
            if number == says.cut_after or (number and says.pace and await self._leaves(wire, says.pace)):
                return False
            await wire.chunk(self.frame.format(json.dumps(event, ensure_ascii=False)).encode())
        if says.ends_with_done:
            await wire.chunk(self.frame.format("[DONE]").encode())
        await wire.chunk(b"")
        return True

    async def _break(self, breaks: Breaks, asked: dict[str, object], wire: Wire) -> bool:
        if breaks.how in ("stops halfway", "hangs halfway"):
            body = json.dumps(_chat_answer(Says("好" * 99), asked)).encode()
            await wire.head(200, Content_Type="application/json", Content_Length=str(len(body)))
            await wire.send(body[: len(body) // 2])
        if breaks.how in ("hangs", "hangs halfway"):
            await self._leaves(wire, 60.0)
        return False

    async def _open_stream(self, wire: Wire) -> None:
        await wire.head(200, Content_Type="text/event-stream; charset=utf-8", Transfer_Encoding="chunked")

    async def _leaves(self, wire: Wire, seconds: float) -> bool:
        left = await wire.left_within(seconds)
        self.departures += left
        return left

    async def _vectors(self, asked: dict[str, object]) -> Refuses:
        texts = asked["input"]
        assert isinstance(texts, list)
        packs = asked.get("encoding_format") == "base64" and self.numbers == "as asked"
        rows = [_packed(row) if packs else row for row in await self.embeds(texts)]
        data = [{"index": index, "object": "embedding", "embedding": row} for index, row in enumerate(rows)]
        return answers(json.dumps({"object": "list", "model": asked["model"], "data": data[::-1]}))


def _packed(row: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()


def _text(says: Says, asked: dict[str, object]) -> str:
    messages = asked.get("messages") or [{"content": ""}]
    assert isinstance(messages, list)
    return says.text if isinstance(says.text, str) else says.text(messages[-1]["content"])


def _usage(says: Says, asked: dict[str, object]) -> dict[str, int]:
    if not says.counted:
        return {"prompt_tokens": -1, "completion_tokens": -1, "total_tokens": -1}
    messages = asked.get("messages") or []
    assert isinstance(messages, list)
    prompt = 9 + sum(len(message["content"]) for message in messages)
    spoken = len(_text(says, asked))
    return {"prompt_tokens": prompt, "completion_tokens": spoken, "total_tokens": prompt + spoken}


def _chat_answer(says: Says, asked: dict[str, object]) -> dict[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": _text(says, asked)}
    if says.reasoning is not None:
        message["reasoning_content"] = says.reasoning
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": says.finish}
    return {"id": "chat1", "object": "chat.completion", "choices": [choice], "usage": _usage(says, asked)}


def _events(says: Says, asked: dict[str, object]) -> Iterator[dict[str, object]]:
    """The role first, two characters a piece, then the finish with the usage, and once more where usage was asked for."""
    text, thinks = _text(says, asked), says.reasoning is not None
    yield _event({"role": "assistant", "content": None if thinks else "", "reasoning_content": "" if thinks else None})
    if says.reasoning:
        yield _event({"reasoning_content": says.reasoning, "content": None})
    for start in range(0, len(text), 2):
        yield _event({"content": text[start : start + 2]}, usage=None)
    usage = _usage(says, asked)
    yield _event({"content": ""}, says.finish, usage=usage)
    if asked.get("stream_options"):
        yield _event({}, "stop", usage=usage)


def _event(delta: dict[str, object], finish: str | None = None, **more: object) -> dict[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "chat1", "object": "chat.completion.chunk", "choices": [choice], **more}


@asynccontextmanager
async def openai_server() -> AsyncIterator[OpenAiServer]:
    """A running server."""
    server = OpenAiServer()
    async with loopback(server.handle) as url:
        server.url = url
        yield server


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has come about on the server's side."""
    async with asyncio.timeout(5.0):
        while not condition():
            await asyncio.sleep(0.005)
