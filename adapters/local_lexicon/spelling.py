"""Values spelt exactly, or almost: Aho-Corasick over the keys, and over halves of them for near misses.

A key within one edit of a window of the text has one of its halves unharmed in it, so the halves that occur
name the few candidates that are compared at all.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind
from rapidfuzz.fuzz import ratio

from adapters.local_lexicon.hit import Hit

NEAR = 80.0
_SHORTEST_NEAR = 4
_MOST_CANDIDATES = 64
_LATIN = re.compile(r"[a-z0-9]", re.ASCII)
_FILLER = re.compile(r"[的是了在和个有我你他她它到从去\s，。！？、,.!?;；:：]")


class Spelling:
    """The keys of one dictionary. `values` maps a folded key to its canonical value."""

    def __init__(self, values: Mapping[str, str], *, near: bool) -> None:
        self._keys = tuple(values)
        self._values = tuple(values.values())
        self._exact = AhoCorasick(self._keys, matchkind=MatchKind.LeftmostLongest) if self._keys else None
        self._halves: Sequence[tuple[tuple[int, int], ...]] = ()
        self._half_finder: AhoCorasick | None = None
        if near:
            halves = _halves(self._keys)
            self._halves = tuple(tuple(owners) for owners in halves.values())
            self._half_finder = AhoCorasick(list(halves), matchkind=MatchKind.Standard) if halves else None

    def exact(self, folded: str) -> list[Hit]:
        """The longest keys in the text, not overlapping; Latin ones as whole words."""
        if self._exact is None:
            return []
        return [
            Hit(start, end, self._values[index])
            for index, start, end in self._exact.find_matches_as_indexes(folded)
            if _whole_word(folded, start, end)
        ]

    def near(self, folded: str, taken: Sequence[Hit]) -> list[Hit]:
        """Windows at least 80 % alike (rapidfuzz ratio) to a key of four or more characters, best first."""
        if self._half_finder is None:
            return []
        found: list[Hit] = []
        for owner, start in self._candidates(folded):
            hit = self._best_window(folded, owner, start)
            if hit is not None and not any(hit.overlaps(other) for other in taken):
                found.append(hit)
        return _without_overlaps(found)

    def _candidates(self, folded: str) -> Iterator[tuple[int, int]]:
        """Keys with a half in the text, and where the whole key would begin there."""
        if self._half_finder is None:
            return
        seen: set[tuple[int, int]] = set()
        for index, start, _ in self._half_finder.find_matches_as_indexes(folded, overlapping=True):
            owners = self._halves[index]
            if len(owners) > _MOST_CANDIDATES:
                continue
            for owner, offset in owners:
                candidate = (owner, start - offset)
                if candidate not in seen:
                    seen.add(candidate)
                    yield candidate

    def _best_window(self, folded: str, owner: int, start: int) -> Hit | None:
        key, best = self._keys[owner], None
        for first in range(max(0, start - 1), start + 2):
            for length in range(len(key) - 1, len(key) + 2):
                window = folded[first : first + length]
                if len(window) != length or not _plausible(folded, first, first + length, key):
                    continue
                score = ratio(window, key)
                if score >= NEAR and (best is None or score / 100 > best.confidence):
                    best = Hit(first, first + length, self._values[owner], round(score / 100, 4), "fuzzy")
        return best


def _halves(keys: Sequence[str]) -> Mapping[str, list[tuple[int, int]]]:
    halves: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for owner, key in enumerate(keys):
        if len(key) >= _SHORTEST_NEAR:
            middle = len(key) // 2
            halves[key[:middle]].append((owner, 0))
            halves[key[middle:]].append((owner, middle))
    return halves


def _plausible(folded: str, start: int, end: int, key: str) -> bool:
    """Not across a pause or a word the key does not have, and whole words only in Latin script."""
    fillers = set(_FILLER.findall(folded[start:end]))
    return all(filler in key for filler in fillers) and _whole_word(folded, start, end)


def _whole_word(folded: str, start: int, end: int) -> bool:
    """Whether the span neither begins nor ends inside a Latin word."""
    before = start > 0 and _LATIN.match(folded[start]) and _LATIN.match(folded[start - 1])
    after = end < len(folded) and _LATIN.match(folded[end - 1]) and _LATIN.match(folded[end])
    return not before and not after


def _without_overlaps(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (-each.confidence, each.start - each.end, each.start, each.value)):
        if not any(hit.overlaps(other) for other in kept):
            kept.append(hit)
    return kept
