"""Which entity fills which slot."""

from typing import Any

import msgspec
import pytest

from domain.intents.intent import Intent
from domain.names import EntityName, SlotName
from domain.slots.checking import UNKNOWN_VALUE, Values
from domain.slots.entity import Entity, without_overlaps
from domain.slots.filling import filled, takes, with_defaults
from domain.slots.slot import Slot, SlotValue
from tests.doubles.hearing import entity
from tests.doubles.small_catalogue import NOW, small_catalogue

FLIGHT = small_catalogue().intents["book_flight"]  # type: ignore[index]  # a name written by hand
HOTEL = msgspec.convert(
    {
        "title": "订酒店",
        "examples": ("订酒店",),
        "slots": {
            "city": {"entity": "city"},
            "check_in": {"entity": "date"},
            "check_out": {"entity": "date", "relative_to": "check_in", "checks": ({"not_before": "check_in"},)},
            "nights": {"entity": "duration"},
        },
    },
    Intent,
)


def fill(
    intent: Intent, *entities: Entity, values: Values | None = None, asked: str | None = None
) -> dict[str, object]:
    """The values of the slots after filling an empty frame, or one with `values`."""
    name = SlotName(asked) if asked else None
    filling = filled(values or {}, intent, entities, asked=name, now=NOW)
    return {slot: value.value for slot, value in filling.values.items()}


def test_a_value_goes_to_the_only_slot_of_its_kind():
    assert fill(HOTEL, entity("北京", "city")) == {"city": "北京"}


def test_a_value_goes_where_the_words_around_it_point():
    values = fill(FLIGHT, entity("北京", "city", role="arrival_city"))

    assert values == {"arrival_city": "北京"}


def test_a_role_that_is_less_than_sure_counts_for_nothing():
    unsure = msgspec.structs.replace(entity("北京", "city", role="arrival_city"), role_confidence=0.4)

    assert fill(FLIGHT, unsure, asked="departure_city") == {"departure_city": "北京"}


def test_a_value_goes_to_the_slot_that_was_asked():
    assert fill(FLIGHT, entity("北京", "city"), asked="arrival_city") == {"arrival_city": "北京"}


def test_two_values_of_a_kind_fill_two_slots():
    values = fill(FLIGHT, entity("北京", "city"), entity("上海", "city", at=3))

    assert sorted(map(str, values.values())) == ["上海", "北京"]


def test_a_rejected_value_is_put_nowhere_and_makes_room_for_its_neighbour():
    before = {SlotName("departure_city"): SlotValue("北京"), SlotName("arrival_city"): SlotValue("上海")}
    said = (entity("上海", "city", at=2, negated=True), entity("广州", "city", at=6))

    assert fill(FLIGHT, *said, values=before) == {"departure_city": "北京", "arrival_city": "广州"}


def test_a_number_in_passing_fills_nothing_unless_it_was_asked_for():
    assert fill(FLIGHT, entity("3", "number", 3)) == {}
    assert fill(FLIGHT, entity("3", "number", 3), asked="passenger_count") == {"passenger_count": 3}
    assert fill(FLIGHT, entity("3", "number", 3, role="passenger_count")) == {"passenger_count": 3}


def test_overlapping_readings_fill_one_slot_only():
    values = fill(HOTEL, entity("三天", "duration", "P3D", role="nights"), entity("三天", "date", "2026-11-26"))

    assert values == {"nights": "P3D"}


def test_a_length_of_time_is_counted_from_the_day_the_slot_is_relative_to():
    before = {SlotName("check_in"): SlotValue("2026-12-01")}

    after = filled(before, HOTEL, [entity("三天", "duration", "P3D", role="check_out")], asked=None, now=NOW)

    assert after.values[SlotName("check_out")].value == "2026-12-04"
    assert after.values[SlotName("check_out")].offset == "P3D"
    assert after.changed == ("check_out",)


@pytest.mark.parametrize("base", [{}, {SlotName("check_in"): SlotValue("2026-11-01", problem="not_before")}])
def test_a_length_of_time_without_its_base_is_not_understood(base: Values):
    after = filled(base, HOTEL, [entity("三天", "duration", "P3D", role="check_out")], asked=None, now=NOW)

    assert after.values[SlotName("check_out")].problem == UNKNOWN_VALUE


def test_a_day_counted_from_another_moves_with_it():
    before = {
        SlotName("check_in"): SlotValue("2026-12-01"),
        SlotName("check_out"): SlotValue("2026-12-04", "三天", offset="P3D"),
    }

    after = filled(before, HOTEL, [entity("12月8日", "date", "2026-12-08", role="check_in")], asked=None, now=NOW)

    assert after.values[SlotName("check_out")].value == "2026-12-11"


