"""Days and periods in Chinese. Every rule has its pattern beside it; dates that do not exist are reported as such."""

import re
from collections.abc import Callable
from datetime import date

from adapters.local_duckling.calendar_periods import Period
from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.chinese_meanings import (
    day_of_month,
    labour_day,
    month_day,
    month_end,
    month_slash_day,
    named_day,
    national_day,
    nothing,
    relative_month,
    weekday,
    weekend,
    whole_month,
    whole_quarter,
    whole_week,
    written_date,
    year_end,
    year_period,
)
from adapters.local_duckling.chinese_number import SMALL
from domain.values import Value

Resolve = Callable[[re.Match[str], date], Period | None]


class Day(Value, frozen=True):
    """A day or period said at a place in the text. `period` is None for one that does not exist (2月30号)."""

    start: int
    end: int
    period: Period | None


_DAY_WORD = "大前天|(?<!以)前天|昨[天日]|今[天日儿]|明[天日儿]|大大后天|大后天|(?<![以然之])后天"
_YEAR = (
    r"(?:(?P<year>(?<!\d)\d{4,8}|(?<!\d)\d{2}|[零〇一二三四五六七八九]{4}|[零〇一二三四五六七八九]{2})年"
    r"|(?P<year_word>大?前年|去年|今年|本年|明年|来年|大?后年))的?"
)
_SHIFT = "(?:这个?|本|当|(?<!下)下+个?|(?<!上)上+个?)"
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


class _Rule(Value, frozen=True):
    """`firm`: a match that resolves to nothing is a date that does not exist; otherwise it is no date at all.

    `open_ended`: the day is the next one that fits, so the later end of a range counts from the earlier.
    """

    pattern: re.Pattern[str]
    resolve: Resolve
    firm: bool = True
    open_ended: bool = False


_RULES = tuple(
    _Rule(re.compile(pattern), resolve, firm, resolve in (weekday, day_of_month, month_day))
    for pattern, resolve, firm in (
        (rf"(?:(?:{_DAY_WORD})的){{1,9}}(?:{_DAY_WORD})", nothing, True),
        (_LUNAR, nothing, True),
        (
            r"(?<![\d.\-/])(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?:[日号]|(?![\d.\-/]))",
            written_date,
            True,
        ),
        (
            rf"(?:{_YEAR})?(?P<month>{SMALL})月份?的?(?:(?P<day>{SMALL})[日号]"
            r"|(?P<bare>\d{1,2}|二?十[一二三四五六七八九]?|三十一?)(?![\d个位名张间人月天年点时块元.:/零〇一二三四五六七八九十]))",
            month_day,
            True,
        ),
        (r"(?<![\d./\-])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?:[日号]|(?![\d/.]))", month_slash_day, False),
        (
            r"(?<![\d./\-¥￥$A-Za-z])(?<![A-Za-z] )(?P<m>1[0-2]|0?[1-9])\.(?P<d>[12]\d|3[01]|0?[1-9])"
            r"(?:[日号]|(?![\d.%百千万亿元块倍折个公千斤克米小度分岁A-Za-z]))",
            month_slash_day,
            False,
        ),
        (rf"(?P<shift>{_SHIFT})月的?(?:(?P<day>{SMALL})[日号]|(?P<part>{_PART}))?", relative_month, True),
        (rf"(?:{_YEAR})?(?:(?P<shift>{_SHIFT})|第?(?P<number>[一二三四1-4]))个?季度", whole_quarter, False),
        (
            rf"(?:{_YEAR})?(?P<month>\d{{1,2}}|十?[一二三四五六七八九]|十)月(?:份|(?P<part>{_PART}))?(?![球亮薪饼票卡租供\d])",
            whole_month,
            True,
        ),
        (r"(?<![\d一二三四五六七八九十个岁])(?P<part>月[底末初中](?!旬|间|心)|(?<!月)[上中下]旬)", month_end, False),
        (
            rf"(?<!\d)(?<![说证声])(?=\d{{4}}|[零〇一二三四五六七八九]{{4}}|[大前去今本明来后]){_YEAR}(?P<part>[底末初中](?!国|学))?(?!{_HOLIDAY}|级|代|纪|龄|轻|会|货|夜)",
            year_period,
            False,
        ),
        (r"(?<![\d一二三四五六七八九十])(?P<part>年[底末初中])(?!国|心)", year_end, False),
        (rf"(?P<shift>{_SHIFT})?(?<![一二两三四五六七八九十几半\d])(?:周|星期|礼拜)末", weekend, True),
        (
            rf"(?:(?P<shift>{_SHIFT}){_WEEK}(?:的?{_WEEK})?|(?:(?<![一二两三四五六七八九十几半个\d])|(?<=[周期拜][一二三四五六日天])){_WEEK})"
            r"(?P<weekday>[一二三四五六日天]|[1-7](?![\d点时:个位名张间人.]))",
            weekday,
            True,
        ),
        (rf"(?P<shift>{_SHIFT}){_WEEK}(?![岁年边])", whole_week, True),
        (_DAY_WORD, named_day, True),
        (r"今(?=[早晚晨])|(?<![说证声文聪清])明(?=[早晚晨])|昨(?=[晚夜晨])", named_day, True),
        (
            rf"(?<![\d.年月第路街弄巷道村#零〇一二三四五六七八九十百千])(?P<day>\d{{1,2}}|二?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九](?=号))"
            rf"(?:号{_NO_DATE_AFTER}|日(?![游内常元本期]))",
            day_of_month,
            False,
        ),
        (r"(?<![一二三四五六七八九十\d])五一(?=节|假|放|期间|出|去|长假|小长假|黄金周|$)", labour_day, True),
        (r"(?<![一二三四五六七八九十双\d])十一(?=假|放假|期间|长假|黄金周|国庆)", national_day, True),
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
