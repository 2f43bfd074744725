"""Nodes -> plain content, with the line of everything in it."""

from collections.abc import Callable, Mapping
from typing import Final, cast

import yaml

from adapters.catalogue_files.findings import Finding, Unreadable
from adapters.catalogue_files.nodes import DEEPEST, compose, type_of

MOST_NODES: Final = 200_000
"""Nodes that are read, each time an alias repeats them; twenty times a large catalogue."""

Path = tuple[str | int, ...]
Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]

_SCALARS: Mapping[str, Callable[[str], Plain]] = {
    "str": str,
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": lambda text: int(text, 0 if text.startswith(("0o", "0x")) else 10),
    "float": lambda text: float(text.lower().replace(".inf", "inf").replace(".nan", "nan")),
}


class Document:
    """The content of a YAML text, the lines it stands in, and what is wrong with it as YAML.

    Raises Unreadable where no content can be made of the text at all.
    """

    def __init__(self, text: str) -> None:
        self.findings: list[Finding] = []
        self._lines: dict[Path, int] = {}
        self._nodes = 0
        self.content = self._read(compose(text), ())

    def line_of(self, path: Path) -> int:
        """The line of a path, or of the innermost thing on the way to it that the text holds."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _read(self, node: yaml.Node, path: Path) -> Plain:
        line = node.start_mark.line + 1
        self._lines.setdefault(path, line)
        self._nodes += 1
        if self._nodes > MOST_NODES or len(path) > DEEPEST:
            raise Unreadable(line, "the aliases unfold into too much", "repeat less of it")
        found = type_of(node)
        match node:
            case yaml.SequenceNode() if found == "seq":
                return [self._read(item, (*path, index)) for index, item in enumerate(node.value)]
            case yaml.MappingNode() if found == "map":
                return self._mapping(node, path)
            case yaml.ScalarNode() if found in _SCALARS:
                return self._scalar(node.value, _SCALARS[found], line)
        self.findings.append(Finding(line, f"tag {node.tag!r} does not fit here", "no tags are needed"))
        return None

    def _scalar(self, text: str, read: Callable[[str], Plain], line: int) -> Plain:
        try:
            return read(text)
        except ValueError:  # Python refuses to read integers of more than 4300 digits
            self.findings.append(Finding(line, f"{text[:20]}… is too long for a number", "put a text into quotes"))
            return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Plain]:
        content: dict[str, Plain] = {}
        for key, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or not key.value:
                self.findings.append(Finding(line, "a key must be a plain text"))
            elif key.value == "<<":
                self.findings.append(Finding(line, "merge keys are no part of YAML 1.2", "repeat the keys"))
            elif key.value in content:
                first = self._lines[(*path, key.value)]
                self.findings.append(Finding(line, f"{key.value!r} is written twice", f"first in line {first}"))
            else:
                where = (*path, key.value)
                self._lines[where] = line
                content[key.value] = self._read(value, where)
        return content
