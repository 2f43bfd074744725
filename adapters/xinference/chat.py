"""Chat completions: the request, and the whole answer."""

import msgspec

from adapters.rest.answer import Answer, decoded
from adapters.rest.endpoint import Request
from adapters.xinference.models import Model
from adapters.xinference.server import TOO_LONG
from adapters.xinference.thoughts import spoken
from domain.ports.language_model import Completion, Prompt
from domain.values import Unavailable, Value

EMPTY = Unavailable("empty", "the model said nothing, or did nothing but think")


class _Message(Value, frozen=True):
    role: str
    content: str


class _Schema(Value, frozen=True):
    name: str
    strict: bool
    schema: msgspec.Raw


class _Format(Value, frozen=True):
    type: str
    json_schema: _Schema


class _Template(Value, frozen=True):
    enable_thinking: bool


class _StreamOptions(Value, frozen=True):
    include_usage: bool


class _Body(Value, frozen=True, kw_only=True):
    """Everything is said, since the servers' defaults differ; fields that a server does not know it passes over."""

    model: str
    messages: tuple[_Message, ...]
    temperature: float
    top_p: float
    max_tokens: int
    stream: bool
    enable_thinking: bool
    chat_template_kwargs: _Template
    response_format: _Format | msgspec.UnsetType = msgspec.UNSET
    stream_options: _StreamOptions | msgspec.UnsetType = msgspec.UNSET


class Usage(msgspec.Struct, frozen=True):
    """Tokens; some versions say -1 for what they did not count."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Said(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Said


class _ChatAnswer(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...]
    usage: Usage | None = None


def chat_request(
    prompt: Prompt, model: Model, *, temperature: float, top_p: float, stream: bool
) -> Request | Unavailable:
    """The request of a prompt; Unavailable where its schema is no JSON. Asks for an answer without thoughts."""
    wanted = _format(prompt.json_schema) if prompt.json_schema else msgspec.UNSET
    if wanted is None:
        return Unavailable("refused", "the schema of the answer is no JSON")
    # Some templates accept a system message in the first place only, and put in their own where there is none.
    messages = (_Message("system", _sendable(prompt.system)),) if prompt.system else ()
    body = _Body(
        model=model.uid,
        messages=(*messages, _Message("user", _sendable(prompt.user))),
        temperature=temperature,
        top_p=top_p,
        max_tokens=prompt.max_tokens,
        stream=stream,
        enable_thinking=False,
        chat_template_kwargs=_Template(enable_thinking=False),
        response_format=wanted,
        stream_options=_StreamOptions(include_usage=True) if stream else msgspec.UNSET,
    )
    accept = "text/event-stream" if stream else "application/json"
    return Request(path="/v1/chat/completions", body=msgspec.json.encode(body), accept=accept, repeatable=True)


def completion_in(answer: Answer, model: Model, max_tokens: int) -> Completion | Unavailable:
    """The model's text without its thoughts.

    A server may answer 200 with something else: a page of a proxy, or a text alone when a request was broken off.
    """
    chat = decoded(answer.body, _ChatAnswer)
    if chat is None or not chat.choices:
        return Unavailable("broken", "the answer is no chat completion")
    return completion(spoken(chat.choices[0].message.content or ""), chat.usage, model, max_tokens)


def completion(text: str, usage: Usage | None, model: Model, max_tokens: int) -> Completion | Unavailable:
    """A text and what it cost, where it is an answer to the whole prompt."""
    prompt_tokens = _count(usage.prompt_tokens) if usage else 0
    if model.cuts_at(max_tokens) <= prompt_tokens:
        return TOO_LONG
    return Completion(text, prompt_tokens, _count(usage.completion_tokens) if usage else 0) if text else EMPTY


def _format(schema: str) -> _Format | None:
    raw = schema.encode("utf-8", "replace")
    if decoded(raw, dict[str, object]) is None:
        return None
    return _Format("json_schema", _Schema("answer", strict=True, schema=msgspec.Raw(raw)))


def _sendable(text: str) -> str:
    """Lone surrogates cannot be encoded; each becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _count(tokens: int | None) -> int:
    return max(tokens or 0, 0)
