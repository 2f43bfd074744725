"""One thing wrong with a catalogue, where it is, and what was probably meant."""

import difflib
from collections.abc import Iterable

from domain.values import Value


class Problem(Value, frozen=True):
    """`path` leads from the top of the catalogue to the culprit: mapping keys and list positions."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""

    @property
    def explanation(self) -> str:
        """The message, and the hint in brackets when there is one."""
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __str__(self) -> str:
        """The place in dotted form, then the explanation."""
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return f"{place.lstrip('.') or 'catalogue'}: {self.explanation}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint: the known name most like `name`, else the known names while they are few, else nothing."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)  # 上诲 and 上海 are half the same
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 8 else ""
