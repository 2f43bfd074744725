"""Checks of slot values, and what is missing."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from domain.intents.intent import Intent
from domain.names import SlotName
from domain.slots.checking import SEVERAL_DAYS, UNKNOWN_VALUE, applies, checked, failed_check, missing_slots
from domain.slots.checks import Check
from domain.slots.entity import SlotContent
from domain.slots.slot import SlotValue
from tests.doubles.small_catalogue import NOW

DAY = SlotName("day")


def intent(**slots: dict[str, Any]) -> Intent:
    return msgspec.convert({"title": "t", "examples": ("e",), "slots": slots}, Intent)


def problem(
    check: dict[str, Any], value: SlotContent, kind: str = "date", *, now: datetime = NOW, **others: SlotValue
) -> str:
    """What is wrong with a value of a slot that has this check."""
    declared = intent(day={"entity": kind, "checks": (check,)}, **{name: {"entity": kind} for name in others})
    values = {DAY: SlotValue(value), **{SlotName(name): other for name, other in others.items()}}
    return checked(values, declared, now)[DAY].problem


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        ({"not_before": "today"}, "2026-11-23", "2026-11-22"),
        ({"not_before": "2026-12-01"}, "2026-12-01", "2026-11-30"),
        ({"not_after": "today"}, "2026-11-23", "2026-11-24"),
        ({"not_after": "2026-12-01"}, "2026-12-01", "2026-12-02"),
        ({"within_days": 7}, "2026-11-30", "2026-12-01"),
    ],
)
def test_a_date_is_held_against_its_bound(check: dict[str, Any], good: str, bad: str):
    assert problem(check, good) == ""
    assert problem(check, bad) == next(iter(check))


@pytest.mark.parametrize("check", [{"not_before": "other"}, {"not_after": "other"}])
def test_a_bound_may_be_another_slot(check: dict[str, Any]):
    rule = next(iter(check))
    earlier, later = SlotValue("2026-12-01"), SlotValue("2026-12-31")

    assert problem(check, "2026-12-15", other=earlier if rule == "not_before" else later) == ""
    assert problem(check, "2026-12-15", other=later if rule == "not_before" else earlier) == rule


@pytest.mark.parametrize("check", [{"not_before": "other"}, {"not_after": "other"}])
@pytest.mark.parametrize("other", [SlotValue("2026-12-15", problem="not_before"), SlotValue("not a date")])
def test_a_bound_that_names_no_day_bounds_nothing(check: dict[str, Any], other: SlotValue):
    assert problem(check, "2026-12-15", other=other) == ""
    assert problem(check, "2026-12-15") == ""


@pytest.mark.parametrize("check", [{"not_before": "today"}, {"not_after": "today"}, {"within_days": 7}])
def test_what_is_no_date_passes_no_check_of_dates(check: dict[str, Any]):
    assert problem(check, "someday") == next(iter(check))


@pytest.mark.parametrize(("value", "fine"), [(1, True), (9, True), (9.5, False), (0, False), ("5", False)])
def test_a_number_lies_between_its_bounds(value: SlotContent, fine: bool):
    assert (problem({"between": (1, 9)}, value, "number") == "") is fine


def test_two_slots_that_must_differ_are_compared():
    assert problem({"differs_from": "other"}, "北京", "city", other=SlotValue("北京")) == "differs_from"
    assert problem({"differs_from": "other"}, "北京", "city", other=SlotValue("上海")) == ""
    assert problem({"differs_from": "other"}, "北京", "city") == ""


def test_a_pattern_holds_for_the_whole_value():
    assert problem({"matches": r"FL\d{6}"}, "FL123456", "text") == ""
    assert problem({"matches": r"FL\d{6}"}, "FL1234567", "text") == "matches"
    assert problem({"matches": r"\d+"}, 42, "number") == ""


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-11-30/2026-12-07", SEVERAL_DAYS),
        ("../2026-12-04", SEVERAL_DAYS),
        ("2026-11-30/2026-12-01", ""),
        ("2026-11-30", ""),
    ],
)
def test_a_date_slot_wants_one_day(value: str, found: str):
    assert problem({"within_days": 30}, value) == found


def test_what_could_not_be_read_stays_so_and_everything_else_is_judged_afresh():
    declared = intent(day={"entity": "date", "checks": ({"not_before": "today"},)}, city={"entity": "city"})
    values = {
        DAY: SlotValue("2026-11-24", problem="not_before"),
        SlotName("city"): SlotValue("火星", problem=UNKNOWN_VALUE),
    }

    found = checked(values, declared, NOW)

    assert found[DAY].valid
    assert found[SlotName("city")] == values[SlotName("city")]


def test_the_failed_check_is_found_by_its_rule():
    slot = intent(
        day={"entity": "date", "checks": ({"within_days": 7}, {"not_before": "today", "say": "过去了"})}
    ).slots[DAY]

    assert failed_check(slot, SlotValue("2026-11-22", problem="not_before")) == Check(not_before="today", say="过去了")
    assert failed_check(slot, SlotValue("2026-11-24")) is None


def test_a_check_has_exactly_one_rule():
    assert Check(not_before="today").rule == "not_before"
    assert Check().rule == ""
    assert Check(not_before="today", within_days=3).rule == ""


CONDITIONAL = intent(
    kind={"entity": "trip"},
    back={"entity": "date", "required_when": {"kind": "往返"}},
    bank={"entity": "bank", "required": True, "required_unless": ("card",)},
    card={"entity": "card"},
)


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({}, ["bank"]),
        ({"bank": SlotValue("招行")}, []),
        ({"card": SlotValue("6222")}, []),
        ({"card": SlotValue("6222", problem=UNKNOWN_VALUE)}, ["bank", "card"]),
        ({"bank": SlotValue("招行"), "kind": SlotValue("往返")}, ["back"]),
        ({"bank": SlotValue("招行"), "kind": SlotValue("单程")}, []),
        ({"bank": SlotValue("招行"), "kind": SlotValue("往返", problem=UNKNOWN_VALUE)}, ["kind"]),
        ({"bank": SlotValue("招行"), "kind": SlotValue("往返"), "back": SlotValue("2026-11-30")}, []),
    ],
)
def test_what_is_missing_follows_from_the_other_values(values: dict[SlotName, SlotValue], missing: list[str]):
    assert list(missing_slots(values, CONDITIONAL)) == missing


def test_a_slot_applies_where_its_condition_holds():
    back = CONDITIONAL.slots[SlotName("back")]

    assert applies(back, {SlotName("kind"): SlotValue("往返")})
    assert not applies(back, {SlotName("kind"): SlotValue("单程")})
    assert not applies(back, {})
    assert applies(CONDITIONAL.slots[SlotName("bank")], {})
