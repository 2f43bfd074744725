"""Annotated examples: 从[北京](departure_city)到[上海](arrival_city)."""

import re

from domain.names import SlotName
from domain.values import Value

_ANNOTATION = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")


class Annotation(Value, frozen=True):
    """A span of an example's plain text and the slot it fills; offsets in code points, end exclusive."""

    slot: SlotName
    start: int
    end: int
    text: str


class AnnotatedExample(Value, frozen=True):
    """An example without its brackets, and what the brackets said."""

    text: str
    annotations: tuple[Annotation, ...] = ()


def read_example(source: str) -> AnnotatedExample:
    """Split `source` into plain text and annotations. Brackets that form no annotation stay text."""
    text, position = "", 0
    annotations: list[Annotation] = []
    for match in _ANNOTATION.finditer(source):
        text += source[position : match.start()]
        value, slot = match.groups()
        annotations.append(Annotation(SlotName(slot), len(text), len(text) + len(value), value))
        text += value
        position = match.end()
    return AnnotatedExample(text + source[position:], tuple(annotations))
