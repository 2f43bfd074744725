"""Chinese and Arabic numerals to numbers: 两万三, 三百五, 1.5万, 二零二六, 百分之二十, 壹佰贰拾叁."""

import re

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10**4, "亿": 10**8}
_SMALL_SCORES = {"廿": "二十", "卅": "三十"}

_DIGIT = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_MAGNITUDE = "十百千万亿拾佰仟"
HAN = f"[{_DIGIT}{_MAGNITUDE}廿卅]"
ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(?:\.\d{1,18})?"
"""Of bounded length, like every repetition in these rules: a run of digits is read in linear time."""
NUMERAL = rf"(?:{ARABIC}[百千万亿]{{0,2}}(?:(?<=[百千万亿])[1-9](?!\d))?|{HAN}{{1,20}}(?:点[{_DIGIT}]+(?:[万亿])?)?)"
"""One numeral, without sign; see `parse_number` for what it is worth."""
SMALL = rf"(?:\d{{1,4}}|{HAN}{{1,4}})"
"""A numeral for days, hours and counts in dates; see `parse_whole`."""

_ARABIC_WITH_GROUP = re.compile(rf"({ARABIC})([百千万亿]*)([1-9]?)")
_POSITIONAL = re.compile(rf"[{_DIGIT}]{{2,}}")
_SHORT_TAIL = re.compile(rf"(.*[百千万亿佰仟])([{_DIGIT[2:]}])")


def parse_number(text: str) -> float | int | None:
    """The value of a numeral, or None when the characters form none (百五, 三二十)."""
    arabic = _ARABIC_WITH_GROUP.fullmatch(text)
    if arabic is not None:
        return _arabic(*arabic.groups())
    whole, point, fraction = text.partition("点")
    if not point:
        return _han(text)
    return _with_fraction(whole, fraction)


def parse_whole(text: str) -> int | None:
    """The value of a numeral that is a whole number; None for any other."""
    value = parse_number(text)
    return value if isinstance(value, int) else None


def _arabic(number: str, groups: str, tail: str) -> float | int | None:
    value = float(number.replace(",", ""))
    scale = 1
    for group in groups:
        scale *= _UNITS.get(group, 0) or _GROUPS[group]
    return _tidy(value * scale + (int(tail) * scale // 10 if tail else 0))


def _with_fraction(whole: str, fraction: str) -> float | int | None:
    scale = 1
    if fraction[-1:] in _GROUPS:
        scale, fraction = _GROUPS[fraction[-1]], fraction[:-1]
    value = _han(whole)
    digits = "".join(str(_DIGITS[char]) for char in fraction if char in _DIGITS)
    if value is None or len(digits) != len(fraction) or not digits:
        return None
    return _tidy(round(float(f"{value}.{digits}") * scale, 6))


def _han(text: str) -> int | None:
    for short, long in _SMALL_SCORES.items():
        text = text.replace(short, long)
    if _POSITIONAL.fullmatch(text):
        return int("".join(str(_DIGITS[char]) for char in text))
    tail = _SHORT_TAIL.fullmatch(text)
    if tail is not None:
        return _short(tail[1], tail[2])
    return _grouped(text)


def _short(head: str, digit: str) -> int | None:
    """三百五 is 350: a last digit without its unit counts tenths of the unit before it."""
    value = _grouped(head)
    unit = _UNITS.get(head[-1], 0) or _GROUPS[head[-1]]
    return None if value is None else value + _DIGITS[digit] * unit // 10


def _grouped(text: str) -> int | None:
    for name in ("亿", "万"):
        head, found, rest = text.rpartition(name)
        if found:
            high, low = _grouped(head), _grouped(rest) if rest else 0
            return None if high is None or low is None else high * _GROUPS[name] + low
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> int | None:
    """Each unit at most once and in falling order; 零 may stand anywhere but last, unless alone."""
    total, digit, lowest = 0, None, 10**4
    for position, char in enumerate(text):
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
            continue
        unit = _UNITS.get(char, 0)
        if not unit or unit >= lowest or (digit is None and (unit != 10 or position)):
            return None
        total, lowest, digit = total + (1 if digit is None else digit) * unit, unit, None
    return total + (digit or 0) if text else None


def _tidy(value: float) -> float | int:
    return int(value) if value == int(value) else value
