"""Days, weeks, months and their parts as half-open periods."""

from datetime import date, timedelta

from domain.values import Value


class Period(Value, frozen=True):
    """From `first` to the day before `until`."""

    first: date
    until: date

    @property
    def is_a_day(self) -> bool:
        """Whether it is a single day."""
        return self.until - self.first == timedelta(days=1)

    @property
    def value(self) -> str:
        """A day as `2026-11-25`, anything longer as `2026-11-30/2026-12-07`."""
        if self.is_a_day:
            return self.first.isoformat()
        return f"{self.first.isoformat()}/{self.until.isoformat()}"


def a_day(day: date | None) -> Period | None:
    """The period of one day."""
    return None if day is None else Period(day, day + timedelta(days=1))


def real_date(year: int, month: int, day: int) -> date | None:
    """The date, or None when the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def next_month_day(today: date, month: int, day: int) -> date | None:
    """That day of this year, or of the next one when it has passed."""
    this_year = real_date(today.year, month, day)
    if this_year is not None and this_year >= today:
        return this_year
    return real_date(today.year + 1, month, day)


def month_part(year: int, month: int, part: str | None) -> Period | None:
    """A month, or its beginning (初, five days), middle (中), end (底, 末, five days) or third (上旬, 中旬, 下旬)."""
    first = real_date(year, month, 1)
    after = real_date(year + month // 12, month % 12 + 1, 1)
    if first is None or after is None:
        return None
    parts = {
        "初": (first, first + timedelta(days=5)),
        "中": (first + timedelta(days=10), first + timedelta(days=20)),
        "上旬": (first, first + timedelta(days=10)),
        "中旬": (first + timedelta(days=10), first + timedelta(days=20)),
        "下旬": (first + timedelta(days=20), after),
        "底": (after - timedelta(days=5), after),
        "末": (after - timedelta(days=5), after),
    }
    return Period(*parts.get((part or "").removeprefix("月"), (first, after)))


def year_part(year: int, part: str | None) -> Period | None:
    """A year, or its first month (初), middle two (中) or last month (底, 末)."""
    months = {"初": (1, 2), "中": (6, 8), "底": (12, 13), "末": (12, 13)}
    first_month, after = months.get((part or "").removeprefix("年"), (1, 13))
    first = real_date(year, first_month, 1)
    until = real_date(year + after // 13, (after - 1) % 12 + 1, 1)
    return None if first is None or until is None else Period(first, until)


def quarter_period(index: int) -> Period | None:
    """The quarter number `index % 4` (from 0) of the year `index // 4`."""
    first, next_index = real_date(index // 4, index % 4 * 3 + 1, 1), index + 1
    until = real_date(next_index // 4, next_index % 4 * 3 + 1, 1)
    return None if first is None or until is None else Period(first, until)
