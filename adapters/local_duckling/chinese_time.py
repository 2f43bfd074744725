"""Dates, times and lengths of time in Chinese, put together into readings."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from adapters.local_duckling.calendar_periods import Period
from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.chinese_clock import BETWEEN, Clock, day_part, find_clocks, instant
from adapters.local_duckling.chinese_dates import Day, find_days, take_address_numbers
from adapters.local_duckling.chinese_duration import LENGTH_OF_TIME, parse_stretch
from adapters.local_duckling.chinese_number import NUMERAL, parse_whole
from adapters.local_duckling.reading import DATE, DATETIME, DURATION, NUMBER, TIME, Reading
from adapters.local_duckling.stretch import Stretch
from domain.names import EntityName

_AWAY = re.compile(
    rf"(?:再?过)?(?P<length>{LENGTH_OF_TIME})(?:(?P<after>(?:之|以)?后(?![面台悔续座排门勤果]))|(?P<before>(?:之|以)?前(?![面台往进提排])))"
    rf"|再?过(?P<passed>{LENGTH_OF_TIME})"
)
_AROUND = re.compile(
    rf"(?:(?P<past>最近|近|过去|前)|(?P<coming>未来|接下来|今后|往后))的?这?(?P<length>{LENGTH_OF_TIME})"
    rf"|(?P<within>{LENGTH_OF_TIME})(?:之|以)?内"
)
_VAGUE = re.compile(
    r"(?:一两|两三|三四|三五|四五|五六|六七|七八|八九|十几|几十|几)(?:天|年|周|个月|个星期|个小时|小时|分钟)"
    rf"|(?:{NUMERAL})(?:到|至|-|~)(?:{LENGTH_OF_TIME})(?![之以]?[后前])"
    r"|[这那哪某前后头](?:[一两二三四五六七八九几\d]{1,2}|半)(?:天|年|周|个月|个星期|会儿)|[每隔](?:一?[天年周月日]|半年|个月)"
)
_LENGTH = re.compile(LENGTH_OF_TIME)
_ONE_COUNT = re.compile(rf"({NUMERAL})(?:天|年|周|个(?:月|星期|礼拜|小时|钟头)|小时|分钟|星期)")
_DECIMAL = re.compile(r"\d{1,2}\.\d{1,2}", re.ASCII)
_GLUE = re.compile(r"[的\s]{0,2}")


def read_times(canvas: Canvas, now: datetime) -> Iterator[Reading]:
    """Every date, time, instant and length of time; their spans are taken from the canvas."""
    for match in canvas.find(_VAGUE):
        canvas.take(*match.span())
    yield from _read_away(canvas, now)
    days = find_days(canvas, now.date())
    take_address_numbers(canvas)
    yield from _read_joined(canvas, days, find_clocks(canvas), now)
    yield from _read_lengths(canvas)


def _read_away(canvas: Canvas, now: datetime) -> Iterator[Reading]:
    """三天后 and 两小时前 are points, 最近三天 and 三天内 are periods. What lies ahead is also a length."""
    for match in canvas.find(_AROUND):
        stretch = parse_stretch(match["length"] or match["within"])
        period = _period_around(stretch, match, now.date()) if stretch else None
        if stretch is None or period is None:
            continue
        canvas.take(*match.span())
        yield from _dated(match.start(), match.end(), period.value, 0.8)
        yield Reading(DURATION, *match.span(), stretch.iso, confidence=0.9)
    for match in canvas.find(_AWAY):
        stretch = parse_stretch(match["length"] or match["passed"])
        moment = stretch.after(now, backwards=bool(match["before"])) if stretch else None
        if stretch is None or moment is None:
            continue
        canvas.take(*match.span())
        yield from _read_moment(match.start(), match.end(), stretch, moment)
        if not match["before"]:
            yield Reading(DURATION, *match.span(), stretch.iso)


def _read_moment(start: int, end: int, stretch: Stretch, moment: datetime) -> Iterator[Reading]:
    yield Reading(DATE, start, end, moment.date().isoformat())
    if not stretch.has_clock_part:
        yield Reading(DATETIME, start, end, moment.date().isoformat())
        return
    yield Reading(DATETIME, start, end, to_minute(moment))
    yield Reading(TIME, start, end, f"{moment:%H:%M}")


def _period_around(stretch: Stretch, match: re.Match[str], today: date) -> Period | None:
    """Lengths below a day make no period of days."""
    tomorrow = today + timedelta(days=1)
    if match["past"]:
        first = stretch.days_after(tomorrow, backwards=True)
        return Period(first, tomorrow) if first is not None and first < tomorrow else None
    until = stretch.days_after(tomorrow if match["within"] else today)
    return Period(today, until) if until is not None and until > tomorrow else None


def _read_joined(canvas: Canvas, days: list[Day], clocks: list[Clock], now: datetime) -> Iterator[Reading]:
    """A day and the time of day right after it are one reading: 明天下午三点."""
    waiting = list(clocks)
    ends: dict[int, date] = {}
    for day in days:
        clock = next((c for c in waiting if c.start >= day.end), None)
        if clock is not None and _GLUE.fullmatch(canvas.source, day.end, clock.start):
            waiting.remove(clock)
            if day.period is not None:
                ends[clock.end] = day.period.first
        else:
            clock = None
        yield from _read_day(canvas.source, day, clock, now)
    for clock in waiting:
        # the end of a range is on the day of its beginning: 明天两点到四点
        day_of_range = ends.get(clock.start - 1) if canvas.source[clock.start - 1 : clock.start] in BETWEEN else None
        moment = instant(clock, day_of_range, now)
        if moment is not None:
            ends[clock.end] = moment.date()
        yield from _timed(canvas.source, clock.start, clock, day_of_range, now)


def _read_day(text: str, day: Day, clock: Clock | None, now: datetime) -> Iterator[Reading]:
    end = clock.end if clock else day.end
    if day.period is None:
        yield from _invalid(day.start, end, text)
        return
    value, confidence = day.period.value, 1.0 if day.period.is_a_day else 0.8
    yield Reading(DATE, day.start, end, value, confidence=confidence)
    if clock is not None:
        yield from _timed(text, day.start, clock, day.period.first, now)
        return
    yield Reading(DATETIME, day.start, end, value, confidence=confidence)
    if _DECIMAL.fullmatch(text, day.start, end):
        yield Reading(NUMBER, day.start, end, float(text[day.start : end]), confidence=0.8)


def _timed(text: str, start: int, clock: Clock, day: date | None, now: datetime) -> Iterator[Reading]:
    end = clock.end
    if not clock.valid:
        yield Reading(DATETIME, start, end, text[start:end], valid=False)
        yield Reading(TIME, start, end, text[start:end], valid=False)
        return
    moment, part = instant(clock, day, now), day_part(clock, day, now)
    if moment is not None:
        yield Reading(DATETIME, start, end, to_minute(moment))
        yield Reading(TIME, start, end, f"{moment:%H:%M}")
    elif part is not None:
        first, until = part
        value = to_minute(first) if first == until else f"{to_minute(first)}/{to_minute(until)}"
        yield Reading(DATETIME, start, end, value, confidence=0.8)


def _read_lengths(canvas: Canvas) -> Iterator[Reading]:
    """What is only a length: 三天. A single count is also a number (住两天)."""
    for match in canvas.find(_LENGTH):
        stretch = parse_stretch(match.group())
        if stretch is None:
            continue
        canvas.take(*match.span())
        yield Reading(DURATION, *match.span(), stretch.iso)
        single = _ONE_COUNT.fullmatch(match.group())
        count = parse_whole(single[1]) if single else None
        if single is not None and count is not None:
            yield Reading(NUMBER, match.start(), match.start() + len(single[1]), count, confidence=0.8)


def _dated(start: int, end: int, value: str, confidence: float) -> Iterator[Reading]:
    for kind in (DATE, DATETIME):
        yield Reading(kind, start, end, value, confidence=confidence)


def _invalid(start: int, end: int, text: str) -> Iterator[Reading]:
    kinds: tuple[EntityName, ...] = (DATE, DATETIME)
    for kind in kinds:
        yield Reading(kind, start, end, text[start:end], valid=False)


def to_minute(moment: datetime) -> str:
    """`2026-11-25T15:00`: the wall clock, without a zone."""
    return moment.strftime("%Y-%m-%dT%H:%M")
