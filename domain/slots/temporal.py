"""Dates, periods and durations in the ISO 8601 forms that slot values use."""

import re
from calendar import monthrange
from datetime import date, timedelta

from domain.slots.entity import SlotContent

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


def as_date(content: SlotContent) -> date | None:
    """The day a value names: a date, the day of an instant, the first day of a period; None for anything else."""
    if not isinstance(content, str):
        return None
    try:
        return date.fromisoformat(content.partition("/")[0][:10])
    except ValueError:
        return None


def days_of(content: SlotContent) -> tuple[date, date] | None:
    """First and last day of a period (`start/end`, its end exclusive); None for anything that is no such period."""
    if not isinstance(content, str) or "/" not in content:
        return None
    start, _, end = content.partition("/")
    first, after = as_date(start), as_date(end)
    if first is None or after is None:
        return None
    # A period that ends in the middle of a day includes it.
    return first, (after if "T" in end else after - timedelta(days=1))


def shifted(start: date, duration: str) -> date | None:
    """`start` moved by an ISO 8601 duration of whole days or more; None when it is none or leaves the calendar.

    Months and years keep the day of the month, or take the last one where it does not exist.
    """
    match = _DURATION.fullmatch(duration)
    if match is None or duration in ("P", "PT"):
        return None
    years, months, weeks, days, hours, *_ = (int(float(group)) if group else 0 for group in match.groups())
    index = start.year * 12 + start.month - 1 + years * 12 + months
    try:
        month = date(index // 12, index % 12 + 1, 1)
        last = monthrange(month.year, month.month)[1]
        return month.replace(day=min(start.day, last)) + timedelta(days=weeks * 7 + days + hours // 24)
    except (ValueError, OverflowError):
        return None
