"""Which values pass their checks, and which slots are still missing."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

import msgspec

from domain.intents.intent import Intent
from domain.names import SlotName
from domain.slots.checks import Check
from domain.slots.slot import Slot, SlotValue
from domain.slots.temporal import as_date, days_of

UNKNOWN_VALUE = "unknown_value"
SEVERAL_DAYS = "several_days"
Values = Mapping[SlotName, SlotValue]


def checked(values: Values, intent: Intent, now: datetime) -> Values:
    """The same values with `problem` set afresh on each, since a change of one slot may mend or break another.

    Values that were unreadable from the start stay so.
    """
    result: dict[SlotName, SlotValue] = {}
    for name, value in values.items():
        problem = value.problem if value.problem == UNKNOWN_VALUE else _problem(name, value, values, intent, now)
        result[name] = value if problem == value.problem else msgspec.structs.replace(value, problem=problem)
    return result


def failed_check(slot: Slot, value: SlotValue) -> Check | None:
    """The check that the value's problem comes from."""
    return next((check for check in slot.checks if check.rule == value.problem), None)


def missing_slots(values: Values, intent: Intent) -> tuple[SlotName, ...]:
    """Required slots that hold no valid value, and any slot that holds an invalid one, in declared order."""
    return tuple(name for name, slot in intent.slots.items() if _is_missing(name, slot, values))


def applies(slot: Slot, values: Values) -> bool:
    """Whether a slot has a place among these values: its `required_when` holds, or it has none."""
    return all(_holds(name, wanted, values) for name, wanted in slot.required_when.items())


def _holds(name: SlotName, wanted: object, values: Values) -> bool:
    value = values.get(name)
    return value is not None and value.valid and value.value == wanted


def _is_missing(name: SlotName, slot: Slot, values: Values) -> bool:
    value = values.get(name)
    if value is not None:
        return not value.valid
    if slot.required_when:
        return applies(slot, values)
    if any(other in values and values[other].valid for other in slot.required_unless):
        return False
    return slot.required


def _problem(name: SlotName, value: SlotValue, values: Values, intent: Intent, now: datetime) -> str:
    if intent.slots[name].entity == "date" and _is_several_days(value):
        return SEVERAL_DAYS
    for check in intent.slots[name].checks:
        if not _RULES[check.rule](check, value, values, now):
            return check.rule
    return ""


def _is_several_days(value: SlotValue) -> bool:
    """下周 names no day; open ends (周五之前) name none either."""
    if not isinstance(value.value, str) or "/" not in value.value:
        return False
    days = days_of(value.value)
    return days is None or days[0] != days[1]


def _bound(bound: str, values: Values, now: datetime) -> date | None:
    if bound == "today":
        return now.date()
    other = values.get(SlotName(bound))
    return as_date(other.value if other is not None and other.valid else bound)


def _not_before(check: Check, value: SlotValue, values: Values, now: datetime) -> bool:
    day, bound = as_date(value.value), _bound(check.not_before or "", values, now)
    return bound is None or (day is not None and day >= bound)


def _not_after(check: Check, value: SlotValue, values: Values, now: datetime) -> bool:
    day, bound = as_date(value.value), _bound(check.not_after or "", values, now)
    return bound is None or (day is not None and day <= bound)


def _within_days(check: Check, value: SlotValue, _: Values, now: datetime) -> bool:
    day = as_date(value.value)
    return day is not None and (day - now.date()).days <= (check.within_days or 0)


def _between(check: Check, value: SlotValue, _: Values, __: datetime) -> bool:
    lowest, highest = check.between or (0, 0)
    return isinstance(value.value, int | float) and lowest <= value.value <= highest


def _differs_from(check: Check, value: SlotValue, values: Values, _: datetime) -> bool:
    other = values.get(check.differs_from or SlotName(""))
    return other is None or other.value != value.value


def _matches(check: Check, value: SlotValue, _: Values, __: datetime) -> bool:
    return re.fullmatch(check.matches or "", str(value.value)) is not None


_RULES: Mapping[str, Callable[[Check, SlotValue, Values, datetime], bool]] = {
    "not_before": _not_before,
    "not_after": _not_after,
    "within_days": _within_days,
    "between": _between,
    "differs_from": _differs_from,
    "matches": _matches,
}
