"""From what RAGFlow found and said to an answer with its sources."""

from collections.abc import Sequence

from adapters.ragflow.chunk import Chunk
from adapters.ragflow.listening import Said
from adapters.ragflow.quoting import passages
from adapters.ragflow.wording import plain, says_nothing_found
from domain.ports.knowledge_base import KnowledgeAnswer, Passage


def answered(said: Said, question: str, language: str, *, empty_replies: tuple[str, ...]) -> KnowledgeAnswer | None:
    """The assistant's answer; None where it names no source or says that there is nothing: it may be made up.

    The sources are the chunks that it cites, or all that it was given where it cites none.
    """
    text, cited = plain(said.text)
    if not text or says_nothing_found(text, empty_replies):
        return None
    named = [said.chunks[number] for number in cited if number < len(said.chunks)]
    sources = [chunk for chunk in named if chunk is not None] or [chunk for chunk in said.chunks if chunk is not None]
    return quoted(text, sources, question, language)


def quoted(text: str, chunks: Sequence[Chunk], question: str, language: str) -> KnowledgeAnswer | None:
    """The text with a quotation of the best chunk; None without a chunk."""
    found = passages(chunks, f"{question}\n{text}")
    return KnowledgeAnswer(_worded(text, found[0], language), found) if found else None


def _worded(text: str, best: Passage, language: str) -> str:
    """The text, the quotation unless it is in there already, and where it comes from."""
    if language.split("-", 1)[0].lower() == "zh":
        quotation, source = f"「{best.quote}」", f"（来源：{best.source}）"
    else:
        quotation, source = f"“{best.quote}”", f" (source: {best.source})"
    if best.quote in text:
        return f"{text}{source}"
    return f"{text}\n{quotation}{source}".lstrip()
