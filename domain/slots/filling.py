"""Which entity fills which slot of an intent."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import msgspec

from domain.intents.intent import Intent
from domain.names import EntityName, SlotName
from domain.slots.checking import UNKNOWN_VALUE, Values, applies, checked
from domain.slots.entity import Entity, SlotContent
from domain.slots.slot import Slot, SlotValue, kinds_taken
from domain.slots.temporal import as_date, days_of, shifted
from domain.values import Value

_COUNTED: frozenset[EntityName] = frozenset({EntityName("number"), EntityName("ordinal"), EntityName("duration")})
"""Kinds that any sentence may hold: they fill a slot only when asked for or when the words around point to it."""


_RANGE = re.compile(r"[到至~—–-]|\b(?:to|until|till|through)\b", re.IGNORECASE)
"""What makes two days of one span, as opposed to 下周."""
_SURE = 0.5
"""A role less sure than this counts for nothing."""


class Filling(Value, frozen=True):
    """The values after filling, and the slots whose value was set anew."""

    values: Mapping[SlotName, SlotValue]
    changed: tuple[SlotName, ...] = ()


def with_defaults(intent: Intent) -> Values:
    """The values a fresh frame starts with."""
    return {
        name: SlotValue(slot.default, source="default")
        for name, slot in intent.slots.items()
        if slot.default is not None
    }


def filled(
    values: Values, intent: Intent, entities: Sequence[Entity], *, asked: SlotName | None, now: datetime
) -> Filling:
    """Put entities into the slots they fit best, check everything again, and say what changed.

    Evidence, strongest first: the value rejected beside it (不是后天，是下周一), the role the words point to,
    the slot that was asked, the only slot of that kind. Each entity fills one slot, each slot takes one
    entity, and spans that overlap a used one are left alone.
    """
    result = dict(values)
    changed: list[SlotName] = []
    ranked = sorted(_offers(values, intent, entities, asked), key=lambda offer: -offer.weight)
    used: list[Entity] = []
    for offer in ranked:
        if offer.slot in changed or any(_overlap(offer.entity, entity) for entity in used):
            continue
        used.append(offer.entity)
        value = _value(intent.slots[offer.slot], offer.entity, result)
        if result.get(offer.slot) != value:
            result[offer.slot] = value
        changed.append(offer.slot)
    _spread(result, intent, changed)
    _imply(result, intent, changed)
    _recount(result, intent, changed)
    kept = {name: value for name, value in result.items() if applies(intent.slots[name], result)}
    order = tuple(name for name in intent.slots if name in changed and name in kept)
    return Filling(checked(kept, intent, now), order)


class _Offer(Value, frozen=True):
    """One entity for one slot, and how much speaks for it."""

    entity: Entity
    slot: SlotName
    weight: float


def _offers(values: Values, intent: Intent, entities: Sequence[Entity], asked: SlotName | None) -> Iterator[_Offer]:
    rejected = {(e.kind, e.value) for e in entities if e.negated}
    for entity in entities:
        if entity.negated:
            continue
        fitting = [name for name, slot in intent.slots.items() if takes(slot, entity.kind)]
        for name in fitting:
            has_role = entity.role in intent.slots and entity.role_confidence >= _SURE
            weight = _weight(entity, name, values.get(name), asked, rejected, alone=len(fitting) == 1, told=has_role)
            if weight > 0:
                yield _Offer(entity, name, weight + _preference(entity, intent.slots[name], values))


def _preference(entity: Entity, slot: Slot, values: Values) -> float:
    """Tells equal offers apart: the longer span, and 三天后 as counted from the slot's own base where that is known."""
    counted = entity.kind == "duration" and slot.entity != "duration" and _base_of(slot, values) is not None
    return (entity.end - entity.start) / 1000 + (0.1 if counted else 0.0)


def takes(slot: Slot, kind: EntityName) -> bool:
    """Whether a slot accepts entities of a kind."""
    return kind in kinds_taken(slot)


def _weight(
    entity: Entity,
    name: SlotName,
    current: SlotValue | None,
    asked: SlotName | None,
    rejected: set[tuple[EntityName, SlotContent]],
    *,
    alone: bool,
    told: bool,
) -> float:
    """How much speaks for this entity in this slot; 0 when nothing does."""
    if current is not None and (entity.kind, current.value) in rejected:
        return 5.0
    if told:
        return 3.0 + entity.role_confidence if entity.role == name else 0.0
    if name == asked:
        return 2.0
    if entity.kind in _COUNTED or not alone:
        empty = current is None or current.source == "default" or not current.valid
        return 0.5 if empty and entity.kind not in _COUNTED else 0.0
    return 1.0


def _overlap(one: Entity, other: Entity) -> bool:
    return one.start < other.end and other.start < one.end


def _value(slot: Slot, entity: Entity, values: Values) -> SlotValue:
    """What the entity means in this slot: durations count from the slot it is relative to."""
    content, offset = entity.value, ""
    if entity.kind == "duration" and slot.entity != "duration":
        offset = str(entity.value)
        content = _counted(slot, offset, values)
    problem = "" if entity.valid and content != "" else UNKNOWN_VALUE
    return SlotValue(content, entity.text, entity.confidence, entity.source, problem=problem, offset=offset)


def _counted(slot: Slot, offset: str, values: Values) -> str:
    """The date `offset` after the slot this one is relative to; empty when that date is not known."""
    start = _base_of(slot, values)
    day = shifted(start, offset) if start is not None else None
    return day.isoformat() if day is not None else ""


def _base_of(slot: Slot, values: Values) -> date | None:
    base = values.get(slot.relative_to or SlotName(""))
    return as_date(base.value) if base is not None and base.valid else None


def _spread(values: dict[SlotName, SlotValue], intent: Intent, changed: list[SlotName]) -> None:
    """A period said for a date that another one must follow (12月3日到5日, check-in and check-out) fills both."""
    for name in tuple(changed):
        days = days_of(values[name].value)
        later = next((other for other, slot in intent.slots.items() if _follows(slot, name)), None)
        if days is None or days[0] == days[1] or intent.slots[name].entity != "date" or later is None:
            continue
        if later not in changed and _RANGE.search(values[name].original_text):
            for slot, day in ((name, days[0]), (later, days[1])):
                values[slot] = msgspec.structs.replace(values[name], value=day.isoformat(), offset="")
            changed.append(later)


def _follows(slot: Slot, name: SlotName) -> bool:
    return slot.entity == "date" and (slot.relative_to == name or any(c.not_before == name for c in slot.checks))


def _imply(values: dict[SlotName, SlotValue], intent: Intent, changed: Sequence[SlotName]) -> None:
    """A value that only makes sense under a condition (a return date) sets the condition (a round trip).

    What the user said of the condition in so many words stands.
    """
    for name in changed:
        for condition, wanted in intent.slots[name].required_when.items():
            current = values.get(condition)
            if condition not in changed and (current is None or current.source == "default"):
                values[condition] = SlotValue(wanted, values[name].original_text, source="rule")


def _recount(values: dict[SlotName, SlotValue], intent: Intent, changed: Sequence[SlotName]) -> None:
    """Dates given relative to a changed date move with it."""
    for name, slot in intent.slots.items():
        value = values.get(name)
        if value is not None and value.offset and slot.relative_to in changed:
            content = _counted(slot, value.offset, values)
            values[name] = msgspec.structs.replace(value, value=content, problem="" if content else UNKNOWN_VALUE)
