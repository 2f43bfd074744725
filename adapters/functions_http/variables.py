"""`${NAME}` variables in addresses and headers."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


class VariableMissing(Exception):
    """A variable has no value; `name` is its name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the variable {name} has no value")
        self.name = name


def fill(text: str, variables: Mapping[str, str]) -> str:
    """The text with every variable replaced by its value. Raises VariableMissing; an empty value counts as none.

    Values are put in as they are: a `${…}` inside a value is not replaced again.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if not (found := variables.get(name, "")):
            raise VariableMissing(name)
        return found

    return _VARIABLE.sub(value, text)


def missing(text: str, variables: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the text's variables that have no value, in order, each once."""
    names = dict.fromkeys(match[1].strip() for match in _VARIABLE.finditer(text))
    return tuple(name for name in names if not variables.get(name, ""))
