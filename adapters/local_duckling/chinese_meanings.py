"""What the words of a Chinese date mean: from what a rule matched to a day or period.

Every function takes a match of its rule in `chinese_dates` and the present day; None is a date that does not exist.
"""

import re
from datetime import date, timedelta

from adapters.local_duckling.calendar_periods import (
    Period,
    a_day,
    month_part,
    next_month_day,
    quarter_period,
    real_date,
    year_part,
)
from adapters.local_duckling.chinese_number import parse_whole

_RELATIVE_DAYS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "今儿": 0, "明天": 1, "明日": 1, "明儿": 1,
    "大大后天": 4, "大后天": 3, "后天": 2, "今": 0, "明": 1, "昨": -1,
}  # fmt: skip
_YEAR_OFFSETS = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "今年": 0,
    "本年": 0,
    "明年": 1,
    "来年": 1,
    "后年": 2,
    "大后年": 3,
}
_WEEKDAYS = {
    char: index for index, chars in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7")) for char in chars
}


def month_day(match: re.Match[str], today: date) -> Period | None:
    """3月15日, 2026年12月1号, 26年12月1号, 明年3月15日, 十二月一日."""
    day, month = parse_whole(match["day"] or match["bare"]), parse_whole(match["month"])
    if day is None or month is None:
        return None
    if match["year"] or match["year_word"]:
        return a_day(real_date(_year_of(match, today), month, day))
    return a_day(next_month_day(today, month, day))


def written_date(match: re.Match[str], _: date) -> Period | None:
    """2026-12-01, 2026/12/1, 2026.12.1."""
    return a_day(real_date(int(match["y"]), int(match["m"]), int(match["d"])))


def month_slash_day(match: re.Match[str], today: date) -> Period | None:
    """12/1 and 12.1 are dates only where such a date exists."""
    return a_day(next_month_day(today, int(match["m"]), int(match["d"])))


def relative_month(match: re.Match[str], today: date) -> Period | None:
    """下个月, 下下个月, 本月15号, 下个月初."""
    index = today.year * 12 + today.month - 1 + _shift_of(match["shift"])
    year, month = index // 12, index % 12 + 1
    if match["day"]:
        return a_day(real_date(year, month, parse_whole(match["day"]) or 0))
    return month_part(year, month, match["part"])


def whole_month(match: re.Match[str], today: date) -> Period | None:
    """12月, 明年三月, 12月上旬. Without a year: this one until the month is over."""
    month = parse_whole(match["month"]) or 0
    if not 1 <= month <= 12:
        return None
    if match["year"] or match["year_word"]:
        return month_part(_year_of(match, today), month, match["part"])
    return month_part(today.year + (month < today.month), month, match["part"])


def month_end(match: re.Match[str], today: date) -> Period | None:
    """月底, 月初, 下旬: of this month, or of the next one when it is over."""
    period = month_part(today.year, today.month, match["part"])
    if period is not None and period.until <= today:
        index = today.year * 12 + today.month
        return month_part(index // 12, index % 12 + 1, match["part"])
    return period


def year_end(match: re.Match[str], today: date) -> Period | None:
    """年底, 年初: of this year, or of the next one when it is over."""
    period = year_part(today.year, match["part"])
    return year_part(today.year + 1, match["part"]) if period is not None and period.until <= today else period


def year_period(match: re.Match[str], today: date) -> Period | None:
    """2027年, 明年底."""
    return year_part(_year_of(match, today), match["part"])


def whole_quarter(match: re.Match[str], today: date) -> Period | None:
    """本季度, 下个季度, 第三季度, 明年一季度."""
    if match["shift"]:
        return quarter_period(today.year * 4 + (today.month - 1) // 3 + _shift_of(match["shift"]))
    number = parse_whole(match["number"]) or 0
    return quarter_period(_year_of(match, today) * 4 + number - 1) if 1 <= number <= 4 else None


def weekday(match: re.Match[str], today: date) -> Period | None:
    """周三 is the next one; 这周三 and 下周三 count calendar weeks, which begin on Monday."""
    monday, index = today - timedelta(days=today.weekday()), _WEEKDAYS[match["weekday"]]
    if not match["shift"]:
        return a_day(today + timedelta(days=(index - today.weekday() - 1) % 7 + 1))
    return a_day(monday + timedelta(weeks=_shift_of(match["shift"]), days=index))


def weekend(match: re.Match[str], today: date) -> Period | None:
    """周末, 下周末: Saturday and Sunday."""
    saturday = today + timedelta(days=5 - today.weekday(), weeks=_shift_of(match["shift"] or ""))
    return Period(saturday, saturday + timedelta(days=2))


def whole_week(match: re.Match[str], today: date) -> Period | None:
    """下周: Monday to Sunday."""
    monday = today + timedelta(days=-today.weekday(), weeks=_shift_of(match["shift"]))
    return Period(monday, monday + timedelta(days=7))


def named_day(match: re.Match[str], today: date) -> Period | None:
    """今天, 大后天."""
    return a_day(today + timedelta(days=_RELATIVE_DAYS[match.group()]))


def day_of_month(match: re.Match[str], today: date) -> Period | None:
    """15号 is the next fifteenth, today included; months without such a day are passed over."""
    day = parse_whole(match["day"]) or 0
    for ahead in range(3):
        index = today.year * 12 + today.month - 1 + ahead
        found = real_date(index // 12, index % 12 + 1, day)
        if found is not None and found >= today:
            return a_day(found)
    return None


def labour_day(_: re.Match[str], today: date) -> Period | None:
    """五一, the next first of May."""
    return a_day(next_month_day(today, 5, 1))


def national_day(_: re.Match[str], today: date) -> Period | None:
    """十一, the next first of October."""
    return a_day(next_month_day(today, 10, 1))


def nothing(_: re.Match[str], __: date) -> Period | None:
    """昨天的明天, 农历八月十五: dates that are not understood."""
    return None


def _year_of(match: re.Match[str], today: date) -> int:
    word, digits = match["year_word"], match["year"]
    if word:
        return today.year + _YEAR_OFFSETS[word]
    if not digits:
        return today.year
    year = parse_whole(digits) or 0
    return year + 2000 if len(digits) == 2 else year


def _shift_of(words: str) -> int:
    """How many weeks or months ahead: 下下 is 2, 上 is -1, 这, 本 and nothing are 0."""
    return words.count("下") - words.count("上")
