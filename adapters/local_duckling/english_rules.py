"""What Duckling misreads in English: lengths ahead of now, the third one as a day, and dates that do not exist."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from adapters.local_duckling.calendar_periods import real_date
from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.reading import DATE, DATETIME, DURATION, ORDINAL, TIME, Reading
from adapters.local_duckling.stretch import Stretch

_COUNTS: Mapping[str, int] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
}  # fmt: skip
_UNITS: Mapping[str, Stretch] = {
    "second": Stretch(seconds=1),
    "minute": Stretch(seconds=60),
    "min": Stretch(seconds=60),
    "hour": Stretch(seconds=3600),
    "day": Stretch(days=1),
    "week": Stretch(days=7),
    "month": Stretch(months=1),
    "year": Stretch(months=12),
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_LENGTH = rf"(?:\d{{1,4}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})[\s-](?:{'|'.join(_UNITS)})s?"
_AHEAD = re.compile(
    rf"\b(?:(?:in|after)\s(?P<first>{_LENGTH})(?![\s-](?:ago|before|after|later|from))"
    rf"|(?P<later>{_LENGTH})\s(?:later|from\s(?:now|today)|afterwards))\b",
    re.IGNORECASE,
)
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:the\s)?(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s(?P<year>\d{4}))?"
_NAMED_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (rf"\b{_MONTH}\s{_DAY}{_YEAR}\b(?![:\d])", rf"\b{_DAY}\s(?:of\s)?{_MONTH}{_YEAR}\b")
)
_PLACES: Mapping[str, int] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "last": -1,
}  # fmt: skip
_CHOSEN = re.compile(rf"\b(?P<place>{'|'.join(_PLACES)})\s(?:one|option|choice|item)\b", re.IGNORECASE)
_ISO_DATE = re.compile(r"(?<![\d-])(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\d-])")


def read_english(canvas: Canvas, now: datetime) -> Iterator[Reading]:
    """Readings that Duckling would get wrong; their spans are taken from the canvas."""
    for match in canvas.find(_AHEAD):
        stretch = _stretch(match["first"] or match["later"])
        moment = stretch.after(now)
        if moment is not None:
            canvas.take(*match.span())
            yield from _ahead(match, stretch, moment)
    for match in canvas.find(_CHOSEN):
        canvas.take(*match.span())
        yield Reading(ORDINAL, *match.span("place"), _PLACES[match["place"].lower()])
    for pattern in (*_NAMED_DATES, _ISO_DATE):
        for match in canvas.find(pattern):
            if not _exists(match):
                canvas.take(*match.span())
                for kind in (DATE, DATETIME):
                    yield Reading(kind, *match.span(), canvas.source[match.start() : match.end()], valid=False)


def _ahead(match: re.Match[str], stretch: Stretch, moment: datetime) -> Iterator[Reading]:
    start, end = match.span()
    yield Reading(DURATION, start, end, stretch.iso)
    yield Reading(DATE, start, end, moment.date().isoformat())
    if stretch.has_clock_part:
        yield Reading(DATETIME, start, end, moment.strftime("%Y-%m-%dT%H:%M"))
        yield Reading(TIME, start, end, f"{moment:%H:%M}")
    else:
        yield Reading(DATETIME, start, end, moment.date().isoformat())


def _stretch(text: str) -> Stretch:
    count, unit = re.split(r"[\s-]", text.lower(), maxsplit=1)
    number = int(count) if count.isdigit() else _COUNTS[count]
    single = _UNITS[unit.removesuffix("s") if unit != "s" else unit]
    return Stretch(single.months * number, single.days * number, single.seconds * number)


def _exists(match: re.Match[str]) -> bool:
    """Whether some year has the day; a named year must have it itself. 29 February alone passes."""
    month = match["month"][:3].lower()
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(match["month"])
    return real_date(int(match["year"] or 2000), number, int(match["day"])) is not None
