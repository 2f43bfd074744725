"""YAML text -> nodes that know their lines, by the core rules of YAML 1.2 and with bounded nesting."""

import re
from collections.abc import Mapping
from typing import Final

import yaml

from adapters.catalogue_files.findings import Unreadable

DEEPEST: Final = 40
"""Levels of nesting that are read; a catalogue needs eight."""

_PREFIX = "tag:yaml.org,2002:"
_CORE: Mapping[str, tuple[re.Pattern[str], list[str]]] = {
    "null": (re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")),
    "int": (re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), list("-+0123456789")),
    "float": (
        re.compile(
            r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        list("-+.0123456789"),
    ),
}
"""What a plain scalar must look like to be something else than a text, and how it may begin."""

_QUOTES = "a text needs quotes when it begins with a sign like [ { @ * & % or holds ': '"
_HINTS: Mapping[str, str] = {
    "found character that cannot start any token": "indent with spaces, not tabs; " + _QUOTES,
    "mapping values are not allowed": _QUOTES,
    "did not find expected": "check the indentation; " + _QUOTES,
    "found undefined alias": _QUOTES,
    "but found another document": "one file holds one catalogue",
}


class _CoreLoader(yaml.CBaseLoader):
    """libyaml's parser and composer with 1.2's resolution; nothing ever asks it to construct an object."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def descend_resolver(self, parent: yaml.Node | None, _index: object) -> None:
        """Count the nesting while composing: the composer in C recurses without a limit of its own."""
        self._depth += 1
        if self._depth > DEEPEST:
            line = parent.start_mark.line + 1 if parent is not None else 1
            raise Unreadable(line, "nested too deeply", f"{DEEPEST} levels are read")

    def ascend_resolver(self) -> None:
        """Leave the level that `descend_resolver` entered."""
        self._depth -= 1


for _tag, (_pattern, _starts) in _CORE.items():
    _CoreLoader.add_implicit_resolver(_PREFIX + _tag, _pattern, _starts)


def compose(text: str) -> yaml.Node:
    """The root node of the only document in `text`; raises Unreadable."""
    try:
        loader = _CoreLoader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise Unreadable(line, f"not YAML: {error.reason}") from error
    except yaml.MarkedYAMLError as error:
        raise _translated(error) from error
    if root is None:
        raise Unreadable(1, "the file is empty")
    return root


def _translated(error: yaml.MarkedYAMLError) -> Unreadable:
    problem = str(error.problem)
    mark = error.problem_mark
    hint = next((hint for start, hint in _HINTS.items() if problem.startswith(start)), "")
    return Unreadable(mark.line + 1 if mark is not None else 1, f"not YAML: {problem}", hint)


def type_of(node: yaml.Node) -> str:
    """`str`, `int`, `float`, `bool`, `null`, `seq` or `map`; another tag comes back in full.

    A node that does not conform to its explicit tag (`!!int x`) is of type `!`.
    """
    name = node.tag.removeprefix(_PREFIX)
    if name in _CORE and not (isinstance(node, yaml.ScalarNode) and _CORE[name][0].match(node.value)):
        return "!"
    return name
