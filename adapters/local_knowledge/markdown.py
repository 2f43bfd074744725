"""Reads Markdown into passages."""

import re
from collections.abc import Iterator

from domain.values import Value

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+|[ \t]*>[ \t]?")
_UNSEEN = re.compile(r"\A---\n.*?\n---\n|<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARK = re.compile(r"`+|\*\*|__|\|")
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?;])[ \t]+(?=\S)")
_JOINT = re.compile(r"(?<=[\u2e80-\uffef])\s+(?=[\u2e80-\uffef])")


class Section(Value, frozen=True):
    """A paragraph or list, in sentences, and the heading over it.

    `document` is the file's name and `title` the heading at its top; title and heading may be empty.
    """

    document: str
    title: str
    heading: str
    sentences: tuple[str, ...]

    @property
    def topic(self) -> str:
        """What it is about: the heading, or the title where it has none."""
        return self.heading or self.title

    @property
    def text(self) -> str:
        """All of it."""
        return joined(self.sentences)


def joined(sentences: tuple[str, ...]) -> str:
    """Sentences one after the other, with a space between them unless they are Chinese."""
    return _JOINT.sub("", " ".join(sentences))


def sections(text: str, document: str) -> tuple[Section, ...]:
    """The sections of a document in order. Front matter, comments and code are left out, marks are taken off."""
    title, heading = "", ""
    found: list[Section] = []
    for block in _blocks(_UNSEEN.sub("", text.replace("\r\n", "\n"))):
        if match := _HEADING.fullmatch(block[0]):
            words = _plain(match[2])
            title, heading = (words, "") if len(match[1]) == 1 else (title, words)
        elif sentences := _sentences(block):
            found.append(Section(document, title, heading, sentences))
    return tuple(found)


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines between blank lines; a heading is one by itself. Fenced code is left out."""
    block: list[str] = []
    fenced = False
    for line in (*text.split("\n"), ""):
        fence = _FENCE.match(line) is not None
        heading = not fenced and _HEADING.fullmatch(line) is not None
        if not (fenced or fence or heading) and line.strip():
            block.append(line)
            continue
        if block:
            yield block
            block = []
        if heading:
            yield [line]
        fenced ^= fence


def _sentences(block: list[str]) -> tuple[str, ...]:
    """Each list item is a sentence at least; lines of running text are joined first."""
    runs: list[str] = []
    for line in block:
        item = _ITEM.match(line)
        if item or not runs:
            runs.append(line[item.end() :] if item else line)
        else:
            runs[-1] = f"{runs[-1]} {line}"
    parts = (part.strip() for run in runs for part in _SENTENCE_END.split(_plain(run)))
    return tuple(part for part in parts if any(map(str.isalnum, part)))


def _plain(text: str) -> str:
    return _JOINT.sub("", " ".join(_MARK.sub(" ", _LINK.sub(r"\1", text)).split()))
