"""Dates, periods and durations as slot values write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slots.temporal import as_date, days_of, shifted


@pytest.mark.parametrize(
    ("content", "day"),
    [
        ("2026-11-25", date(2026, 11, 25)),
        ("2026-11-25T15:00", date(2026, 11, 25)),
        ("2026-11-30/2026-12-07", date(2026, 11, 30)),
        ("../2026-12-04", None),
        ("15:00", None),
        ("北京", None),
        ("", None),
        (20261125, None),
        (True, None),
    ],
)
def test_a_value_names_the_day_it_begins_with(content: str | int, day: date | None):
    assert as_date(content) == day


@pytest.mark.parametrize(
    ("content", "days"),
    [
        ("2026-11-30/2026-12-07", (date(2026, 11, 30), date(2026, 12, 6))),
        ("2026-11-30/2026-12-01", (date(2026, 11, 30), date(2026, 11, 30))),
        ("2026-11-30T09:00/2026-12-01T18:00", (date(2026, 11, 30), date(2026, 12, 1))),
        ("2026-11-30/..", None),
        ("../2026-12-04", None),
        ("2026-11-30", None),
        (3, None),
    ],
)
def test_a_period_has_a_first_and_a_last_day(content: str | int, days: tuple[date, date] | None):
    assert days_of(content) == days


@pytest.mark.parametrize(
    ("duration", "day"),
    [
        ("P3D", date(2026, 2, 3)),
        ("P2W", date(2026, 2, 14)),
        ("P1M", date(2026, 2, 28)),
        ("P1Y", date(2027, 1, 31)),
        ("P1Y1M1W1D", date(2027, 3, 8)),
        ("PT48H", date(2026, 2, 2)),
        ("PT2H30M", date(2026, 1, 31)),
        ("P0D", date(2026, 1, 31)),
        ("P", None),
        ("PT", None),
        ("三天", None),
        ("P9000Y", None),
        ("P9999999D", None),
    ],
)
def test_a_day_is_moved_by_a_duration(duration: str, day: date | None):
    assert shifted(date(2026, 1, 31), duration) == day


def test_a_month_after_the_end_of_january_is_the_leap_day_where_there_is_one():
    assert shifted(date(2028, 1, 31), "P1M") == date(2028, 2, 29)


def test_the_calendar_can_be_used_up_to_its_last_month():
    assert shifted(date(9999, 11, 30), "P1M") == date(9999, 12, 30)
    assert shifted(date(9999, 11, 30), "P2M") is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 4000))
def test_days_are_counted_one_by_one(start: date, count: int):
    assert shifted(start, f"P{count}D") == start + timedelta(days=count)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_months_keep_the_day_or_take_the_last_one(start: date, months: int):
    moved = shifted(start, f"P{months}M")

    assert moved is not None
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day == start.day or (moved.day < start.day and (moved + timedelta(days=1)).day == 1)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans()))
def test_anything_can_be_asked_for_its_day(content: str | float | bool):
    assert as_date(content) is None or isinstance(content, str)
    assert days_of(content) is None or isinstance(content, str)
