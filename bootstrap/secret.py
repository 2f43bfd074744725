"""Texts that must not be seen."""


class Secret:
    """A text that no log, trace or error shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret('****')"

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self._text)

    def reveal(self) -> str:
        """The text itself, for the one place that must have it."""
        return self._text
