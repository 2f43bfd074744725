"""A dictionary value found in a text."""

from domain.slots.entity import Source
from domain.values import Value


class Hit(Value, frozen=True):
    """`value` is the canonical one; offsets in code points, end exclusive."""

    start: int
    end: int
    value: str
    confidence: float = 1.0
    source: Source = "dictionary"

    def overlaps(self, other: "Hit") -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end
