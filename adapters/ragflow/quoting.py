"""Quotes what the user's question is about out of a chunk."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from adapters.ragflow.chunk import Chunk
from domain.ports.knowledge_base import Passage

QUOTE_CHARACTERS = 200

_SENTENCE_END = re.compile(r"(?<=[。！？；])(?![”」’）)])|(?<=[。！？；][”」’）)])|(?<=[.;!?])(?=\s)")
_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")
_STATEMENT = re.compile(r"[。！；.!;][”」’)）]?$")
_BEST = 3


def cleaned(question: str, *, characters: int) -> str:
    """One line without surrogates and control characters, cut to its head; empty when there is no word in it."""
    head = question[: 2 * characters]
    words = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in head).split()
    text = " ".join(words)[:characters].strip()
    return text if any(map(str.isalnum, text)) else ""


def passages(chunks: Sequence[Chunk], about: str) -> tuple[Passage, ...]:
    """At most three passages, best first, each quoting what of a chunk is about these words."""
    wanted = _terms(about)
    best = sorted(chunks, key=lambda chunk: -chunk.score)[:_BEST]
    return tuple(Passage(chunk.document, "", _quote(chunk.content, wanted), round(chunk.score, 4)) for chunk in best)


def _quote(content: str, wanted: frozenset[str]) -> str:
    """The sentence that shares most with the wanted words, and what follows it in its line."""
    lines = [_SENTENCE_END.split(line) for line in content.split("\n")]
    places = [(line[n:], _worth(line[n], wanted)) for line in lines for n in range(len(line)) if line[n].strip()]
    best, _ = max(places, key=lambda place: place[1])
    quote = best[0]
    for sentence in best[1:]:
        if len(quote) + len(sentence) > QUOTE_CHARACTERS:
            break
        quote += sentence
    return quote[: 2 * QUOTE_CHARACTERS].strip()


def _worth(sentence: str, wanted: frozenset[str]) -> tuple[bool, int, bool]:
    """A statement that shares anything is worth more than a heading or a question, however much these share."""
    shared = len(wanted & _terms(sentence))
    statement = _STATEMENT.search(sentence.strip()) is not None
    return statement and shared > 0, shared, statement


def _terms(text: str) -> frozenset[str]:
    """Latin words, and pairs of neighbouring Chinese characters."""
    found: set[str] = set()
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        found.update([run] if run[0].isascii() else map("".join, pairwise(run)))
    return frozenset(found)
