"""Which of the two languages a client reads, and texts in both."""

from functools import lru_cache
from typing import Literal, NamedTuple

Tongue = Literal["zh", "en"]

_LONGEST_HEADER = 200


class Phrase(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def said(self, tongue: Tongue) -> str:
        """The text in one language."""
        return self.zh if tongue == "zh" else self.en


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> Tongue:
    """The language an Accept-Language header asks for (RFC 9110, 12.5.4); Chinese where it says neither."""
    best: Tongue = "zh"
    highest = 0.0
    for part in accept_language[:_LONGEST_HEADER].lower().split(","):
        tag, _, parameters = part.strip().partition(";")
        tongue = _tongue(tag.strip())
        weight = _weight(parameters)
        if tongue is not None and weight > highest:
            best, highest = tongue, weight
    return best


def _tongue(tag: str) -> Tongue | None:
    if tag == "zh" or tag.startswith("zh-"):
        return "zh"
    return "en" if tag == "en" or tag.startswith("en-") else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.replace(" ", "").partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
