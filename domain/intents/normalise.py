"""What is left of a text once the ways of typing it are taken away."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 2000
"""Characters of a message that are read; the rest is cut off."""

_RAW_LONGEST: Final = 4 * LONGEST
"""Bounds the work on what is dropped anyway, so that a megabyte of invisible characters costs nothing."""

_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters that break no line
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # joiners and fillers without width
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, direction marks
    "\ufe00-\ufe0f\U000e0000-\U000e0fff"  # variation selectors, tags
    "\ud800-\udfff"  # halves of surrogate pairs
    "]+"
)


def clean(text: str) -> str:
    """A message as the rest of the service sees it: at most 2000 visible characters in NFKC, stripped.

    Line breaks and tabs become spaces. Control and zero-width characters, variation selectors and lone
    surrogates are dropped. Total and idempotent; offsets of entities count the characters of the result.
    """
    if len(text) <= LONGEST and text.isascii() and text.isprintable():
        return text.strip()
    text = _INVISIBLE.sub("", _BREAKS.sub(" ", text[:_RAW_LONGEST]))[:LONGEST]
    # One character of NFKC may become eighteen (U+FDFA), hence the second cut.
    return unicodedata.normalize("NFKC", text)[:LONGEST].strip()


_APOSTROPHES = re.compile(r"(?<=[a-z])['’](?=[a-z])")
_GAPS = re.compile(r"[\W_]+")
_LOOSE_SPACES = re.compile("(?<![\0-\u2e7f]) | (?![\0-\u2e7f])")
"""Spaces that do not stand between two words of an alphabet; Chinese, Japanese and Korean start above U+2E7F."""

_LAST_WORDS = re.compile(r"(?<=.)(?:[吧呢啊呀哦]|(?<![\0-\u2e7f])please|(?<=\w) please)+$")
_FIRST_WORDS = re.compile(r"^(?:请问|请|麻烦你|麻烦您|麻烦|您好|你好|please )+(?=..)")


def canonical(text: str) -> str:
    """The form under which an utterance and an example count as the same words.

    Case, punctuation, whitespace and polite fillers at the edges (请, 麻烦你, 你好; 吧, 呢, 啊; please) make no
    difference; words of an alphabet stay one space apart. Fillers stay where they are all there is, and so
    does punctuation. Total and idempotent.
    """
    folded = clean(text).casefold()
    words = _LOOSE_SPACES.sub("", _GAPS.sub(" ", _APOSTROPHES.sub("", folded)))
    if not words.isascii():
        # Casefolding and closing gaps may leave characters side by side that NFKC writes as one.
        words = unicodedata.normalize("NFKC", words)[:LONGEST].strip()
    return _FIRST_WORDS.sub("", _LAST_WORDS.sub("", words)) or folded[:LONGEST]
