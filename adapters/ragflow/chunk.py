"""Pieces of documents that RAGFlow names as sources."""

import re
from collections.abc import Mapping

from adapters.ragflow.envelope import fields
from domain.values import Value

_MARKUP = re.compile(r"</?(?:table|caption|thead|tbody|tr|th|td|br|p|em|b|i|span|div)\b[^<>]*>", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")


class Chunk(Value, frozen=True):
    """A document's name, words out of it, and how well they fit the question; None where RAGFlow does not say."""

    document: str
    content: str
    similarity: float | None = None
    vector: float | None = None
    term: float | None = None

    @property
    def score(self) -> float:
        """How well it fits (0..1), by words and by meaning alike: RAGFlow's own mean goes mostly by words."""
        if self.vector is not None and self.term is not None:
            return (self.vector + self.term) / 2
        return next((score for score in (self.similarity, self.vector, self.term) if score is not None), 0.0)


def chunks_of(reference: object) -> tuple[Chunk | None, ...]:
    """The chunks of a reference in its order, which citations count by; None for one without words or name.

    A reference is a list, a map by id, or an object that has one of these under `chunks`; spellings are those of chat,
    of retrieval and of 0.13.
    """
    held: object = fields(reference).get("chunks", reference)
    if isinstance(held, Mapping):
        held = [one for one in held.values() if isinstance(one, Mapping)]
    return tuple(_chunk(fields(one)) for one in held) if isinstance(held, list) else ()


def _chunk(given: Mapping[str, object]) -> Chunk | None:
    content = _shown(_text(given, "content", "content_with_weight"))
    document = _text(given, "document_name", "document_keyword", "docnm_kwd", "doc_name").strip()
    if not content or not document:
        return None
    return Chunk(
        document,
        content,
        _score(given.get("similarity")),
        _score(given.get("vector_similarity")),
        _score(given.get("term_similarity")),
    )


def _text(given: Mapping[str, object], *names: str) -> str:
    """The first of these fields that holds a text."""
    return next((text for name in names if isinstance(text := given.get(name), str) and text), "")


def _shown(content: str) -> str:
    """The words without the markup that tables come in."""
    lines = _BLANKS.sub(" ", _MARKUP.sub(" ", content)).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _score(given: object) -> float | None:
    """A score between nought and one; what is no number (null, NaN, true) is none."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return float(min(max(given, 0), 1))
