"""The vectors in an answer."""

import base64

import msgspec
import numpy as np
import numpy.typing as npt

from adapters.rest.answer import Answer, decoded
from domain.values import Unavailable, Value

_NOT_UNDERSTOOD = Unavailable("broken", "the vectors are not understood")


class Vectors(Value, frozen=True):
    """Rows of `dimensions` little-endian float32 numbers, each of length one, in the order asked."""

    dimensions: int
    rows: tuple[bytes, ...]


class _Item(msgspec.Struct, frozen=True):
    """A vector as a list of numbers, or as the base64 of little-endian float32."""

    embedding: list[float] | str
    index: int = -1


class _Listing(msgspec.Struct, frozen=True):
    data: list[_Item]


def vectors_in(answer: Answer, count: int) -> Vectors | Unavailable:
    """The vectors of so many texts. Servers need not keep the order, nor make them of length one."""
    listing = decoded(answer.body, _Listing)
    if listing is None or len(listing.data) != count:
        return _NOT_UNDERSTOOD
    items = sorted(listing.data, key=lambda item: item.index)
    rows = [_numbers(item.embedding) for item in items]
    if len({len(row) for row in rows}) != 1:
        return _NOT_UNDERSTOOD
    matrix = np.vstack(rows)
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        return _NOT_UNDERSTOOD
    unit = (matrix / lengths).astype("<f4")
    return Vectors(unit.shape[1], tuple(row.tobytes() for row in unit))


def _numbers(embedding: list[float] | str) -> npt.NDArray[np.float64]:
    """The numbers of one vector; none where the text is no base64 of them."""
    if not isinstance(embedding, str):
        return np.asarray(embedding, np.float64)
    try:
        return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4").astype(np.float64)
    except ValueError:
        return np.zeros(0, np.float64)
