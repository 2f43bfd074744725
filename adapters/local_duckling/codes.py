"""Digits that count nothing: telephone, card and order numbers, addresses of mail and web."""

import re
from collections.abc import Iterator

from adapters.local_duckling.calendar_periods import real_date
from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.reading import DATE, DATETIME, NUMBER, Reading

_CODES = (
    re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}"),
    re.compile(r"(?:https?://|www\.)[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+"),
    re.compile(
        r"(?<![A-Za-z0-9])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,3}\.(?:com|cn|net|org|io|edu|gov)(?![A-Za-z0-9])"
    ),
    re.compile(r"(?<!\d)\+\d{1,3}[ -]?\d{2,4}(?:[ -]?\d{3,4}){1,3}(?!\d)"),
    re.compile(r"(?<!\d)1[3-9]\d[ -]\d{4}[ -]\d{4}(?!\d)"),
    re.compile(r"(?<!\d)(?:0\d{2,3}-\d{7,8}|[48]00-?\d{3}-?\d{4}|\(?\d{3}\)?[ -]\d{3}-\d{4})(?!\d)"),
    re.compile(r"(?<!\d)\d{4}(?:[ -]\d{4}){2,4}(?:[ -]\d{1,3})?(?!\d)"),
    re.compile(r"\d{8,}"),
)
_NAMED_CODE = re.compile(
    r"(?:编号|订单号?|单号|卡号|尾号|账号|帐号|密码|验证码|航班号?|车次|order\s?(?:no\.?|number|id|#)|code)(?:是|为|is|[:：#])?\s*[A-Za-z]{0,4}\d{2,}(?![\d年月日号点元块])",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\s*(\d{8,10})\s*", re.ASCII)


def read_codes(canvas: Canvas) -> Iterator[Reading]:
    """Hide them from the rules; the engine still sees them, for it knows telephone numbers and addresses.

    Eight to ten digits that are the whole text may be a number after all, or a day written 20261201.
    """
    alone = _ALONE.fullmatch(canvas.text)
    if alone is not None:
        digits, span = alone[1], alone.span(1)
        yield Reading(NUMBER, *span, int(digits), confidence=0.6)
        day = real_date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) if len(digits) == 8 else None
        if day is not None and 1900 <= day.year < 2100:
            yield from (Reading(kind, *span, day.isoformat()) for kind in (DATE, DATETIME))
    for match in canvas.find(_NAMED_CODE):
        canvas.take(*match.span())
    for pattern in _CODES:
        for match in canvas.find(pattern):
            canvas.hide(*match.span())
