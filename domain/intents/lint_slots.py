"""Rules about entity types and slots: values, checks, and what depends on what."""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from domain.intents.catalogue import Catalogue
from domain.intents.lint_names import is_slot_name, slots_of
from domain.intents.problem import Problem, did_you_mean
from domain.names import EntityName
from domain.slots.checks import Check
from domain.slots.entity import SlotContent
from domain.slots.slot import Slot
from domain.slots.temporal import as_date

_Path = tuple[str | int, ...]
_DATES = frozenset(map(EntityName, ("date", "datetime")))
_NUMBERS = frozenset(map(EntityName, ("number", "ordinal", "money")))
_KINDS: Mapping[str, tuple[frozenset[EntityName], str]] = {
    "not_before": (_DATES, "dates"),
    "not_after": (_DATES, "dates"),
    "within_days": (_DATES, "dates"),
    "between": (_NUMBERS, "numbers"),
}
"""Rules that no value of another kind can ever pass."""


def empty_entities(catalogue: Catalogue) -> Iterator[Problem]:
    """An entity type says what it consists of."""
    for name, entity in catalogue.entities.items():
        if not entity.values and entity.pattern is None:
            yield Problem(("entities", name), f"entity {name!r} matches nothing", "give it `values` or a `pattern`")


def bad_patterns(catalogue: Catalogue) -> Iterator[Problem]:
    """Regular expressions can be parsed."""
    for name, entity in catalogue.entities.items():
        yield from _bad_pattern(("entities", name, "pattern"), entity.pattern)
    for path, _, _, slot in slots_of(catalogue):
        for index, check in enumerate(slot.checks):
            yield from _bad_pattern((*path, "checks", index, "matches"), check.matches)


def _bad_pattern(path: _Path, pattern: str | None) -> Iterator[Problem]:
    try:
        re.compile(pattern or "")
    except (re.error, OverflowError, RecursionError) as error:
        yield Problem(path, f"not a regular expression: {error}")


def foreign_values(catalogue: Catalogue) -> Iterator[Problem]:
    """Defaults, conditions and suggestions use values that the slot can have; suggestions may be synonyms."""
    for path, slot, content in _contents(catalogue):
        yield from _foreign(path, slot, content, catalogue)
    for path, _, _, slot in slots_of(catalogue):
        for index, suggestion in enumerate(slot.suggest):
            if suggestion not in _synonyms(slot, catalogue):
                yield from _foreign((*path, "suggest", index), slot, suggestion, catalogue)


def unreadable_values(catalogue: Catalogue) -> Iterator[Problem]:
    """Defaults and conditions of built-in kinds are written in their normalised form."""
    for path, slot, content in _contents(catalogue):
        if slot.entity in catalogue.entities:
            continue
        if slot.entity in _NUMBERS and isinstance(content, str | bool):
            yield Problem(path, f"{content!r} is not a number", "write it in digits, without quotes")
        if slot.entity in _DATES and as_date(content) is None:
            yield Problem(path, f"{content!r} is not a date", "write it like 2026-11-25")


def _contents(catalogue: Catalogue) -> Iterator[tuple[_Path, Slot, SlotContent]]:
    """What the catalogue itself puts into slots or expects there."""
    for path, intent, _, slot in slots_of(catalogue):
        if slot.default is not None:
            yield (*path, "default"), slot, slot.default
        for name, wanted in slot.required_when.items():
            if name in intent.slots:
                yield (*path, "required_when", name), intent.slots[name], wanted


def _foreign(path: _Path, slot: Slot, content: SlotContent, catalogue: Catalogue) -> Iterator[Problem]:
    entity = catalogue.entities.get(slot.entity)
    if entity is not None and entity.values and content not in entity.values:
        own = _synonyms(slot, catalogue).get(str(content))
        hint = f"write {own!r}, which it is a synonym of" if own else did_you_mean(str(content), entity.values)
        yield Problem(path, f"{content!r} is no value of entity {slot.entity!r}", hint)


def _synonyms(slot: Slot, catalogue: Catalogue) -> Mapping[str, str]:
    entity = catalogue.entities.get(slot.entity)
    values = entity.values if entity is not None else {}
    return {synonym: value for value, synonyms in values.items() for synonym in synonyms}


def bad_checks(catalogue: Catalogue) -> Iterator[Problem]:
    """A check declares one rule, and one that a value of the slot can pass."""
    for path, _, name, slot in slots_of(catalogue):
        for index, check in enumerate(slot.checks):
            where = (*path, "checks", index)
            if not check.rule:
                yield Problem(where, "a check declares exactly one rule", "write several checks, one rule each")
            if check.differs_from == name:
                yield Problem((*where, "differs_from"), f"slot {name!r} cannot differ from itself")
            if check.between is not None and check.between[0] > check.between[1]:
                yield Problem((*where, "between"), "the lowest number comes first")
            yield from _misplaced(where, slot, check, catalogue)


def _misplaced(where: _Path, slot: Slot, check: Check, catalogue: Catalogue) -> Iterator[Problem]:
    kinds, things = _KINDS.get(check.rule, (frozenset({slot.entity}), ""))
    if catalogue.knows_kind(slot.entity) and slot.entity not in kinds:
        yield Problem((*where, check.rule), f"{check.rule} is for {things}, not for entity {slot.entity!r}")


def bad_offsets(catalogue: Catalogue) -> Iterator[Problem]:
    """`relative_to` joins two dates."""
    for path, intent, name, slot in slots_of(catalogue):
        if slot.relative_to is None or slot.relative_to not in intent.slots:
            continue
        for which, one in ((name, slot), (slot.relative_to, intent.slots[slot.relative_to])):
            if one.entity not in _DATES:
                message = f"relative_to joins dates, and slot {which!r} is of entity {one.entity!r}"
                yield Problem((*path, "relative_to"), message)


def cycles(catalogue: Catalogue) -> Iterator[Problem]:
    """No slot waits for itself through required_when, relative_to and not_before."""
    for name, intent in catalogue.intents.items():
        try:
            TopologicalSorter({slot: _awaited(declared) for slot, declared in intent.slots.items()}).prepare()
        except CycleError as error:
            # The sorter's cycle runs from the awaited to the waiting, and closes with its first slot.
            cycle = [str(slot) for slot in reversed(error.args[1])]
            yield Problem(("intents", name, "slots", cycle[0]), f"slots depend on each other: {' -> '.join(cycle)}")


def _awaited(slot: Slot) -> tuple[str, ...]:
    bounds = (check.not_before for check in slot.checks if check.not_before is not None)
    base = () if slot.relative_to is None else (slot.relative_to,)
    return (*slot.required_when, *base, *(bound for bound in bounds if is_slot_name(bound)))
