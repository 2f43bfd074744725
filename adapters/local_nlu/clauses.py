"""An utterance cut where a speaker pauses."""

import re
from collections.abc import Iterator, Sequence

from adapters.local_nlu.cue_tables import BREAKING
from adapters.local_nlu.spans import PLACEHOLDER, rewritten, shifted, within
from domain.names import EntityName
from domain.slots.entity import Entity
from domain.values import Value

MOST_CLAUSES = 24

_PAUSE = re.compile(r"[，。！？；,!?;\n…~]+|\.(?=\s|$)|(?<=[^\x00-\u2e7f])\s+(?=\S)|(?<=\S)\s+(?=[^\x00-\u2e7f])")
_IN_WORDS: frozenset[EntityName] = frozenset(
    EntityName(kind) for kind in ("number", "ordinal", "duration", "time", "datetime", "text")
)
_OPENING = re.compile(BREAKING)


class Clause(Value, frozen=True):
    """A stretch of the utterance between pauses, and the values in it.

    `marked` is its text in lower case with values written `V`; `spoken` leaves small numbers and lengths of time
    as they are, which everyday words contain (等一下, 再说一遍).
    """

    text: str
    start: int
    end: int
    marked: str
    spoken: str
    entities: tuple[Entity, ...] = ()


def clauses(text: str, values: Sequence[Entity]) -> tuple[Clause, ...]:
    """The clauses in order; pauses inside a value do not count. `values` do not overlap."""
    return tuple(_clause(text, start, end, values) for start, end in _stretches(text, values))[:MOST_CLAUSES]


def piece(text: str, start: int, end: int, values: Sequence[Entity]) -> Clause:
    """A stretch of the utterance as a clause of its own."""
    return _clause(text, start, end, values)


def _stretches(text: str, values: Sequence[Entity]) -> Iterator[tuple[int, int]]:
    position = 0
    pauses = (match.span() for match in _PAUSE.finditer(text))
    for start, end in (*(p for p in pauses if not _inside(p, values)), (len(text), len(text))):
        if text[position:start].strip():
            yield from _opened(text, position, start, values)
        position = end


def _inside(pause: tuple[int, int], values: Sequence[Entity]) -> bool:
    return any(value.start < pause[1] and pause[0] < value.end for value in values)


def _opened(text: str, start: int, end: int, values: Sequence[Entity]) -> Iterator[tuple[int, int]]:
    """A clause, cut after an opening such as 不对 that stands directly before the rest."""
    opening = _OPENING.match(_clause(text, start, end, values).marked)
    if opening is None or any(value.start < start + opening.end() for value in within(values, start, end)):
        yield start, end
    else:
        yield start, start + opening.end()
        yield start + opening.end(), end


def _clause(text: str, start: int, end: int, values: Sequence[Entity]) -> Clause:
    start += len(text[start:end]) - len(text[start:end].lstrip())
    own = within(values, start, end)
    firm = tuple(entity for entity in own if entity.kind not in _IN_WORDS)
    stretch = text[start:end]
    return Clause(stretch.rstrip(), start, end, _marked(stretch, own, start), _marked(stretch, firm, start), own)


def _marked(stretch: str, values: Sequence[Entity], start: int) -> str:
    hidden = rewritten(stretch, shifted(values, start), lambda _: "\x00").lower()
    return hidden.replace("\x00", PLACEHOLDER).strip()
