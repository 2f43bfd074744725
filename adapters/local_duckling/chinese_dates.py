"""Days and periods in Chinese. Every rule has its pattern beside it; dates that do not exist are reported as such."""

import re
from collections.abc import Callable
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
from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.chinese_number import SMALL, parse_whole
from domain.values import Value

Resolve = Callable[[re.Match[str], date], Period | None]


class Day(Value, frozen=True):
    """A day or period said at a place in the text. `period` is None for one that does not exist (2月30号)."""

    start: int
    end: int
    period: Period | None


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

_DAY_WORD = "大前天|(?<!以)前天|昨[天日]|今[天日儿]|明[天日儿]|大大后天|大后天|(?<![以然之])后天"
_YEAR = (
    r"(?:(?P<year>(?<!\d)\d{4,8}|(?<!\d)\d{2}|[零〇一二三四五六七八九]{4}|[零〇一二三四五六七八九]{2})年"
    r"|(?P<year_word>大?前年|去年|今年|本年|明年|来年|大?后年))的?"
)
_SHIFT = "(?:这个?|本|当|下+个?|上+个?)"
_WEEK = "(?:周|星期|礼拜)"
_NO_DATE_AFTER = "(?![院楼线门房桌店厅馆机位台码座铺区厂井库口室栋幢弄柜箱车员])"
_PART = "底|末|初|中旬|上旬|下旬|中(?!旬|国|间|心|午)"
_HOLIDAY = "(?:春节|元旦|清明|国庆|圣诞|情人节|劳动节|儿童节|母亲节|父亲节|双十一)"

_LUNAR_DAY = "(?:(?:初|十|廿|二十|三十)?[一二三四五六七八九十]|三十)"
_LUNAR = (
    rf"(?:农历|阴历)的?(?:闰?(?:[正冬腊]|十?[一二三四五六七八九十])月(?:{_LUNAR_DAY})?|{_LUNAR_DAY})"
    rf"|[正冬腊]月{_LUNAR_DAY}"
)
"""Days of the lunar calendar are recognised as dates but not reckoned: better to ask than to be wrong."""


def _month_day(match: re.Match[str], today: date) -> Period | None:
    """3月15日, 2026年12月1号, 26年12月1号, 明年3月15日, 十二月一日."""
    day, month = parse_whole(match["day"] or match["bare"]), parse_whole(match["month"])
    if day is None or month is None:
        return None
    if match["year"] or match["year_word"]:
        return a_day(real_date(_year_of(match, today), month, day))
    return a_day(next_month_day(today, month, day))


def _numeric(match: re.Match[str], _: date) -> Period | None:
    return a_day(real_date(int(match["y"]), int(match["m"]), int(match["d"])))


def _month_slash_day(match: re.Match[str], today: date) -> Period | None:
    """12/1 and 12.1 are dates only where such a date exists."""
    return a_day(next_month_day(today, int(match["m"]), int(match["d"])))


def _relative_month(match: re.Match[str], today: date) -> Period | None:
    """下个月, 下下个月, 本月15号, 下个月初."""
    index = today.year * 12 + today.month - 1 + _shift_of(match["shift"])
    year, month = index // 12, index % 12 + 1
    if match["day"]:
        return a_day(real_date(year, month, parse_whole(match["day"]) or 0))
    return month_part(year, month, match["part"])


def _month(match: re.Match[str], today: date) -> Period | None:
    """12月, 明年三月, 12月上旬. Without a year: this one until the month is over."""
    month = parse_whole(match["month"]) or 0
    if not 1 <= month <= 12:
        return None
    if match["year"] or match["year_word"]:
        return month_part(_year_of(match, today), month, match["part"])
    return month_part(today.year + (month < today.month), month, match["part"])


