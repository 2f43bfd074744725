"""Finds sections by their words."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from adapters.local_knowledge.markdown import Section
from adapters.local_knowledge.terms import terms

Scores = npt.NDArray[np.float32]
Postings = dict[str, tuple[npt.NDArray[np.intp], Scores]]

_SATURATION, _LENGTH, _HEADING_WEIGHT = 1.2, 0.75, 3


class WordScores(NamedTuple):
    """For each section: `bm25` as a share of the best possible, `heading` how far question and heading agree; 0..1."""

    bm25: Scores
    heading: Scores


class WordIndex:
    """BM25 (Robertson and Zaragoza, 2009) over text and heading, and the Dice coefficient with the heading alone.

    Terms weigh by their rarity. Terms that no section knows count against every section, which is what gives the
    scores a meaning beyond the order.
    """

    def __init__(self, sections: Sequence[Section]) -> None:
        headings = [Counter(terms(section.topic)) for section in sections]
        texts = [_weighed(section, heading) for section, heading in zip(sections, headings, strict=True)]
        self._count = len(sections)
        self._found_in = Counter(term for text in texts for term in text)
        usual = sum(text.total() for text in texts) / max(1, self._count)
        self._texts = self._postings([self._saturated(text, usual) for text in texts])
        self._headings = self._postings([{term: self._rarity(term) for term in heading} for heading in headings])
        self._heading_sums = np.array([sum(map(self._rarity, heading)) for heading in headings], dtype=np.float32)

    def score(self, question: str) -> WordScores:
        """How well each section fits the question."""
        asked = frozenset(terms(question))
        rarity = sum(map(self._rarity, asked))
        if not rarity:
            nothing = np.zeros(self._count, dtype=np.float32)
            return WordScores(nothing, nothing)
        bm25 = self._sum(self._texts, asked) / np.float32(rarity * (_SATURATION + 1))
        agreeing = self._sum(self._headings, asked)
        return WordScores(bm25, 2 * agreeing / (np.float32(rarity) + self._heading_sums))

    def _rarity(self, term: str) -> float:
        found_in = self._found_in[term]
        return math.log(1 + (self._count - found_in + 0.5) / (found_in + 0.5))

    def _saturated(self, text: Counter[str], usual: float) -> dict[str, float]:
        damping = _SATURATION * (1 - _LENGTH + _LENGTH * text.total() / usual) if text else 1.0
        return {term: self._rarity(term) * n * (_SATURATION + 1) / (n + damping) for term, n in text.items()}

    def _postings(self, weights: Sequence[dict[str, float]]) -> Postings:
        rows: dict[str, list[int]] = {}
        values: dict[str, list[float]] = {}
        for row, weighed in enumerate(weights):
            for term, value in weighed.items():
                rows.setdefault(term, []).append(row)
                values.setdefault(term, []).append(value)
        return {term: (np.array(rows[term]), np.array(values[term], dtype=np.float32)) for term in rows}

    def _sum(self, postings: Postings, asked: frozenset[str]) -> Scores:
        total = np.zeros(self._count, dtype=np.float32)
        for term in asked & postings.keys():
            rows, values = postings[term]
            total[rows] += values
        return total


def _weighed(section: Section, heading: Counter[str]) -> Counter[str]:
    """Terms of title and text once, those of the heading several times."""
    counts = Counter(terms(section.text))
    if section.topic != section.title:
        counts.update(terms(section.title))
    for term, n in heading.items():
        counts[term] += _HEADING_WEIGHT * n
    return counts
