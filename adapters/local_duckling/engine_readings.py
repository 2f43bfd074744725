"""What the engine's entities mean in the project's terms."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from adapters.local_duckling.calendar_periods import Period, real_date
from adapters.local_duckling.engine import Alternative, Bound, RawEntity, Resolution
from adapters.local_duckling.reading import (
    DATE,
    DATETIME,
    DURATION,
    EMAIL,
    MONEY,
    NUMBER,
    ORDINAL,
    PHONE,
    TIME,
    URL,
    Reading,
)
from adapters.local_duckling.stretch import Stretch
from domain.names import EntityName

DIMENSIONS: Mapping[EntityName, tuple[str, ...]] = {
    DATE: ("time",),
    TIME: ("time",),
    DATETIME: ("time",),
    DURATION: ("duration", "time"),
    NUMBER: ("number", "time", "duration", "amount-of-money"),
    ORDINAL: ("ordinal", "time"),
    MONEY: ("amount-of-money",),
    PHONE: ("phone-number",),
    EMAIL: ("email",),
    URL: ("url",),
}
"""What to ask the engine for. Numbers need the dimensions that would otherwise be taken for them (the 5 of March 5)."""

KINDS = frozenset(DIMENSIONS)
_PLAIN: Mapping[str, EntityName] = {"number": NUMBER, "ordinal": ORDINAL, "email": EMAIL, "url": URL}
_COVERED_BY_TIME = frozenset({"number", "ordinal", "duration"})
_CLOCK_GRAINS = frozenset({"hour", "minute", "second"})
_CLOCK_ONLY = re.compile(
    r"(?:(?:at|around|about|by|before|after|from|to|until|till|between|and|in|the|morning|afternoon|evening|night|noon|"
    r"midnight|o'?clock|[ap]\.?m\.?|half|past|quarter|sharp|one|two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve|fifteen|twenty|thirty)(?![A-Za-z])|[\d:.\-]++(?:[ap]\.?m\.?(?![A-Za-z]))?|\s)++",
    re.IGNORECASE,
)
_NOW = frozenset({"现在", "此刻", "此时", "当前", "现", "now", "right now", "just now"})
"""People say it in passing (我现在要订票); it names no date for a slot."""
_LONG_RUN = re.compile(r"\d{8,}")
_UNITS: Mapping[str, Stretch] = {
    "second": Stretch(seconds=1),
    "minute": Stretch(seconds=60),
    "hour": Stretch(seconds=3600),
    "day": Stretch(days=1),
    "week": Stretch(days=7),
    "month": Stretch(months=1),
    "quarter": Stretch(months=3),
    "year": Stretch(months=12),
}


def readings_of(entities: Iterable[RawEntity], now: datetime) -> Iterator[Reading]:
    """Readings of all entities that can be put into the project's terms."""
    found = tuple(entities)
    times = [entity for entity in found if entity.dim == "time"]
    for entity in found:
        hidden = entity.dim in _COVERED_BY_TIME and any(_overlap(entity, other) for other in times)
        if not hidden:
            yield from _possible_readings(entity, now)


def _possible_readings(entity: RawEntity, now: datetime) -> tuple[Reading, ...]:
    """None of a time that no calendar holds, such as the year 1002026: Duckling reads it all the same."""
    try:
        return tuple(_readings(entity, now))
    except (ValueError, OverflowError):
        return ()


def _readings(entity: RawEntity, now: datetime) -> Iterator[Reading]:
    start, end, value = entity.start, entity.end, entity.value
    if entity.dim == "time":
        yield from _read_time(entity, now)
    elif entity.dim == "duration":
        yield from (Reading(DURATION, start, end, iso) for iso in _duration(value))
    elif entity.dim == "amount-of-money":
        yield from (Reading(MONEY, start, end, amount) for amount in _money(value))
    elif entity.dim == "phone-number":
        digits = re.sub(r"[^\d+]", "", str(value.value))
        if 7 <= len(digits.lstrip("+")) <= 15:
            yield Reading(PHONE, start, end, digits)
    elif entity.dim in _PLAIN and value.value is not None and not _is_code(entity) and not _is_dictated(entity):
        yield Reading(_PLAIN[entity.dim], start, end, value.value)


