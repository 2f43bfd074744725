"""What must not be written down outside the storage of conversations."""

import hashlib
import re
from collections.abc import Iterable

import msgspec

from domain.dialogue.masking import sensitive_kinds
from domain.intents.catalogue import Catalogue
from domain.slots.entity import Entity

_CODE = re.compile(r"(?:[\d〇零幺一二三四五六七八九][\s-]?){4}")
"""Four digits in a row. A card number with a slip in it is no reading of a sensitive kind, and yet it is one."""


class Discretion:
    """Tells what may hold a sensitive value of a catalogue. `fingerprint` tells the catalogue from all others.

    A catalogue's number does not: another storage counts from one again.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.fingerprint = hashlib.sha256(msgspec.json.encode(catalogue)).hexdigest()
        self._kinds = sensitive_kinds(catalogue)

    def forbids_kind(self, kind: str | None) -> bool:
        """Whether values of the kind are sensitive."""
        return kind in self._kinds

    def forbids_entities(self, entities: Iterable[Entity]) -> bool:
        """Whether one of them is of a sensitive kind."""
        return any(entity.kind in self._kinds for entity in entities)

    def forbids_text(self, text: str) -> bool:
        """Whether digits that nobody may have read as what they are stand in it, where anything is sensitive at all."""
        return bool(self._kinds) and _CODE.search(text) is not None
