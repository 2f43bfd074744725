"""What is wrong with a file, and in which line."""

from domain.values import Value


class Finding(Value, frozen=True):
    """`line` counts from 1, 0 for the file as a whole; `hint` says what was probably meant, or is empty."""

    line: int
    message: str
    hint: str = ""

    def told(self, file: str) -> str:
        """`file:line: message (hint)`."""
        place = f"{file}:{self.line}" if self.line else file
        return f"{place}: {self.message} ({self.hint})" if self.hint else f"{place}: {self.message}"


class Unreadable(Exception):
    """The text holds nothing that could be looked at further; `finding` says why."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        self.finding = Finding(line, message, hint)
        super().__init__(message)
