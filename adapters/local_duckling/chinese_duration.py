"""Lengths of time in Chinese: 三天, 两个半小时, 一年半, 一刻钟, 1小时30分钟, 2h."""

import re
from collections.abc import Mapping

from adapters.local_duckling.chinese_number import NUMERAL, parse_number
from adapters.local_duckling.stretch import Stretch

_UNIT_IN_SECONDS: Mapping[str, int] = {
    "小时": 3600, "钟头": 3600, "钟": 3600, "h": 3600, "刻钟": 900, "分钟": 60, "分": 60, "min": 60, "秒钟": 1, "秒": 1,
}  # fmt: skip
_UNIT_IN_DAYS: Mapping[str, int] = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_UNIT_IN_MONTHS: Mapping[str, int] = {"月": 1, "季度": 3, "年": 12}

_NO_DAY = "(?![一二三四五六日天])"
_LONG = rf"年(?!级|代|前的今天)|星期{_NO_DAY}|礼拜{_NO_DAY}|周(?![一二三四五六日末年岁]|天气?)|天(?!气|津|河)"
_SHORT = r"小时|钟头|刻钟|分钟|秒钟?"
_FIRST = (
    rf"(?:(?:{NUMERAL})(?:个半?(?:月|季度|星期{_NO_DAY}|礼拜{_NO_DAY}|小时|钟头|钟(?!点))|"
    rf"{_LONG}|{_SHORT}|季度|[hH](?![A-Za-z])|min(?:s|utes?)?(?![A-Za-z]))半?"
    r"|(?<![上下大多过])半个?(?:小时|钟头|月|年|天|星期|礼拜)|半(?:刻钟|分钟))"
)
_NEXT = rf"(?:零?(?:{NUMERAL})(?:个(?:月|星期|礼拜|小时|钟头)|天(?!气)|小时|分钟?|秒钟?)半?)"

LENGTH_OF_TIME = rf"{_FIRST}{_NEXT}{{0,6}}"
"""One length of time, possibly of several parts, from years to seconds; see `parse_stretch`."""

_PART = re.compile(
    rf"零?(?:(?P<number>{NUMERAL})|(?P<half>半))(?P<more>个半|个)?"
    r"(?P<unit>小时|钟头|刻钟|分钟|分|秒钟|秒|钟|h|H|min(?:s|utes?)?|天|日|周|星期|礼拜|月|季度|年)(?P<tail>半)?"
)


def parse_stretch(text: str) -> Stretch | None:
    """The length that `text` names; None when its numerals form no number or it has no ISO 8601 form."""
    total, position = Stretch(), 0
    while position < len(text):
        part = _PART.match(text, position)
        amount = _amount(part) if part is not None else None
        if part is None or amount is None:
            return None
        stretch = _in_units(amount, part["unit"].lower())
        if stretch is None:
            return None
        total, position = total + stretch, part.end()
    return total


def _amount(part: re.Match[str]) -> float | None:
    if part["half"]:
        return 0.5
    number = parse_number(part["number"])
    if number is None or number > 10**6:
        return None
    return number + (0.5 if part["more"] == "个半" or part["tail"] else 0)


def _in_units(amount: float, unit: str) -> Stretch | None:
    """Half a month counts 15 days, half a day 12 hours; other fractions of months and years have no form."""
    unit = "min" if unit.startswith("min") else unit
    if unit in _UNIT_IN_SECONDS:
        return Stretch(seconds=round(amount * _UNIT_IN_SECONDS[unit]))
    if unit in _UNIT_IN_DAYS:
        hours = round(amount * _UNIT_IN_DAYS[unit] * 24)
        return Stretch(days=hours // 24, seconds=hours % 24 * 3600)
    months = amount * _UNIT_IN_MONTHS[unit]
    if months % 1 not in (0, 0.5):
        return None
    return Stretch(months=int(months), days=15 if months % 1 else 0)
