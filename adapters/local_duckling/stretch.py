"""A length of time: ISO 8601 text of it, and moving dates and instants by it."""

from datetime import UTC, date, datetime, timedelta

from domain.slots.temporal import shifted
from domain.values import Value


class Stretch(Value, frozen=True):
    """Months, days and seconds, kept apart because a month has no fixed number of days."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __add__(self, other: "Stretch") -> "Stretch":
        return Stretch(self.months + other.months, self.days + other.days, self.seconds + other.seconds)

    @property
    def has_clock_part(self) -> bool:
        """Whether it counts hours or less."""
        return self.seconds != 0

    @property
    def iso(self) -> str:
        """ISO 8601: `P3D`, `P1Y6M`, `PT1H30M`."""
        years, months = divmod(self.months, 12)
        hours, rest = divmod(self.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        day_part = _parts((years, "Y"), (months, "M"), (self.days, "D"))
        time_part = _parts((hours, "H"), (minutes, "M"), (seconds, "S"))
        return "P" + day_part + ("T" + time_part if time_part else "" if day_part else "T0S")

    def days_after(self, day: date, *, backwards: bool = False) -> date | None:
        """The day so much later or earlier, whole days only; None when it leaves the calendar."""
        if not backwards:
            return shifted(day, Stretch(self.months, self.days).iso) if self.months or self.days else day
        try:
            first = date(*_month_before(day, self.months), 1)
            last = (shifted(first, "P1M") or date.max) - timedelta(days=1)
            return last.replace(day=min(day.day, last.day)) - timedelta(days=self.days)
        except (ValueError, OverflowError):
            return None

    def after(self, now: datetime, *, backwards: bool = False) -> datetime | None:
        """The instant so much later or earlier in the zone of `now`, correct across a change of the clocks."""
        day = self.days_after(now.date(), backwards=backwards)
        if day is None:
            return None
        try:
            moved = datetime.combine(day, now.timetz())
            step = timedelta(seconds=-self.seconds if backwards else self.seconds)
            return (moved.astimezone(UTC) + step).astimezone(now.tzinfo)
        except OverflowError:
            return None


def _parts(*parts: tuple[int, str]) -> str:
    return "".join(f"{count}{letter}" for count, letter in parts if count)


def _month_before(day: date, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 - months
    return index // 12, index % 12 + 1
