"""Spans of the user's text with a kind and a normalised value."""

from collections.abc import Iterable
from typing import Literal

from domain.names import EntityName, SlotName
from domain.values import Value

SlotContent = str | int | float | bool
"""A normalised slot value. Dates are ISO 8601 (`2026-11-25`), instants carry minutes and no zone
(`2026-11-25T15:00`), periods are `start/end` with an exclusive end and either side possibly `..`,
durations are ISO 8601 (`P3D`, `PT1H30M`), money and numbers are plain numbers."""

Source = Literal[
    "dictionary", "fuzzy", "pinyin", "pattern", "duckling", "rule", "answer", "model", "default", "carried"
]

BUILT_IN_ENTITIES: frozenset[EntityName] = frozenset(
    EntityName(name)
    for name in ("date", "time", "datetime", "duration", "number", "ordinal", "money", "phone", "email", "url", "text")
)
"""Kinds that need no declaration. `datetime` takes a date, a time or both; `text` takes a whole answer."""


class Entity(Value, frozen=True):
    """One reading of one span. `start` and `end` count code points of the cleaned utterance, end exclusive.

    `role` is the slot that the words around the span point to, when they do; `role_confidence` is in 0..1.
    `negated` marks a value the user rejects (不是后天，是下周一).
    `valid` is False for a span that stands where a value of this kind belongs but is none (火星 for a city).
    """

    kind: EntityName
    start: int
    end: int
    text: str
    value: SlotContent
    confidence: float = 1.0
    source: Source = "dictionary"
    role: SlotName | None = None
    role_confidence: float = 0.0
    negated: bool = False
    valid: bool = True


def without_overlaps(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Keep the longest reading of each kind wherever readings of that kind overlap; order by position.

    Readings of different kinds may overlap: which one is meant depends on the slots of the intent.
    Ties go to the more confident reading, then to the earlier one.
    """
    kept: list[Entity] = []
    ranked = sorted(entities, key=lambda e: (-(e.end - e.start), -e.confidence, e.start))
    for entity in ranked:
        if all(entity.kind != k.kind or entity.end <= k.start or entity.start >= k.end for k in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda e: (e.start, e.end, e.kind)))
