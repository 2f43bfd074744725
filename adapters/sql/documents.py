"""Values as JSON text, and instants as SQL keeps them."""

from datetime import UTC, datetime
from typing import Generic, TypeVar

import msgspec

from domain.errors import RepositoryUnavailable
from domain.values import Value

V = TypeVar("V", bound=Value)


class Document(Generic[V]):
    """Writes and reads values of one type."""

    def __init__(self, kind: type[V]) -> None:
        self._kind = kind
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(kind)

    def text(self, value: V) -> str:
        """The value as JSON, keys in the order they were declared."""
        return self._encoder.encode(value).decode()

    def value(self, text: str) -> V:
        """What `text` wrote; RepositoryUnavailable when it is no such document (written by a later release, say)."""
        try:
            return self._decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise RepositoryUnavailable(f"a stored {self._kind.__name__} cannot be read") from error


def utc(instant: datetime) -> datetime:
    """The instant in UTC, without its zone."""
    return instant.astimezone(UTC).replace(tzinfo=None)
