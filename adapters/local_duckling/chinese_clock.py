"""Times of day in Chinese: 下午三点半, 凌晨两点, 3点三刻, 差五分八点, 15:30, and parts of the day."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal

from adapters.local_duckling.canvas import FILLER, Canvas
from adapters.local_duckling.chinese_number import SMALL, parse_whole
from domain.values import Value

Part = Literal["", "night", "morning", "forenoon", "noon", "afternoon", "dusk", "evening", "late", "midnight"]

_PARTS: Mapping[str, Part] = {
    "凌晨": "night", "清晨": "morning", "早晨": "morning", "早上": "morning", "一大早": "morning", "大早上": "morning",
    "一早": "morning", "早": "morning", "晨": "morning", "上午": "forenoon", "中午": "noon", "正午": "noon",
    "下午": "afternoon", "午后": "afternoon", "傍晚": "dusk", "黄昏": "dusk", "晚上": "evening", "晚间": "evening",
    "夜里": "evening", "夜间": "evening", "晚": "evening", "夜": "evening", "深夜": "late", "半夜": "midnight",
    "午夜": "midnight", "am": "forenoon", "pm": "afternoon",
}  # fmt: skip
_SPANS: Mapping[Part, tuple[int, int]] = {
    "night": (0, 6), "morning": (6, 10), "forenoon": (8, 12), "noon": (12, 12), "afternoon": (12, 18), "dusk": (17, 19),
    "evening": (18, 24), "late": (22, 24), "midnight": (24, 24),
}  # fmt: skip
_MORNING_PARTS = frozenset({"night", "morning", "forenoon"})
_EVENING_PARTS = frozenset({"evening", "late", "midnight"})

_WORDS = "凌晨|清晨|早晨|早上|一大早|大早上|一早|上午|中午|正午|下午|午后|傍晚|黄昏|晚上|晚间|夜里|夜间|深夜|半夜|午夜"
_PART = rf"(?:(?P<part>{_WORDS}|(?<={FILLER})[早晚晨夜]|[早晚](?!一点(?![半整钟\d一二三四五六七八九十])))的?\s*)?"
_HOUR = r"(?P<hour>\d{1,2}|[零〇一二两三四五六七八九]|二?十[一二三四五六七八九]?)"
_NOT_A_POINT = "(?![击评餐菜单播名赞歌心外滴]|儿|建议|意见|要求|原因|问题|理由|说明|事|左右的?距离)"
_MINUTE = r"[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?|[0-9]\d(?!\d)"
_TAIL = (
    rf"(?:过?(?P<minute>{_MINUTE}|{SMALL}(?=分))(?![个位名张间人块元])(?:分钟?)?"
    rf"|(?P<tail>半|整|钟|[一二三123]刻)|差(?P<to>{SMALL})分)"
)

BETWEEN = frozenset({"到", "至", "-", "~", "—"})
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_PART}(?<![\d:.])(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?::\d{{2}})?(?![\d:])\s*(?P<meridiem>[aApP][mM])?",
        rf"{_PART}差(?P<less>{SMALL})分钟?(?:到)?{_HOUR}点钟?",
        rf"{_PART}(?<![第\d.一二三四五六七八九十百千万亿]){_HOUR}(?:点钟?{_NOT_A_POINT}|时(?![候间代常刻段期尚装机])){_TAIL}?",
        r"(?<![A-Za-z\d:.])(?P<hour>\d{1,2})\s?(?P<meridiem>[aApP][mM])(?![A-Za-z])",
        rf"(?P<part>{_WORDS}|(?<={FILLER})[早晚晨夜])(?![餐饭茶会报])",
    )
)
_BEFORE_ONE_O_CLOCK = re.compile(rf"(?:^|[在到至于前后是约{FILLER}]|大概|改成)$")
_AFTER_ONE_O_CLOCK = re.compile(r"[吧的了出左前后之以到走见开钟。，,]|$")


class Clock(Value, frozen=True):
    """A time of day at a place in the text. Without an hour it is a part of the day."""

    start: int
    end: int
    part: Part = ""
    hour: int | None = None
    minute: int = 0
    exact: bool = False

    @property
    def valid(self) -> bool:
        """Whether a clock can show it."""
        return self.hour is None or (0 <= self.hour <= 24 and 0 <= self.minute <= 59)


def find_clocks(canvas: Canvas) -> list[Clock]:
    """Every time of day, in the order said; they are taken from the canvas.

    The later end of a range is in the same part of the day: 下午两点到四点.
    """
    clocks: list[Clock] = []
    for pattern in _PATTERNS:
        for match in canvas.find(pattern):
            clock = _clock(match)
            if clock is not None and not _is_a_bit(match, canvas.text):
                canvas.take(*match.span())
                clocks.append(clock)
    clocks.sort(key=lambda clock: clock.start)
    for index, (earlier, later) in enumerate(pairwise(clocks)):
        if not later.part and earlier.part and canvas.source[earlier.end : later.start] in BETWEEN:
            clocks[index + 1] = Clock(later.start, later.end, earlier.part, later.hour, later.minute, later.exact)
    return clocks


def instant(clock: Clock, day: date | None, now: datetime) -> datetime | None:
    """When the clock shows that time on `day`, or next; None for a part of the day."""
    if clock.hour is None or not clock.valid:
        return None
    if day is not None:
        return _sensible_today(clock, now) if day == now.date() else _at(day, _hour_of(clock), clock.minute, now)
    return _sensible_today(clock, now, tomorrow_too=True)


def day_part(clock: Clock, day: date | None, now: datetime) -> tuple[datetime, datetime] | None:
    """Beginning and end of the part of `day`, or of the next such part; equal for noon and midnight."""
    if clock.hour is not None or not clock.part:
        return None
    first, until = _SPANS[clock.part]
    if day is None:
        over = _at(now.date(), max(until, first), 0, now) <= now
        day = now.date() + timedelta(days=1) if over else now.date()
    return _at(day, first, 0, now), _at(day, until, 0, now)


def _clock(match: re.Match[str]) -> Clock | None:
    groups = match.groupdict()
    part = _PARTS[(groups.get("part") or groups.get("meridiem") or "").lower()] if _has_part(groups) else ""
    if "hour" not in groups:
        return Clock(*match.span(), part)
    hour, minute = parse_whole(groups["hour"]), _minute(groups)
    if hour is None or minute is None:
        return None
    exact = groups["hour"].startswith("0") or hour == 0
    less = parse_whole(groups.get("less") or groups.get("to") or "0")
    if less:
        hour, minute = hour - 1, 60 - less
    return Clock(*match.span(), part, hour, minute, exact)


def _has_part(groups: Mapping[str, str | None]) -> bool:
    return bool(groups.get("part") or groups.get("meridiem"))


def _minute(groups: Mapping[str, str | None]) -> int | None:
    minute, tail = groups.get("minute"), groups.get("tail")
    if minute:
        return int(minute) if minute.isdigit() and minute.isascii() else parse_whole(minute.lstrip("零〇") or "零")
    if tail == "半":
        return 30
    return (parse_whole(tail[0]) or 0) * 15 if tail and tail.endswith("刻") else 0


def _is_a_bit(match: re.Match[str], text: str) -> bool:
    """一点 is a little of something unless the words around make it a time (今晚一点, 一点半, 到一点)."""
    groups = match.groupdict()
    if groups.get("hour") != "一" or groups.get("part") or match.group() not in ("一点", "一时"):
        return False
    start, end = match.span()
    return not (_BEFORE_ONE_O_CLOCK.search(text, max(0, start - 2), start) and _AFTER_ONE_O_CLOCK.match(text, end))


def _hour_of(clock: Clock) -> int:
    """The hour 0..30 counted from midnight of the day it belongs to: 晚上一点 is hour 25."""
    hour = clock.hour or 0
    if hour > 12 or (clock.exact and not clock.part):
        return hour
    if clock.part in _MORNING_PARTS:
        return 0 if clock.part == "night" and hour == 12 else hour
    if clock.part in _EVENING_PARTS:
        return hour + 24 if hour < 5 else hour + 12
    if clock.part == "noon":
        return hour if hour > 9 else hour + 12
    if clock.part in ("afternoon", "dusk"):
        return hour if hour == 12 else hour + 12
    return hour + 12 if 1 <= hour <= 7 else hour


def _sensible_today(clock: Clock, now: datetime, *, tomorrow_too: bool = False) -> datetime:
    """The first reading that is yet to come, in waking hours where the hour leaves a choice."""
    today, hour = now.date(), _hour_of(clock)
    hours = [hour]
    if not clock.part and not clock.exact and clock.hour is not None and 8 <= clock.hour < 10:
        hours.append(clock.hour + 12)
    days = (today, today + timedelta(days=1)) if tomorrow_too else (today,)
    moments = [_at(day, each, clock.minute, now) for day in days for each in hours]
    return next((moment for moment in moments if moment >= now.replace(second=0, microsecond=0)), moments[0])


def _at(day: date, hour: int, minute: int, now: datetime) -> datetime:
    """The wall-clock time in the user's zone; hours from 24 on fall on the next day."""
    midnight = datetime.combine(day, time(), UTC)
    return (midnight + timedelta(hours=hour, minutes=minute)).replace(tzinfo=now.tzinfo)
