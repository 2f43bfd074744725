"""Check digits of bank cards, identity cards and mobile numbers."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from domain.slots.entity_type import Checksum

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK_DIGITS = "10X98765432"
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def luhn(digits: str) -> bool:
    """The Luhn formula (ISO/IEC 7812) for card numbers."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def id_card(text: str) -> bool:
    """An 18-character Chinese identity number: a real birthday and the check digit of GB 11643."""
    match = re.fullmatch(r"[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dXx]", text, re.ASCII)
    if match is None:
        return False
    try:
        date(*(int(group) for group in match.groups()))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text, strict=False))
    return _ID_CHECK_DIGITS[total % 11] == text[17].upper()


def mobile(text: str) -> bool:
    """A mobile number of mainland China, with or without +86."""
    return _MOBILE.fullmatch(text.removeprefix("+86").removeprefix("86") if len(text) > 11 else text) is not None


CHECKSUMS: Mapping[Checksum, Callable[[str], bool]] = {"luhn": luhn, "id_card": id_card, "mobile": mobile}
