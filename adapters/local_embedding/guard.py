"""What an encoder may be given: short, printable text."""

import unicodedata

LONGEST = 256
"""Characters of a text that count. Longer texts cost time and memory out of proportion."""

_NOTHING = "."
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}


def guarded(text: str) -> str:
    """The head of `text` in NFKC without control characters, surrogates or unassigned code points; never empty."""
    head = text[: 4 * LONGEST]
    if not (head.isascii() and head.isprintable()):
        spaced = "".join(" " if char in "\t\n\r" else char for char in head)
        visible = "".join(char for char in spaced if unicodedata.category(char) not in _UNSEEN)
        # One character may become eighteen (U+FDFA), hence a cut before and one after.
        head = unicodedata.normalize("NFKC", visible[:LONGEST])
    return head[:LONGEST].strip() or _NOTHING
