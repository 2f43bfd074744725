"""Texts as numbers: sentence embeddings, centred, beside hashed character n-grams."""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from domain.intents.normalise import canonical

Matrix = npt.NDArray[np.float32]

BUCKETS = 1024
NGRAM_WEIGHT = 0.6
_LONGEST_GRAM = 4
_LONGEST_TEXT = 200


def unit(rows: Matrix) -> Matrix:
    """Rows scaled to length one; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Matrix = rows / np.maximum(lengths, 1e-9)
    return scaled


def grams(text: str) -> Counter[str]:
    """Character 1- to 4-grams of the canonical text, its edges marked."""
    framed = f"\x02{canonical(text)[:_LONGEST_TEXT]}\x03"
    counts: Counter[str] = Counter()
    for size in range(1, _LONGEST_GRAM + 1):
        counts.update(framed[start : start + size] for start in range(len(framed) - size + 1))
    return counts


class GramWeights:
    """TF-IDF over character n-grams, folded into BUCKETS signed columns (Weinberger et al. 2009, arXiv 0902.2206).

    Learnt from the texts of one catalogue. A gram that none of them has counts as if one had.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        documents = Counter(gram for text in texts for gram in grams(text))
        total = len(texts) + 1
        self._weights = {gram: float(np.log(total / (1 + count)) + 1) for gram, count in documents.items()}
        self._unknown = float(np.log(total / 2) + 1)

    def rows(self, texts: Iterable[str]) -> Matrix:
        """One row of length one a text."""
        return np.stack([self._row(text) for text in texts])

    def _row(self, text: str) -> Matrix:
        row = np.zeros(BUCKETS, dtype=np.float32)
        total = 0.0
        for gram, count in grams(text).items():
            weight = (1 + np.log(count) if count > 1 else 1.0) * self._weights.get(gram, self._unknown)
            code = zlib.crc32(gram.encode("utf-8", "surrogatepass"))
            row[(code >> 1) % BUCKETS] += weight if code & 1 else -weight
            total += weight * weight
        return row / np.float32(np.sqrt(total) or 1.0)
