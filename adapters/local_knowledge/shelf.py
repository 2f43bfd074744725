"""Sections in one language, and the judgement which of them answers a question."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from adapters.local_knowledge.markdown import Section, joined
from adapters.local_knowledge.meaning_index import MeaningIndex, Vectors
from adapters.local_knowledge.terms import terms
from adapters.local_knowledge.word_index import WordIndex
from domain.ports.knowledge_base import Passage

Numbers = npt.NDArray[np.float32 | np.float64]

QUOTE_CHARACTERS = 240
MOST_PASSAGES = 3

# Fitted by logistic regression on the `tune` part of tests/corpora/knowledge.jsonl: is the best section an answer at
# all? The thresholds are chosen on the same part, where they let through about one question in twenty of those that
# have no answer.
_WHOLE, _BM25, _SMALL_TALK, _BIAS = 12.1, 4.2, -5.3, -3.65
_BM25_ALONE, _HEADING_ALONE, _BIAS_ALONE = 4.8, 6.5, -2.6
THRESHOLD = 0.6
THRESHOLD_BY_WORDS = 0.8


class Shelf:
    """Searches its sections by words and, where there are vectors, by meaning."""

    def __init__(self, sections: Sequence[Section], meanings: MeaningIndex | None) -> None:
        self._sections = sections
        self._words = WordIndex(sections)
        self._meanings = meanings

    def answers(self, question: str, vectors: Vectors | None) -> tuple[Passage, ...]:
        """What answers the question, best first; empty when nothing does.

        `vectors` holds the question's vector and that of its keywords, None for a search by words alone.
        """
        words = self._words.score(question)
        if self._meanings is None or vectors is None:
            order = words.bm25 + words.heading
            fits = _BM25_ALONE * words.bm25 + _HEADING_ALONE * words.heading + _BIAS_ALONE
            return self._best(question, None, order, fits, THRESHOLD_BY_WORDS)
        near = self._meanings.score(vectors)
        order = 2 * near.whole + near.sentence + words.bm25 + words.heading
        fits = _WHOLE * near.whole + _BM25 * words.bm25 + (_SMALL_TALK * near.small_talk + _BIAS)
        return self._best(question, vectors, order, fits, THRESHOLD)

    def _best(
        self, question: str, vectors: Vectors | None, order: Numbers, fits: Numbers, threshold: float
    ) -> tuple[Passage, ...]:
        """The first sections in order, as long as they fit."""
        found: list[Passage] = []
        for number in np.argsort(-order, kind="stable")[:MOST_PASSAGES]:
            score = 1 / (1 + math.exp(-float(fits[number])))
            if score < threshold:
                break
            section = self._sections[number]
            nearness = self._nearness(question, vectors, int(number))
            quote = quoted(section.sentences, nearness)
            found.append(Passage(section.document, section.topic, quote, round(score, 4)))
        return tuple(found)

    def _nearness(self, question: str, vectors: Vectors | None, number: int) -> Sequence[float]:
        if self._meanings is not None and vectors is not None:
            return [float(value) for value in self._meanings.sentences(vectors, number)]
        asked = frozenset(terms(question))
        return [len(asked & frozenset(terms(sentence))) for sentence in self._sections[number].sentences]


def quoted(sentences: tuple[str, ...], nearness: Sequence[float]) -> str:
    """The nearest sentence with as many of its neighbours, following ones first, as fit into QUOTE_CHARACTERS."""
    first = last = max(range(len(sentences)), key=nearness.__getitem__)
    while last + 1 < len(sentences) and len(joined(sentences[first : last + 2])) <= QUOTE_CHARACTERS:
        last += 1
    while first > 0 and len(joined(sentences[first - 1 : last + 1])) <= QUOTE_CHARACTERS:
        first -= 1
    quote = joined(sentences[first : last + 1])
    return quote if len(quote) <= QUOTE_CHARACTERS else f"{quote[: QUOTE_CHARACTERS - 1].rstrip()}…"
