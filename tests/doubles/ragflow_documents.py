"""What the RAGFlow double knows: the demo articles, cut into chunks and found by their words."""

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

KNOWLEDGE = Path(__file__).parents[2] / "deploy" / "knowledge"

_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u9fff]+")
_ASKING = re.compile("什么是|是什么|什么|怎么|如何|多少|可以|吗|呢|的|了|要|是")


@dataclass(frozen=True)
class Chunk:
    """A heading with the paragraph under it, word for word, and the file it stands in."""

    number: int
    document: str
    content: str
    terms: frozenset[str]


@dataclass(frozen=True)
class Found:
    """A chunk and how well it fits, as a vector index and a word index would say."""

    chunk: Chunk
    vector: float
    term: float

    @property
    def similarity(self) -> float:
        return 0.3 * self.vector + 0.7 * self.term


@cache
def chunks() -> tuple[Chunk, ...]:
    found: list[Chunk] = []
    for file in sorted(KNOWLEDGE.rglob("*.md")):
        for part in re.split(r"^##[ ]+", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            content = part.strip()
            found.append(Chunk(len(found), file.name, content, _terms(content)))
    return tuple(found)


def search(question: str, *, threshold: float = 0.2, most: int = 8) -> list[Found]:
    """The chunks at least so similar to the question, best first."""
    asked = _terms(question)
    if not asked:
        return []
    weights, unknown = _weights()
    whole = sum(weights.get(term, unknown) for term in asked)
    found: list[Found] = []
    for chunk in chunks():
        share = sum(weights[term] for term in asked & chunk.terms) / whole
        if share > 0:
            found.append(Found(chunk, 0.2 + 0.6 * share, share))
    found = [one for one in found if one.similarity >= threshold]
    return sorted(found, key=lambda one: (-one.similarity, one.chunk.number))[:most]


@cache
def _weights() -> tuple[dict[str, float], float]:
    counts = Counter(term for chunk in chunks() for term in chunk.terms)
    number = len(chunks())
    return {term: math.log(1 + number / count) for term, count in counts.items()}, math.log(1 + number)


def _terms(text: str) -> frozenset[str]:
    """Latin words, and pairs of neighbouring Chinese characters."""
    found: set[str] = set()
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if run[0].isascii():
            found.add(run)
            continue
        for word in filter(None, _ASKING.split(run)):
            found.update("".join(pair) for pair in pairwise(word))
    return frozenset(found)
