"""Where a catalogue's annotated examples put the values of a kind: the words before, the words after, the topic."""

import re
from collections.abc import Callable, Iterable, Iterator

from domain.intents.annotated import AnnotatedExample, read_example
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Intent
from domain.names import EntityName, SlotName
from domain.values import Value

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LAST_WORD = re.compile(r"([a-z]+)\s$")
_FIRST_WORD = re.compile(r"\s([a-z]+)\b")
_TOPIC_HAN = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_TOPIC_LATIN = re.compile(r"[a-z]{4,}")
_COMMON = re.compile(
    r"[的了我你您要想帮请一个张到从去在是给把和就吧吗呢啊能可以不下来有没什么怎多少天日月年周点号今明昨后谢]"
)
_COMMON_WORDS = frozenset(
    ["want", "need", "like", "please", "would", "from", "with", "that", "this", "have", "could", "help", "next", "book"]
)
_ANYTHING_FOLLOWS = frozenset(["my", "your", "our", "his", "her", "their", "the", "a", "an", "this", "that"])


class Contexts(Value, frozen=True):
    """`lefts` and `rights` stand directly beside values; one of `topics` says what the talk is about."""

    lefts: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()


def contexts_of(kind: EntityName, catalogue: Catalogue, fold: Callable[[str], str]) -> Contexts:
    """What the annotated examples of all slots of this kind teach; empty when there are none."""
    lefts: set[str] = set()
    rights: set[str] = set()
    topics: set[str] = set()
    for intent in catalogue.intents.values():
        slots = _slots_of(kind, intent)
        taught = False
        for source in intent.examples:
            example = read_example(source)
            for left, right in _neighbours(example, slots, fold):
                taught = True
                lefts.update(_near_left(left))
                rights.update(_near_right(right))
                topics.update(topics_in(left), topics_in(right))
        if taught:
            topics.update(topics_in(fold(intent.title)), topics_in(fold(intent.label)))
    return Contexts(frozenset(lefts), frozenset(rights), frozenset(topics))


def ordinary_of(
    kind: EntityName,
    catalogue: Catalogue,
    fold: Callable[[str], str],
    places: Callable[[str], Iterable[tuple[int, int]]],
) -> frozenset[str]:
    """What examples hold in a value's place that they do not annotate as one: no value, whatever stands around it.

    `places` finds such places in a folded text.
    """
    ordinary: set[str] = set()
    for intent in catalogue.intents.values():
        slots = _slots_of(kind, intent)
        for source in (*intent.examples, *intent.counter_examples):
            example = read_example(source)
            text = fold(example.text)
            values = [mark for mark in example.annotations if mark.slot in slots]
            for start, end in places(text):
                if all(end <= value.start or value.end <= start for value in values):
                    ordinary.add(text[start:end])
    return frozenset(ordinary)


def _slots_of(kind: EntityName, intent: Intent) -> frozenset[SlotName]:
    return frozenset(name for name, slot in intent.slots.items() if slot.entity == kind)


def topics_in(folded: str) -> Iterator[str]:
    """Pairs of Chinese characters and Latin words that say something of the topic."""
    for match in _TOPIC_HAN.finditer(folded):
        if not _COMMON.search(match[1]):
            yield match[1]
    yield from (word for word in _TOPIC_LATIN.findall(folded) if word not in _COMMON_WORDS)


def _neighbours(
    example: AnnotatedExample, slots: frozenset[SlotName], fold: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """The text between a value and the annotations beside it."""
    text = fold(example.text)
    marks = example.annotations
    for index, mark in enumerate(marks):
        if mark.slot in slots:
            before = marks[index - 1].end if index else 0
            after = marks[index + 1].start if index + 1 < len(marks) else len(text)
            yield text[before : mark.start], text[mark.end : after]


def _near_left(left: str) -> Iterator[str]:
    """The last Chinese character, or the last Latin word with its blank."""
    if left and _HAN.match(left[-1]):
        yield left[-1]
    yield from (f"{word} " for word in _LAST_WORD.findall(left) if word not in _ANYTHING_FOLLOWS)


def _near_right(right: str) -> Iterator[str]:
    """The first two Chinese characters, or the first Latin word with its blank."""
    if right and _HAN.match(right[0]):
        yield right[:2]
    word = _FIRST_WORD.match(right)
    if word is not None:
        yield word.group()
