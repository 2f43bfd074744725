"""Entity types a catalogue declares: dictionaries and patterns."""

from collections.abc import Mapping
from typing import Literal

from domain.values import Value

MatchMode = Literal["exact", "fuzzy", "pinyin"]
Checksum = Literal["luhn", "id_card", "mobile"]


class EntityType(Value, frozen=True, kw_only=True):
    """A dictionary (`values`: canonical value -> synonyms) or a `pattern`, optionally with a checksum.

    `match` says how loosely a dictionary is read. `suffixes` are words that may follow a value and mark
    an unknown word before them as an invalid value (市, 银行). `title` names the type to a person.
    """

    title: str = ""
    values: Mapping[str, tuple[str, ...]] = {}
    match: tuple[MatchMode, ...] = ("exact",)
    pattern: str | None = None
    check: Checksum | None = None
    suffixes: tuple[str, ...] = ()
    sensitive: bool = False
