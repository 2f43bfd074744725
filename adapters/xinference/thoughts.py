"""Keeps to itself what a model thinks before it answers."""

from typing import Final

_OPENING: Final = "<think>"
_CLOSING: Final = "</think>"


class Spoken:
    """Takes a model's text piece by piece and gives what is meant for others.

    Thoughts stand between `<think>` and `</think>`, also where the closing tag never comes. The blank space before
    the first word is left out. `stray` says that a thought ended that never began: all before it was a thought too.
    """

    def __init__(self) -> None:
        self.stray = False
        self._rest = ""
        self._thinking = False
        self._speaking = False

    def feed(self, piece: str) -> str:
        """What can be given of the text so far; the beginning of what may be a tag is held back."""
        self._rest += piece
        said = ""
        while True:
            tag = _CLOSING if self._thinking else _first_tag(self._rest)
            before, found, after = self._rest.partition(tag)
            if not found:
                break
            said += "" if self._thinking else before
            self.stray = self.stray or (tag == _CLOSING and not self._thinking)
            self._thinking = tag == _OPENING
            self._rest = after
        held = _held_back(self._rest)
        said += "" if self._thinking else self._rest[: len(self._rest) - held]
        self._rest = self._rest[len(self._rest) - held :]
        return self._without_blank_beginning(said)

    def end(self) -> str:
        """What was held back and turned out to be text."""
        rest, self._rest = self._rest, ""
        return "" if self._thinking else self._without_blank_beginning(rest)

    def _without_blank_beginning(self, said: str) -> str:
        said = said if self._speaking else said.lstrip()
        self._speaking = self._speaking or bool(said)
        return said


def spoken(text: str) -> str:
    """What is meant for others in a whole text; after a stray end of a thought, only what follows it."""
    filtered = Spoken()
    said = filtered.feed(text) + filtered.end()
    return (text.rpartition(_CLOSING)[2] if filtered.stray else said).strip()


def _first_tag(text: str) -> str:
    opening, closing = text.find(_OPENING), text.find(_CLOSING)
    return _CLOSING if closing >= 0 and (opening < 0 or closing < opening) else _OPENING


def _held_back(text: str) -> int:
    """How many characters at the end may be the beginning of a tag."""
    for length in range(min(len(_CLOSING) - 1, len(text)), 0, -1):
        if _OPENING.startswith(text[-length:]) or _CLOSING.startswith(text[-length:]):
            return length
    return 0
