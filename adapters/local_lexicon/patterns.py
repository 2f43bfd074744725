"""Entities given by a regular expression, with check digits, and what was meant to be one."""

import re
from collections.abc import Iterator

from adapters.local_lexicon.checksums import CHECKSUMS
from domain.slots.entity_type import EntityType
from domain.values import Value

MOST_CHARACTERS = 500

_GROUPED = re.compile(r"(?<![A-Za-z0-9])[0-9](?:[0-9]|[ -](?=[0-9]))+[0-9Xx](?![A-Za-z0-9])")
_LINK = r"(?:\s*(?:号码|号|number|no\.?))?\s*(?:就?是|为|:|：|is|=)?\s*"
_RUN = r"(?P<run>[A-Za-z]{0,4}[0-9](?:[0-9]|[ -](?=[0-9]))*[Xx]?)(?![A-Za-z0-9])"


class Match(Value, frozen=True):
    """A span, what it is without separators, and whether it is well-formed."""

    start: int
    end: int
    value: str
    valid: bool


class Patterned:
    """One entity type with a `pattern`. Raises re.error for a pattern that is none."""

    def __init__(self, declared: EntityType) -> None:
        source = declared.pattern or ""
        self._whole = re.compile(source)
        self._inside = re.compile(rf"(?<![A-Za-z0-9])(?:{source})(?![A-Za-z0-9])")
        self._check = CHECKSUMS[declared.check] if declared.check is not None else None
        self._cue = _cue(declared.title)

    def find(self, text: str) -> list[Match]:
        """Spans of the pattern; then groups of digits (6222 0800 …); then what a cue word announces (卡号是123)."""
        text = text[:MOST_CHARACTERS]
        found: list[Match] = []
        for match in (*self._plain(text), *self._grouped(text), *self._announced(text)):
            if not any(match.start < other.end and other.start < match.end for other in found):
                found.append(match)
        return found

    def _plain(self, text: str) -> Iterator[Match]:
        for match in self._inside.finditer(text):
            if match.group():
                yield self._match(match.start(), match.end(), match.group())

    def _grouped(self, text: str) -> Iterator[Match]:
        for match in _GROUPED.finditer(text):
            value = re.sub("[ -]", "", match.group())
            if self._whole.fullmatch(value):
                yield self._match(match.start(), match.end(), value)

    def _announced(self, text: str) -> Iterator[Match]:
        for match in self._cue.finditer(text) if self._cue is not None else ():
            yield Match(*match.span("run"), match["run"], valid=False)

    def _match(self, start: int, end: int, value: str) -> Match:
        return Match(start, end, value, self._check is None or self._check(value))


def _cue(title: str) -> re.Pattern[str] | None:
    """The title, or its last two characters (银行卡号 -> 卡号), and the run of characters it announces."""
    if len(title) < 2:
        return None
    words = {title, title[-2:]} if not title.isascii() else {title}
    cue = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    whole_word = "(?<![A-Za-z0-9])" if title.isascii() else ""
    return re.compile(rf"{whole_word}(?:{cue}){_LINK}{_RUN}", re.IGNORECASE)
