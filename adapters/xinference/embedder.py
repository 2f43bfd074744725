"""Sentence embeddings that are asked for over HTTP."""

import secrets
import ssl
import time
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Final, Self

import msgspec

from adapters.rest.caller import Limits
from adapters.rest.endpoint import Request
from adapters.xinference.server import caller
from adapters.xinference.vectors import Vectors, vectors_in
from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable, Value

LONGEST: Final = 512
"""Characters of a text that count; servers cut at some length too, each at another."""
MOST_AT_ONCE: Final = 32
LIMITS: Final = Limits(at_once=4, waiting=64, answer_bytes=4 << 20)

_NOTHING = "."
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}
_RANDOM = secrets.SystemRandom()


class _Body(Value, frozen=True):
    model: str
    input: tuple[str, ...]
    encoding_format: str


class XinferenceEmbedder(Embedder):
    """Embeddings of Xinference or a server like it, within the `async with` block.

    `model` is the name that requests carry. Each batch of 32 texts may take `seconds`. Raises SettingsInvalid for an
    address or key that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str,
        api_key: str = "",
        seconds: float = 5.0,
        limits: Limits = LIMITS,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._model = model
        self._seconds = seconds
        self._dimensions = 0
        self._caller = caller("embedder", base_url, api_key, limits=limits, tls=tls, monotonic=monotonic, jitter=jitter)

    async def __aenter__(self) -> Self:
        """Open the connections; nothing is asked yet."""
        await self._caller.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._caller.__aexit__(kind, error, trace)

    @property
    def version(self) -> str:
        """The model's name: another model needs another."""
        return f"xinference {self._model}"

    async def embed(self, texts: Sequence[str]) -> Embeddings | Unavailable:
        """One vector a text; equal texts are sent once, long requests in batches."""
        clean = [_sendable(text) for text in texts]
        fresh = list(dict.fromkeys(clean))
        rows: dict[str, bytes] = {}
        for start in range(0, len(fresh), MOST_AT_ONCE):
            batch = tuple(fresh[start : start + MOST_AT_ONCE])
            answer = await self._embedded(batch)
            if isinstance(answer, Unavailable):
                return answer
            self._dimensions = self._dimensions or answer.dimensions
            if answer.dimensions != self._dimensions:
                return Unavailable("broken", "another model answers under the same name: restart")
            rows.update(zip(batch, answer.rows, strict=True))
        return Embeddings(len(clean), self._dimensions, b"".join(rows[text] for text in clean))

    async def _embedded(self, batch: tuple[str, ...]) -> Vectors | Unavailable:
        body = msgspec.json.encode(_Body(self._model, batch, "base64"))
        request = Request(path="/v1/embeddings", body=body, repeatable=True)
        return await self._caller.call(request, partial(vectors_in, count=len(batch)), deadline=self._seconds)


def _sendable(text: str) -> str:
    """The head of a text without control characters, surrogates and unassigned code points; never empty."""
    head = text[:LONGEST]
    if not (head.isascii() and head.isprintable()):
        spaced = "".join(" " if char in "\t\n\r" else char for char in head)
        head = "".join(char for char in spaced if unicodedata.category(char) not in _UNSEEN)
    return head.strip() or _NOTHING
