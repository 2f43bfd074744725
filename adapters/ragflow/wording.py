"""What an assistant said, without the marks that are not for the user."""

import re

EMPTY_REPLIES = (
    "No relevant content was found in the knowledge base",
    "The answer you are looking for is not found in the knowledge base",
    "知识库中未找到您要的答案",
    "知识库中未找到相关内容",
)
"""What assistants say for nothing found, as RAGFlow is delivered."""

_REGRETS = ("sorry", "imsorry", "抱歉", "很抱歉", "非常抱歉", "对不起")
"""What such a reply may begin with, without spaces and marks."""

_HIDDEN = re.compile(r"<(think|retrieving)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_UNOPENED = re.compile(r"\A.*</(?:think|retrieving)>", re.DOTALL | re.IGNORECASE)
_IDS = r"ID\s*[:：]?\s*\d+(?:\s*[,，、;]\s*(?:ID\s*[:：]?\s*)?\d+)*"
_CITATION = re.compile(rf"(?<![ \t])[ \t]*(?:##(?P<old>\d+)\$\$|[\[(【（]\s*(?P<new>{_IDS})\s*[\])】）])")
_NUMBER = re.compile(r"\d+")


def plain(text: str) -> tuple[str, tuple[int, ...]]:
    """The text without reasoning and citations, and the numbers of the chunks it cites, in order, each once."""
    shown = _UNOPENED.sub("", _HIDDEN.sub("", text))
    cited = [number for match in _CITATION.finditer(shown) for number in _NUMBER.findall(match["old"] or match["new"])]
    return _CITATION.sub("", shown).strip(), tuple(dict.fromkeys(map(_index, cited)))


def says_nothing_found(text: str, replies: tuple[str, ...]) -> bool:
    """Whether the assistant says in these words that the documents have no answer."""
    said = _bare(text)
    return any(bare in said for reply in replies if (bare := _bare(reply)))


def may_say_nothing_found(beginning: str, replies: tuple[str, ...]) -> bool:
    """Whether this beginning of what the assistant says may lead to these words, or holds them already."""
    said = _bare(beginning)
    leads = {said, *(said.removeprefix(regret) for regret in _REGRETS)}
    may = (*_REGRETS, *map(_bare, replies))
    return says_nothing_found(beginning, replies) or any(text.startswith(lead) for text in may for lead in leads)


def _index(digits: str) -> int:
    """Numbers past any list are all the same, and Python refuses to read very long ones."""
    return int(digits[:9])


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
