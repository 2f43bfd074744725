"""Answers questions by quoting Markdown files."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.local_knowledge.markdown import Section, sections
from adapters.local_knowledge.meaning_index import MeaningIndex, SectionVectors, Vectors
from adapters.local_knowledge.shelf import Shelf
from adapters.local_knowledge.terms import cleaned, keywords
from adapters.local_knowledge.vectors import embedded
from domain.errors import PartUnavailable
from domain.names import ConversationId
from domain.ports.embedder import Embedder
from domain.ports.knowledge_base import KnowledgeAnswer, KnowledgeBase, Passage
from domain.values import Unavailable

_LANGUAGE_FOLDER = re.compile(r"(zh|en)(-[A-Za-z0-9]+)*")
_BACKGROUND = Path(__file__).with_name("background.txt")
_ANY = ""

Document = tuple[str, tuple[Section, ...]]
"""A language, `_ANY` where none is said, and the sections of one file in it."""


class LocalKnowledgeBase(KnowledgeBase):
    """The Markdown files under `folder`, read and embedded on entry to the `async with` block.

    A folder in it that is named like a language (`zh-CN`, `en`) holds what conversations in that language are answered
    from; other files are for every language. `kept` embeds the files' texts, which are the same at the next start;
    without it the embedder does. With an embedder out of order it goes by words alone and is harder to convince.
    Files that change are read at the next start. Entering raises PartUnavailable when a file cannot be read.
    """

    def __init__(self, folder: Path, embedder: Embedder, *, kept: Embedder | None = None) -> None:
        self._folder = folder
        self._embedder = embedder
        self._kept = kept or embedder
        self._by_meaning = False
        self._shelves: Mapping[str, Shelf] | None = None

    async def __aenter__(self) -> Self:
        documents = await asyncio.to_thread(_read, self._folder)
        vectors = await self._embedded(documents)
        self._by_meaning = vectors is not None
        self._shelves = await asyncio.to_thread(_shelves, documents, vectors)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shelves = None

    async def ask(
        self,
        question: str,
        *,
        conversation: ConversationId,  # noqa: ARG002 - each question stands for itself
        language: str,
        deadline: float,
        pieces: Callable[[str], None] | None = None,
    ) -> KnowledgeAnswer | Unavailable | None:
        """The best passage in quotation marks with its source named, in one piece, or None."""
        if self._shelves is None:
            return Unavailable("broken", "the knowledge base is not open")
        shelf = self._shelves.get(_primary(language), self._shelves.get(_ANY))
        wanted = cleaned(question)
        if shelf is None or not wanted:
            return None
        try:
            async with asyncio.timeout(deadline):
                vectors = await self._vectors(wanted, within=deadline / 2)
                passages = await asyncio.to_thread(shelf.answers, wanted, vectors)
        except TimeoutError:
            return Unavailable("timeout")
        if not passages:
            return None
        answer = KnowledgeAnswer(_said(passages[0], language), passages)
        if pieces is not None:
            pieces(answer.text)
        return answer

    async def _vectors(self, wanted: str, *, within: float) -> Vectors | None:
        """Vectors of a question; None when the embedder is out of order, or was when the documents were read."""
        if not self._by_meaning:
            return None
        try:
            async with asyncio.timeout(within):
                asked = await embedded(self._embedder, (wanted, " ".join(keywords(wanted)) or wanted))
        except TimeoutError:
            return None
        return None if isinstance(asked, Unavailable) else asked

    async def _embedded(self, documents: Sequence[Document]) -> tuple[Vectors, list[Vectors]] | None:
        """Vectors of small talk and of each document; None when the embedder is out of order."""
        background = await embedded(self._kept, _BACKGROUND.read_text(encoding="utf-8").splitlines())
        if isinstance(background, Unavailable):
            return None
        found: list[Vectors] = []
        for _, parts in documents:
            texts = [text for part in parts for text in SectionVectors.texts(part)]
            rows = await embedded(self._kept, texts)
            if isinstance(rows, Unavailable):
                return None
            found.append(rows)
        return background, found


def _read(folder: Path) -> tuple[Document, ...]:
    """Every document with at least one section, in the order of names."""
    if not folder.is_dir():
        raise PartUnavailable("knowledge base", f"there is no folder {folder}")
    found: list[Document] = []
    for file in sorted(folder.rglob("*.md")):
        path = file.relative_to(folder)
        spoken = len(path.parts) > 1 and _LANGUAGE_FOLDER.fullmatch(path.parts[0]) is not None
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise PartUnavailable("knowledge base", f"{path} cannot be read: {type(error).__name__}") from error
        name = Path(*path.parts[1:]) if spoken else path
        if parts := sections(text, name.as_posix()):
            found.append((_primary(path.parts[0]) if spoken else _ANY, parts))
    return tuple(found)


def _shelves(documents: Sequence[Document], vectors: tuple[Vectors, list[Vectors]] | None) -> dict[str, Shelf]:
    """A shelf for each language, which holds what is for every language too, and one for all the other languages."""
    spoken = {language for language, _ in documents}
    shelves: dict[str, Shelf] = {}
    for language in spoken | {_ANY}:
        held = [n for n, (own, _) in enumerate(documents) if own in (language, _ANY)] or range(len(documents))
        parts = [part for n in held for part in documents[n][1]]
        if parts:
            shelves[language] = Shelf(parts, _meanings(documents, vectors, held))
    return shelves


def _meanings(
    documents: Sequence[Document], vectors: tuple[Vectors, list[Vectors]] | None, held: Sequence[int]
) -> MeaningIndex | None:
    if vectors is None:
        return None
    background, rows = vectors
    found: list[SectionVectors] = []
    for n in held:
        start = 0
        for part in documents[n][1]:
            end = start + len(SectionVectors.texts(part))
            found.append(SectionVectors(rows[n][start:end]))
            start = end
    return MeaningIndex(found, background)


def _primary(language: str) -> str:
    """`zh` of `zh-CN`."""
    return language.split("-", 1)[0].lower()


def _said(passage: Passage, language: str) -> str:
    """The quotation and where it comes from."""
    source = f"{passage.source} · {passage.title}" if passage.title else passage.source
    if _primary(language) == "zh":
        return f"「{passage.quote}」（来源：{source}）"
    return f"“{passage.quote}” (source: {source})"
