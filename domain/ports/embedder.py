"""Sentence embeddings."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.values import Unavailable, Value


class Embeddings(Value, frozen=True):
    """`count` vectors of `dimensions` float32 numbers, row by row, little-endian, each of length one."""

    count: int
    dimensions: int
    data: bytes


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how near they are in meaning."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Names the model, so that stored vectors of another one are not mixed in."""

    @abstractmethod
    async def embed(self, texts: Sequence[str]) -> Embeddings | Unavailable:
        """One vector a text, in the order given, or why there is none. Never raises for an outage.

        Accepts any text: control characters, lone surrogates, 100,000 characters (only the head counts)
        and the empty text give a vector. Repeating gives the same vectors; cancelling is safe. Does not
        hold up the event loop.
        """
