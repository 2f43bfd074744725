"""What a text is made of, for finding it by its words."""

import re
import unicodedata
from itertools import pairwise

QUESTION_CHARACTERS = 256

_CHINESE_FILLERS = """
是什么意思 什么意思 是怎么回事 怎么回事 是什么 什么是 有什么 为什么 什么时候 什么 怎么样 怎么办 怎么 怎样 如何
多少钱 多少 几点 多久 请问一下 请问 我想知道 想知道 我想问 告诉我 帮我 可以 能不能 可不可以 能否 是不是 有没有
要不要 需要 应该 一下 一个 哪些 哪里 哪儿 哪个 哪 啥 吗 呢 吧 啊 呀 嘛 了 的 地 得 是 有 我 你 您 他 她 它 们
这 那 就 都 也 还 和 跟 与 或 在 把 被 给 让 到 要 会 能 想 请
"""
_ENGLISH_FILLERS = """
a about an and any are as at be been but by can could d did do does doesn don for from get give had has have how i if
in into is it its let ll m many may me mean means much my of off on or our please re s shall should so some such t tell
than that the their them then there these they this those to up us ve was we were what when where which who whom whose
why will with would you your
"""
_FILLER = re.compile("|".join(sorted(_CHINESE_FILLERS.split(), key=len, reverse=True)))
_FILLER_WORDS = frozenset(_ENGLISH_FILLERS.split())
_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")


def cleaned(text: str) -> str:
    """One line without surrogates and control characters, folded for width, cut to its head."""
    head = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text[: 4 * QUESTION_CHARACTERS])
    return " ".join(unicodedata.normalize("NFKC", head)[:QUESTION_CHARACTERS].split())


def keywords(text: str) -> tuple[str, ...]:
    """What the text is about, in order: Latin words and runs of Chinese, without the words that only ask."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if run[0].isascii():
            found += [] if run in _FILLER_WORDS else [run]
        else:
            found += filter(None, _FILLER.split(run))
    return tuple(found)


def terms(text: str) -> tuple[str, ...]:
    """Index terms: Latin words without their plural s, pairs of neighbouring Chinese characters, lone characters."""
    found: list[str] = []
    for word in keywords(text):
        if word[0].isascii():
            found.append(word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word)
        else:
            found += ["".join(pair) for pair in pairwise(word)] or [word]
    return tuple(found)
