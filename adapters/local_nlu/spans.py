"""The values in a text, one reading a place, and the text with values written in a uniform way."""

from collections.abc import Callable, Collection, Sequence

from domain.names import EntityName
from domain.slots.entity import Entity
from domain.values import Value

PLACEHOLDER = "V"


class Span(Value, frozen=True):
    """Something of a kind at a place; offsets in code points, end exclusive."""

    kind: EntityName
    start: int
    end: int


def cover(entities: Sequence[Entity], preferred: Collection[EntityName] = ()) -> tuple[Entity, ...]:
    """Readings that do not overlap, by position: longer ones first, then those of a preferred kind."""
    chosen: list[Entity] = []
    for entity in sorted(entities, key=lambda e: (-(e.end - e.start), e.kind not in preferred, -e.confidence, e.start)):
        if entity.end > entity.start and all(entity.end <= c.start or entity.start >= c.end for c in chosen):
            chosen.append(entity)
    return tuple(sorted(chosen, key=lambda e: e.start))


def rewritten(text: str, spans: Sequence[Span | Entity], write: Callable[[Span | Entity], str]) -> str:
    """The text with each of the `spans` (in order, apart from each other) replaced by what `write` says."""
    parts: list[str] = []
    position = 0
    for span in spans:
        parts += (text[position : span.start], write(span))
        position = span.end
    return "".join((*parts, text[position:]))


def within(entities: Sequence[Entity], start: int, end: int) -> tuple[Entity, ...]:
    """The entities that begin in a stretch of the text."""
    return tuple(entity for entity in entities if start <= entity.start < end)


def shifted(entities: Sequence[Entity], start: int) -> tuple[Span, ...]:
    """Their spans as offsets from `start`."""
    return tuple(Span(entity.kind, entity.start - start, entity.end - start) for entity in entities)
