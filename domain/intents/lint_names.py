"""Rules about names: whatever a catalogue refers to must exist in it."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from domain.intents.annotated import read_example
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Intent
from domain.intents.problem import Problem, did_you_mean
from domain.slots.entity import BUILT_IN_ENTITIES
from domain.slots.slot import Slot
from domain.slots.temporal import as_date

_Path = tuple[str | int, ...]


def slots_of(catalogue: Catalogue) -> Iterator[tuple[_Path, Intent, str, Slot]]:
    """Every slot of the catalogue: its path, intent, name and declaration."""
    for intent_name, intent in catalogue.intents.items():
        for name, slot in intent.slots.items():
            yield ("intents", intent_name, "slots", name), intent, name, slot


def unknown_entities(catalogue: Catalogue) -> Iterator[Problem]:
    """A slot's entity is declared or built in."""
    for path, _, _, slot in slots_of(catalogue):
        if not catalogue.knows_kind(slot.entity):
            known = chain(catalogue.entities, BUILT_IN_ENTITIES)
            yield _unknown((*path, "entity"), "entity", slot.entity, known)


def unknown_functions(catalogue: Catalogue) -> Iterator[Problem]:
    """An intent's function is declared."""
    for name, intent in catalogue.intents.items():
        if intent.function is not None and intent.function not in catalogue.functions:
            yield _unknown(("intents", name, "function"), "function", intent.function, catalogue.functions)


def unknown_arguments(catalogue: Catalogue) -> Iterator[Problem]:
    """An argument's slot belongs to an intent that calls the function. Functions nobody calls are left alone."""
    for name, function in catalogue.functions.items():
        callers = [intent for intent in catalogue.intents.values() if intent.function == name]
        slots = set(chain.from_iterable(intent.slots for intent in callers))
        for argument, slot in function.arguments.items():
            if callers and slot not in slots:
                yield _unknown(("functions", name, "arguments", argument), "slot", slot, slots)


def unknown_candidates(catalogue: Catalogue) -> Iterator[Problem]:
    """An ambiguity offers intents that exist, two of them at least."""
    for name, ambiguity in catalogue.ambiguities.items():
        path = ("ambiguities", name, "candidates")
        for index, candidate in enumerate(ambiguity.candidates):
            if candidate not in catalogue.intents:
                yield _unknown((*path, index), "intent", candidate, catalogue.intents)
        if len(set(ambiguity.candidates)) < 2:
            yield Problem(path, "an ambiguity needs two candidates at least")


def unknown_slots(catalogue: Catalogue) -> Iterator[Problem]:
    """Conditions of a slot and its checks name slots of the same intent."""
    for path, intent, _, slot in slots_of(catalogue):
        for reference, name in chain(_conditions(slot), _checks(slot)):
            if name not in intent.slots:
                yield _unknown((*path, *reference), "slot", name, intent.slots)


def _conditions(slot: Slot) -> Iterator[tuple[_Path, str]]:
    yield from ((("required_when", name), name) for name in slot.required_when)
    yield from ((("required_unless", index), name) for index, name in enumerate(slot.required_unless))
    if slot.relative_to is not None:
        yield ("relative_to",), slot.relative_to


def _checks(slot: Slot) -> Iterator[tuple[_Path, str]]:
    for index, check in enumerate(slot.checks):
        if check.differs_from is not None:
            yield ("checks", index, "differs_from"), check.differs_from
        for rule, bound in (("not_before", check.not_before), ("not_after", check.not_after)):
            if bound is not None and is_slot_name(bound):
                yield ("checks", index, rule), bound


def is_slot_name(bound: str) -> bool:
    """Whether the bound of a date check is neither `today` nor an ISO date, so that it must be a slot."""
    return bound != "today" and as_date(bound) is None


def bad_annotations(catalogue: Catalogue) -> Iterator[Problem]:
    """Annotations name slots of their intent, or of a candidate; and nothing looks like one that is none."""
    for intent_name, intent in catalogue.intents.items():
        yield from _annotations(("intents", intent_name, "examples"), intent.examples, set(intent.slots))
    for name, ambiguity in catalogue.ambiguities.items():
        candidates = (catalogue.intents[one] for one in ambiguity.candidates if one in catalogue.intents)
        slots = set(chain.from_iterable(intent.slots for intent in candidates))
        yield from _annotations(("ambiguities", name, "examples"), ambiguity.examples, slots)


def _annotations(path: _Path, examples: tuple[str, ...], slots: Collection[str]) -> Iterator[Problem]:
    for index, source in enumerate(examples):
        example = read_example(source)
        for annotation in example.annotations:
            if annotation.slot not in slots:
                yield _unknown((*path, index), "slot", annotation.slot, slots)
        if "](" in example.text:
            hint = "write [value](slot_name), without spaces in the name"
            yield Problem((*path, index), "malformed annotation", hint)


def _unknown(path: _Path, what: str, name: str, known: Iterable[str]) -> Problem:
    return Problem(path, f"unknown {what} {name!r}", did_you_mean(name, known))
