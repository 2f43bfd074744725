"""Answers of one type in a cache, under a hash of everything they depend on."""

import hashlib
from typing import Generic, TypeVar

import msgspec

from domain.ports.cache import Cache
from domain.values import Value

T = TypeVar("T")


class Answers(Generic[T]):
    """Keeps answers for `seconds`. `part` keeps those of one part apart from those of others."""

    def __init__(self, cache: Cache, decoder: msgspec.json.Decoder[T], *, part: str, seconds: float) -> None:
        self._cache = cache
        self._decoder = decoder
        self._part = part
        self._seconds = seconds
        # Sets have no order of their own: left alone, every process would hash them differently.
        self._encoder = msgspec.json.Encoder(order="deterministic")

    def key(self, question: Value) -> str | None:
        """The key of a question, from which nothing in it can be read; None for a question that JSON cannot say."""
        material = self._encoded(question)
        return None if material is None else f"{self._part}:{hashlib.sha256(material).hexdigest()}"

    async def get(self, key: str) -> T | None:
        """The answer kept under a key; None as well for one that another release wrote and this one cannot read."""
        document = await self._cache.get(key)
        if document is None:
            return None
        try:
            return self._decoder.decode(document)
        except ValueError:  # msgspec's errors, and the one for bytes that are no UTF-8
            return None

    async def put(self, key: str, answer: T) -> None:
        """Keep an answer, unless JSON cannot say it."""
        document = self._encoded(answer)
        if document is not None:
            await self._cache.put(key, document, seconds=self._seconds)

    def _encoded(self, value: object) -> bytes | None:
        try:
            return self._encoder.encode(value)
        except UnicodeEncodeError:  # half of a surrogate pair
            return None
