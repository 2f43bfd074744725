"""Everything one catalogue says about values: its dictionaries, patterns and what it takes for unknown values."""

import re
from collections.abc import Iterator

from adapters.local_lexicon.contexts import contexts_of, ordinary_of
from adapters.local_lexicon.dictionary import Dictionary
from adapters.local_lexicon.folding import Folding
from adapters.local_lexicon.hit import Hit
from adapters.local_lexicon.patterns import Patterned
from adapters.local_lexicon.unknown import Unknowns
from domain.errors import PartUnavailable
from domain.intents.catalogue import Catalogue
from domain.names import EntityName
from domain.slots.entity import Entity, without_overlaps

UNKNOWN_CONFIDENCE = 0.7
OPEN = 8
"""A dictionary of as many values names things, of which there may be others; a shorter one is a closed choice."""


class Lexicon:
    """Built once from a catalogue, then only read. Raises PartUnavailable for a pattern that is none."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._folding = Folding()
        fold = self._folding.fold
        self._dictionaries: dict[EntityName, Dictionary] = {}
        self._unknowns: dict[EntityName, Unknowns] = {}
        self._patterns: dict[EntityName, Patterned] = {}
        for kind, declared in catalogue.entities.items():
            if declared.values:
                self._dictionaries[kind] = Dictionary(declared, fold)
                if len(declared.values) >= OPEN or declared.suffixes:
                    self._unknowns[kind] = self._unknowns_of(kind, catalogue)
            if declared.pattern is not None:
                try:
                    self._patterns[kind] = Patterned(declared)
                except re.error as error:
                    raise PartUnavailable("entities", f"the pattern of {kind} is none: {error}") from error

    def find(self, text: str, kinds: frozenset[EntityName]) -> tuple[Entity, ...]:
        """Entities of the wanted kinds by position."""
        folded = self._folding.fold(text)
        hits = {kind: self._dictionaries[kind].find(folded) for kind in kinds & self._dictionaries.keys()}
        longer = [hit for found in hits.values() for hit in found if hit.source == "dictionary"]
        entities: list[Entity] = []
        for kind, found in hits.items():
            entities += (_entity(kind, hit, text) for hit in found if not _inside_another(hit, longer))
            entities += self._unknown(kind, folded, text, longer, found)
        entities += self._patterned(text, kinds)
        return without_overlaps(entities)

    def _unknowns_of(self, kind: EntityName, catalogue: Catalogue) -> Unknowns:
        fold, dictionary = self._folding.fold, self._dictionaries[kind]
        suffixes = tuple(fold(suffix) for suffix in catalogue.entities[kind].suffixes)
        contexts = contexts_of(kind, catalogue, fold)
        untaught = Unknowns(contexts, suffixes)
        ordinary = ordinary_of(kind, catalogue, fold, lambda text: untaught.find(text, dictionary.find(text)))
        return Unknowns(contexts, suffixes, ordinary)

    def _unknown(
        self, kind: EntityName, folded: str, text: str, known: list[Hit], found: list[Hit]
    ) -> Iterator[Entity]:
        """What stands in a value's place: by its sound or spelling still a value, or else an invalid one."""
        unknowns = self._unknowns.get(kind)
        for start, end in unknowns.find(folded, found) if unknowns is not None else ():
            span = Hit(start, end, "")
            if any(span.overlaps(other) for other in known):
                continue
            closest = self._dictionaries[kind].closest(folded[start:end])
            if closest is not None:
                yield Entity(
                    kind,
                    start,
                    end,
                    text[start:end],
                    closest.value,
                    confidence=closest.confidence,
                    source=closest.source,
                )
            else:
                yield Entity(
                    kind, start, end, text[start:end], text[start:end], confidence=UNKNOWN_CONFIDENCE, valid=False
                )

    def _patterned(self, text: str, kinds: frozenset[EntityName]) -> Iterator[Entity]:
        """Spans of the patterns. What fails one check but passes another's is no failed attempt at the first."""
        found = {kind: patterned.find(text) for kind, patterned in self._patterns.items()}
        proven = {(match.start, match.end) for matches in found.values() for match in matches if match.valid}
        for kind in kinds & found.keys():
            for match in found[kind]:
                if match.valid or (match.start, match.end) not in proven:
                    span = text[match.start : match.end]
                    yield Entity(kind, match.start, match.end, span, match.value, source="pattern", valid=match.valid)


def _entity(kind: EntityName, hit: Hit, text: str) -> Entity:
    return Entity(
        kind, hit.start, hit.end, text[hit.start : hit.end], hit.value, confidence=hit.confidence, source=hit.source
    )


def _inside_another(hit: Hit, longer: list[Hit]) -> bool:
    """北京 inside the bank 北京银行 is no city."""
    length = hit.end - hit.start
    return any(
        other.start <= hit.start and hit.end <= other.end and other.end - other.start > length for other in longer
    )