def test_a_day_counted_from_one_that_is_no_longer_known_is_not_understood():
    before = {
        SlotName("check_in"): SlotValue("2026-12-01"),
        SlotName("check_out"): SlotValue("2026-12-04", "三天", offset="P3D"),
    }
    unreadable = entity("某天", "date", "someday", role="check_in", valid=False)

    after = filled(before, HOTEL, [unreadable], asked=None, now=NOW)

    assert after.values[SlotName("check_out")].problem == UNKNOWN_VALUE


@pytest.mark.parametrize("text", ["12月3日到5日", "12月3日-5日", "Dec 3 to 5", "from Dec 3 until Dec 5"])
def test_a_range_of_days_fills_the_day_that_follows_too(text: str):
    values = fill(HOTEL, entity(text, "date", "2026-12-03/2026-12-06"))

    assert values == {"check_in": "2026-12-03", "check_out": "2026-12-05"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("下周", "2026-11-30/2026-12-07"), ("12月3日到3日", "2026-12-03/2026-12-04"), ("周五之前", "../2026-11-27")],
)
def test_a_period_that_is_no_range_fills_one_slot(text: str, value: str):
    assert fill(HOTEL, entity(text, "date", value)) == {"check_in": value}


def test_a_range_leaves_a_day_that_was_said_itself():
    values = fill(
        HOTEL,
        entity("12月3日到5日", "date", "2026-12-03/2026-12-06", role="check_in"),
        entity("12月9日", "date", "2026-12-09", at=20, role="check_out"),
    )

    assert values == {"check_in": "2026-12-03/2026-12-06", "check_out": "2026-12-09"}


def test_a_range_for_the_later_day_stays_where_it_is():
    values = fill(HOTEL, entity("12月3日到5日", "date", "2026-12-03/2026-12-06", role="check_out"))

    assert values == {"check_out": "2026-12-03/2026-12-06"}


def test_a_value_that_makes_sense_under_a_condition_sets_it():
    values = filled(
        with_defaults(FLIGHT), FLIGHT, [entity("周五", "date", "2026-11-27", role="return_date")], asked=None, now=NOW
    ).values

    assert values[SlotName("trip_type")].value == "往返"
    assert values[SlotName("trip_type")].source == "rule"


def test_a_condition_that_the_user_stated_stands():
    said = {SlotName("trip_type"): SlotValue("单程", "单程")}

    values = fill(FLIGHT, entity("周五", "date", "2026-11-27", role="return_date"), values=said)

    assert values == {"trip_type": "单程"}


def test_a_condition_said_in_the_same_breath_stands():
    values = fill(
        FLIGHT, entity("周五", "date", "2026-11-27", role="return_date"), entity("往返", "trip_type", at=5), asked=None
    )

    assert values["trip_type"] == "往返"


def test_defaults_are_what_a_fresh_frame_starts_with():
    assert {name: value.value for name, value in with_defaults(FLIGHT).items()} == {
        "trip_type": "单程",
        "passenger_count": 1,
    }
    assert all(value.source == "default" for value in with_defaults(FLIGHT).values())


@pytest.mark.parametrize(
    ("slot", "kinds"),
    [
        ({"entity": "money"}, {"money", "number"}),
        ({"entity": "date", "relative_to": "x"}, {"date", "duration"}),
        ({"entity": "date"}, {"date"}),
    ],
)
def test_a_slot_takes_its_kind_and_what_can_be_read_as_it(slot: dict[str, Any], kinds: set[str]):
    declared = msgspec.convert(slot, Slot)

    assert {
        kind for kind in ("money", "number", "date", "duration", "city") if takes(declared, EntityName(kind))
    } == kinds


def test_of_overlapping_readings_of_a_kind_the_longest_is_kept():
    long, inner = entity("下周三下午", "date", "2026-12-02"), entity("周三", "date", "2026-11-25", at=1)
    other_kind, beside = entity("周三", "time", "15:00", at=1), entity("明天", "date", "2026-11-24", at=9)

    assert without_overlaps([inner, beside, other_kind, long]) == (long, other_kind, beside)


def test_of_equal_readings_the_more_confident_is_kept():
    sure = entity("周三", "date", "2026-11-25")
    unsure = msgspec.structs.replace(sure, value="2026-12-02", confidence=0.5)

    assert without_overlaps([unsure, sure]) == (sure,)