def _month_end(match: re.Match[str], today: date) -> Period | None:
    """月底, 月初, 下旬: of this month, or of the next one when it is over."""
    period = month_part(today.year, today.month, match["part"])
    if period is not None and period.until <= today:
        index = today.year * 12 + today.month
        return month_part(index // 12, index % 12 + 1, match["part"])
    return period


def _year_end(match: re.Match[str], today: date) -> Period | None:
    period = year_part(today.year, match["part"])
    return year_part(today.year + 1, match["part"]) if period is not None and period.until <= today else period


def _year_period(match: re.Match[str], today: date) -> Period | None:
    return year_part(_year_of(match, today), match["part"])


def _quarter(match: re.Match[str], today: date) -> Period | None:
    """本季度, 下个季度, 第三季度, 明年一季度."""
    if match["shift"]:
        return quarter_period(today.year * 4 + (today.month - 1) // 3 + _shift_of(match["shift"]))
    number = parse_whole(match["number"]) or 0
    return quarter_period(_year_of(match, today) * 4 + number - 1) if 1 <= number <= 4 else None


def _weekday(match: re.Match[str], today: date) -> Period | None:
    """周三 is the next one; 这周三 and 下周三 count calendar weeks, which begin on Monday."""
    monday, index = today - timedelta(days=today.weekday()), _WEEKDAYS[match["weekday"]]
    if not match["shift"]:
        return a_day(today + timedelta(days=(index - today.weekday() - 1) % 7 + 1))
    return a_day(monday + timedelta(weeks=_shift_of(match["shift"]), days=index))


def _weekend(match: re.Match[str], today: date) -> Period | None:
    saturday = today + timedelta(days=5 - today.weekday(), weeks=_shift_of(match["shift"] or ""))
    return Period(saturday, saturday + timedelta(days=2))


def _week(match: re.Match[str], today: date) -> Period | None:
    monday = today + timedelta(days=-today.weekday(), weeks=_shift_of(match["shift"]))
    return Period(monday, monday + timedelta(days=7))


def _day_word(match: re.Match[str], today: date) -> Period | None:
    return a_day(today + timedelta(days=_RELATIVE_DAYS[match.group()]))


def _day_of_month(match: re.Match[str], today: date) -> Period | None:
    """15号 is the next fifteenth, today included; months without such a day are passed over."""
    day = parse_whole(match["day"]) or 0
    for ahead in range(3):
        index = today.year * 12 + today.month - 1 + ahead
        found = real_date(index // 12, index % 12 + 1, day)
        if found is not None and found >= today:
            return a_day(found)
    return None


def _labour_day(_: re.Match[str], today: date) -> Period | None:
    return a_day(next_month_day(today, 5, 1))


def _national_day(_: re.Match[str], today: date) -> Period | None:
    return a_day(next_month_day(today, 10, 1))


def _nothing(_: re.Match[str], __: date) -> Period | None:
    """昨天的明天, 农历八月十五: dates that are not understood."""
    return None


class _Rule(Value, frozen=True):
    """`firm`: a match that resolves to nothing is a date that does not exist; otherwise it is no date at all.

    `open_ended`: the day is the next one that fits, so the later end of a range counts from the earlier.
    """

    pattern: re.Pattern[str]
    resolve: Resolve
    firm: bool = True
    open_ended: bool = False


_RULES = tuple(
    _Rule(re.compile(pattern), resolve, firm, resolve in (_weekday, _day_of_month, _month_day))
    for pattern, resolve, firm in (
        (rf"(?:(?:{_DAY_WORD})的)+(?:{_DAY_WORD})", _nothing, True),
        (_LUNAR, _nothing, True),
        (
            r"(?<![\d.\-/])(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?:[日号]|(?![\d.\-/]))",
            _numeric,
            True,
        ),
        (
            rf"(?:{_YEAR})?(?P<month>{SMALL})月份?的?(?:(?P<day>{SMALL})[日号]"
            r"|(?P<bare>\d{1,2}|二?十[一二三四五六七八九]?|三十一?)(?![\d个位名张间人月天年点时块元.:/零〇一二三四五六七八九十]))",
            _month_day,
            True,
        ),
        (r"(?<![\d./\-])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?:[日号]|(?![\d/.]))", _month_slash_day, False),
        (
            r"(?<![\d./\-¥￥$A-Za-z])(?<![A-Za-z] )(?P<m>1[0-2]|0?[1-9])\.(?P<d>[12]\d|3[01]|0?[1-9])"
            r"(?:[日号]|(?![\d.%百千万亿元块倍折个公千斤克米小度分岁A-Za-z]))",
            _month_slash_day,
            False,
        ),
        (rf"(?P<shift>{_SHIFT})月的?(?:(?P<day>{SMALL})[日号]|(?P<part>{_PART}))?", _relative_month, True),
        (rf"(?:{_YEAR})?(?:(?P<shift>{_SHIFT})|第?(?P<number>[一二三四1-4]))个?季度", _quarter, False),
        (
            rf"(?:{_YEAR})?(?P<month>\d{{1,2}}|十?[一二三四五六七八九]|十)月(?:份|(?P<part>{_PART}))?(?![球亮薪饼票卡租供\d])",
            _month,
            True,
        ),
        (r"(?<![\d一二三四五六七八九十个岁])(?P<part>月[底末初中](?!旬|间|心)|(?<!月)[上中下]旬)", _month_end, False),
        (
            rf"(?<!\d)(?<![说证声])(?=\d{{4}}|[零〇一二三四五六七八九]{{4}}|[大前去今本明来后]){_YEAR}(?P<part>[底末初中](?!国|学))?(?!{_HOLIDAY}|级|代|纪|龄|轻|会|货|夜)",
            _year_period,
            False,
        ),
        (r"(?<![\d一二三四五六七八九十])(?P<part>年[底末初中])(?!国|心)", _year_end, False),
        (rf"(?P<shift>{_SHIFT})?(?<![一二两三四五六七八九十几半\d])(?:周|星期|礼拜)末", _weekend, True),
        (
            rf"(?:(?P<shift>{_SHIFT}){_WEEK}(?:的?{_WEEK})?|(?:(?<![一二两三四五六七八九十几半个\d])|(?<=[周期拜][一二三四五六日天])){_WEEK})"
            r"(?P<weekday>[一二三四五六日天]|[1-7](?![\d点时:个位名张间人.]))",
            _weekday,
            True,
        ),
        (rf"(?P<shift>{_SHIFT}){_WEEK}(?![岁年边])", _week, True),
        (_DAY_WORD, _day_word, True),
        (r"今(?=[早晚晨])|(?<![说证声文聪清])明(?=[早晚晨])|昨(?=[晚夜晨])", _day_word, True),
        (
            rf"(?<![\d.年月第路街弄巷道村#零〇一二三四五六七八九十百千])(?P<day>\d{{1,2}}|二?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九](?=号))"
            rf"(?:号{_NO_DATE_AFTER}|日(?![游内常元本期]))",
            _day_of_month,
            False,
        ),
        (r"(?<![一二三四五六七八九十\d])五一(?=节|假|放|期间|出|去|长假|小长假|黄金周|$)", _labour_day, True),
        (r"(?<![一二三四五六七八九十双\d])十一(?=假|放假|期间|长假|黄金周|国庆)", _national_day, True),
    )
)
_BETWEEN = frozenset({"到", "至", "-", "~", "—", "–", "和"})
_ADDRESS_NUMBER = re.compile(r"(?:\d{1,6}|[零〇一二三四五六七八九十百千]{1,6})号")


def find_days(canvas: Canvas, today: date) -> list[Day]:
    """Every day and period, in the order said; they are taken from the canvas.

    The later end of a range counts from the earlier one: 周一到周五, 12月30日至5日.
    """
    found: list[tuple[re.Match[str], _Rule]] = []
    for rule in _RULES:
        for match in canvas.find(rule.pattern):
            if rule.firm or _safely(rule, match, today) is not None:
                canvas.take(*match.span())
                found.append((match, rule))
    days: list[Day] = []
    for match, rule in sorted(found, key=lambda pair: pair[0].start()):
        joined = (
            rule.open_ended
            and not _is_closed(match)
            and days
            and canvas.source[days[-1].end : match.start()] in _BETWEEN
        )
        earlier = days[-1].period if joined else None
        days.append(
            Day(
                match.start(),
                match.start() + len(match.group().rstrip("的")),
                _safely(rule, match, earlier.first if earlier else today),
            )
        )
    return _merged(days)


def take_address_numbers(canvas: Canvas) -> None:
    """北路13号院 holds neither a date nor a number."""
    for match in canvas.find(_ADDRESS_NUMBER):
        canvas.take(*match.span())


def _safely(rule: _Rule, match: re.Match[str], today: date) -> Period | None:
    try:
        return rule.resolve(match, today)
    except OverflowError:
        return None


def _is_closed(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return bool(groups.get("shift") or groups.get("year") or groups.get("year_word"))


def _merged(days: list[Day]) -> list[Day]:
    """A date that does not exist spoils the one right before it: 明天32月45日 is one invalid date."""
    merged: list[Day] = []
    for day in days:
        if merged and merged[-1].end == day.start and (day.period is None or merged[-1].period is None):
            merged[-1] = Day(merged[-1].start, day.end, None)
        else:
            merged.append(day)
    return merged


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
