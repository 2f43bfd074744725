"""Plain content -> content of the shape that the domain's types have, or every place where it does not fit."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec

from adapters.catalogue_files.document import Path, Plain
from domain.intents.problem import Problem, did_you_mean
from domain.slots.entity_type import EntityType

_THINGS: Mapping[str, str] = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_QUOTED = re.compile(r"`([^`]*)`")
_PLACE = re.compile(r" - at `\$\[(\d+)\]`$")


class Fitting:
    """Walks content along a type and collects problems; what it returns converts cleanly where there are none.

    Shorthands, everywhere: one thing where a list belongs is a list of one; a key with nothing behind it counts
    as not written; an entity's `values` may be a list of values without synonyms.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fit(self, content: Plain, kind: object, path: Path) -> Plain:
        """`content` as `kind` wants it, shorthands written out."""
        origin, arguments = get_origin(kind), get_args(kind)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._struct(content, kind, path)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return self._mapping(content, arguments[1], path)
        if origin is tuple and arguments[-1] is Ellipsis:
            return self._items(content, arguments[0], path)
        return self._leaf(content, kind, path)

    def _struct(self, content: Plain, kind: type[msgspec.Struct], path: Path) -> Plain:
        kinds = _hints(kind)
        written = {} if content is None else content
        if not isinstance(written, dict):
            self._complain(path, f"expected a mapping, got {_named(content)}", f"its keys: {', '.join(kinds)}")
            return content
        for field in msgspec.structs.fields(kind):
            if field.required and written.get(field.name) is None:
                self._complain(path, f"{field.name!r} is missing")
        result: dict[str, Plain] = {}
        for key, value in written.items():
            where = (*path, key)
            if key not in kinds:
                self._complain(where, f"unknown key {key!r}", did_you_mean(key, kinds))
            elif kind is EntityType and key == "values" and isinstance(value, list):
                result[key] = {str(name): [] for name in self._items(value, str, where)}
            elif value is not None:
                result[key] = self.fit(value, kinds[key], where)
        return result

    def _mapping(self, content: Plain, kind: object, path: Path) -> Plain:
        if not isinstance(content, dict):
            self._complain(path, f"expected a mapping, got {_named(content)}")
            return content
        return {key: self.fit(value, kind, (*path, key)) for key, value in content.items()}

    def _items(self, content: Plain, kind: object, path: Path) -> list[Plain]:
        if content is None:
            return []
        items = content if isinstance(content, list) else [content]
        return [self.fit(item, kind, (*path, index)) for index, item in enumerate(items)]

    def _leaf(self, content: Plain, kind: object, path: Path) -> Plain:
        try:
            msgspec.convert(content, kind)
        except msgspec.ValidationError as error:
            choices = _choices(kind)
            if choices and isinstance(content, str):
                self._complain(path, f"{content!r} is not one of {', '.join(choices)}", did_you_mean(content, choices))
            else:
                self._mistaken(path, str(error), content)
        return content

    def _mistaken(self, path: Path, message: str, content: Plain) -> None:
        place = _PLACE.search(message)
        if place is not None:
            message, index = message[: place.start()], int(place.group(1))
            path = (*path, index)
            content = content[index] if isinstance(content, list) else content
        said = _QUOTED.sub(lambda match: _readable(match.group(1)), message)
        wants_text = message.startswith("Expected `str")
        self._complain(path, said[:1].lower() + said[1:], "put a text into quotes" if wants_text else "")

    def _complain(self, path: Path, message: str, hint: str = "") -> None:
        self.problems.append(Problem(path, message, hint))


@cache
def _hints(kind: type[msgspec.Struct]) -> Mapping[str, object]:
    return get_type_hints(kind)


def _choices(kind: object) -> tuple[str, ...]:
    """The values of a literal type, or of the literal in an optional one."""
    options = (kind, *get_args(kind))
    return next((get_args(option) for option in options if get_origin(option) is Literal), ())


def _readable(names: str) -> str:
    return " or ".join(dict.fromkeys(_THINGS.get(name, name) for name in names.split(" | ")))


def _named(content: Plain) -> str:
    return _THINGS.get({list: "array", dict: "object", type(None): "null"}.get(type(content), ""), repr(content))
