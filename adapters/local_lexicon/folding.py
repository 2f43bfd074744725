"""One spelling for what means the same: case, width, traditional characters. Never changes a text's length."""

import unicodedata

from opencc import OpenCC

_NO_CHARACTER = "\ufffd"
"""In place of half a surrogate pair, which cannot be written in UTF-8 and so is refused by the simplifier."""


class Folding:
    """Folds texts and dictionary keys alike, so that they can be compared."""

    def __init__(self) -> None:
        self._simplifier = OpenCC("t2s")

    def fold(self, text: str) -> str:
        """The folded text, character by character in the places of `text`."""
        if text.isascii():
            return text.lower()
        narrow = "".join(_narrow(char) for char in text)
        simple: str = self._simplifier.convert(narrow)
        return simple if len(simple) == len(narrow) else narrow


def _narrow(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return _NO_CHARACTER
    for folded in (unicodedata.normalize("NFKC", char).lower(), char.lower()):
        if len(folded) == 1:
            return folded
    return char
