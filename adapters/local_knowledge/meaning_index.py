"""Finds sections by what they mean."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from adapters.local_knowledge.markdown import Section

Vectors = npt.NDArray[np.float32]

_KEYWORD_SHARE = 0.8
_BACKGROUND_NEIGHBOURS = 5
_BACKGROUND_WEIGHT = 30


class MeaningScores(NamedTuple):
    """For each section: nearness of the `whole`, of its best `sentence`; and of small talk to the question."""

    whole: Vectors
    sentence: Vectors
    small_talk: float


class SectionVectors(NamedTuple):
    """Vectors of a section's topic, topic under its title, whole text, and sentences, as rows in this order."""

    rows: Vectors

    @staticmethod
    def texts(section: Section) -> tuple[str, ...]:
        """The texts to embed, in the order of the rows."""
        topic = section.topic or section.text
        return (topic, f"{section.title} {topic}", f"{topic} {section.text}", *section.sentences)


class MeaningIndex:
    """Cosine of centred sentence vectors.

    Sentences of one domain lie close together; taking off what they have in common (Mu and Viswanath, 2018) leaves
    what tells them apart. With few sections the common part is taken from small talk rather than from them.
    """

    def __init__(self, sections: Sequence[SectionVectors], background: Vectors) -> None:
        own = np.concatenate([vectors.rows[:3] for vectors in sections])
        usual = background.mean(axis=0)
        weight = _BACKGROUND_WEIGHT / (_BACKGROUND_WEIGHT + len(sections))
        self._centre = weight * usual + (1 - weight) * own.mean(axis=0)
        self._wholes = _unit(own - self._centre).reshape(len(sections), 3, -1).mean(axis=1)
        counts = [len(vectors.rows) - 3 for vectors in sections]
        self._starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self._counts = counts
        self._sentences = _unit(np.concatenate([vectors.rows[3:] for vectors in sections]) - self._centre)
        self._usual = usual
        self._background = _unit(background - usual)

    def score(self, question: Vectors) -> MeaningScores:
        """How near each section is. `question` holds two rows: the question, and its keywords alone."""
        asked = self._asked(question)
        sentences = np.maximum.reduceat(self._sentences @ asked, self._starts)
        chat = np.sort(self._background @ _unit(question[0] - self._usual))[-_BACKGROUND_NEIGHBOURS:]
        return MeaningScores(self._wholes @ asked, sentences, float(chat.mean()))

    def sentences(self, question: Vectors, section: int) -> Vectors:
        """How near each sentence of one section is."""
        start = self._starts[section]
        nearness: Vectors = self._sentences[start : start + self._counts[section]] @ self._asked(question)
        return nearness

    def _asked(self, question: Vectors) -> Vectors:
        whole, keywords = _unit(question - self._centre)
        asked: Vectors = (whole + _KEYWORD_SHARE * keywords) / (1 + _KEYWORD_SHARE)
        return asked


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
