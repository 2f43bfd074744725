"""Chat completions piece by piece."""

import msgspec

from adapters.rest.answer import decoded
from adapters.xinference.chat import Usage, completion
from adapters.xinference.models import Model
from adapters.xinference.server import reason_in_event
from adapters.xinference.thoughts import Spoken
from domain.ports.language_model import Completion
from domain.values import Unavailable

Part = str | Completion


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _ErrorWords(msgspec.Struct, frozen=True):
    message: str = ""


class _Chunk(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...] = ()
    usage: Usage | None = None
    error: str | _ErrorWords | None = None


class ChatStream:
    """Hears one stream: pieces of the text, then the completion they make.

    The end is `[DONE]`; where that is missing, a finish reason must have come. Thoughts are left out.
    """

    def __init__(self, model: Model, max_tokens: int) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._spoken = Spoken()
        self._pieces: list[str] = []
        self._usage: Usage | None = None
        self._finished = False
        self.satisfied = False

    def hear(self, data: str) -> tuple[Part, ...] | Unavailable:
        """The piece in one event; Unavailable for an error, and for what is no event of a chat."""
        if data == "[DONE]":
            self.satisfied = True
            return ()
        chunk = decoded(data.encode(), _Chunk)
        if chunk is None:
            return Unavailable("broken", "an event of the stream is not understood")
        if chunk.error is not None:
            return reason_in_event(chunk.error if isinstance(chunk.error, str) else chunk.error.message)
        self._usage = chunk.usage or self._usage
        said = ""
        for choice in chunk.choices[:1]:
            self._finished = self._finished or choice.finish_reason is not None
            said = self._spoken.feed(choice.delta.content or "")
        if self._spoken.stray:
            return Unavailable("refused", "the model thinks aloud without saying where its thoughts begin")
        return self._kept(said)

    def end(self) -> tuple[Part, ...] | Unavailable:
        """The last piece and the completion."""
        if not (self.satisfied or self._finished):
            return Unavailable("broken", "the stream ended before the answer did")
        last = self._kept(self._spoken.end())
        whole = completion("".join(self._pieces), self._usage, self._model, self._max_tokens)
        return whole if isinstance(whole, Unavailable) else (*last, whole)

    def _kept(self, said: str) -> tuple[Part, ...]:
        self._pieces += [said] if said else []
        return (said,) if said else ()