def _is_code(entity: RawEntity) -> bool:
    """A long run of digits is the number of something, not a count."""
    return entity.dim in ("number", "ordinal") and _LONG_RUN.search(entity.body) is not None


def _is_dictated(entity: RawEntity) -> bool:
    """An address without its sign (`me at a.b`) is rather a phrase."""
    return entity.dim == "email" and "@" not in entity.body


def _money(value: Resolution) -> Iterator[float | int]:
    if isinstance(value.value, int | float):
        yield value.value / 100 if value.unit == "cent" else value.value


def _duration(value: Resolution) -> Iterator[str]:
    unit = _UNITS.get(value.unit)
    if unit is not None and isinstance(value.value, int):
        yield Stretch(unit.months * value.value, unit.days * value.value, unit.seconds * value.value).iso


def _read_time(entity: RawEntity, now: datetime) -> Iterator[Reading]:
    best = _best(entity.value.values, now)
    if best is None or entity.body.lower() in _NOW or _LONG_RUN.search(entity.body):
        return
    start, end = entity.start, entity.end
    grain = best.grain or (best.since or best.until or Bound("")).grain
    has_clock = grain in _CLOCK_GRAINS
    days = _days(best)
    if days and not (has_clock and _CLOCK_ONLY.fullmatch(entity.body)):
        yield Reading(DATE, start, end, days)
    moments = _moments(best) if has_clock else days
    if moments:
        yield Reading(DATETIME, start, end, moments)
    if has_clock and isinstance(best.value, str):
        yield Reading(TIME, start, end, _moment(best.value).strftime("%H:%M"))


def _best(alternatives: tuple[Alternative, ...], now: datetime) -> Alternative | None:
    """The first that is not over, in waking hours where the clock leaves a choice."""
    points = [each for each in alternatives if isinstance(each.value, str)]
    wall = now.replace(tzinfo=UTC)
    coming = [each for each in points if _end(each) > wall]
    waking = [each for each in coming if each.grain not in _CLOCK_GRAINS or 8 <= _moment(str(each.value)).hour <= 21]
    for choice in (waking, coming, points, alternatives):
        if choice:
            return choice[0]
    return None


def _end(point: Alternative) -> datetime:
    step = timedelta() if point.grain in _CLOCK_GRAINS else timedelta(days=1)
    return _moment(str(point.value)) + step


def _days(time: Alternative) -> str:
    """The day or the days of a time: `2026-11-25`, `2026-11-30/2026-12-07`, `../2026-12-04`."""
    if isinstance(time.value, str):
        first = _moment(time.value).date()
        return Period(first, _next(first, time.grain)).value
    since, until = _day(time.since), _day(time.until)
    if since is not None and until is not None and time.until is not None:
        ends_at_midnight = _moment(str(time.until.value)).hour == 0
        after = until if ends_at_midnight and until > since else until + timedelta(days=1)
        return Period(since, after).value
    return f"{since or '..'}/{until or '..'}" if since or until else ""


def _day(bound: Bound | None) -> date | None:
    return _moment(str(bound.value)).date() if bound is not None else None


def _moments(time: Alternative) -> str:
    if isinstance(time.value, str):
        return _minute(time.value)
    since, until = (_minute(str(bound.value)) if bound is not None else ".." for bound in (time.since, time.until))
    return f"{since}/{until}"


def _next(first: date, grain: str) -> date:
    """The day after the unit of time that begins on `first`."""
    if grain == "week":
        return first + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain, 0)
    index = first.year * 12 + first.month - 1 + months
    return (real_date(index // 12, index % 12 + 1, 1) if months else None) or first + timedelta(days=1)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _minute(value: str) -> str:
    return _moment(value).strftime("%Y-%m-%dT%H:%M")


def _overlap(one: RawEntity, other: RawEntity) -> bool:
    return one.start < other.end and other.start < one.end
