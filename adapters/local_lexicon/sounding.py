"""Values that sound like what was typed: 北惊, 上孩, 广洲."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pypinyin import lazy_pinyin

from adapters.local_lexicon.hit import Hit

CONFIDENCE = 0.8
_ANYWHERE = 3
"""Syllables from which a value may sound anywhere. Shorter ones occur by chance in ordinary sentences."""
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_LEAD = re.compile(
    r"(?:我?(?:想|要|想要|就|改|换)?"
    r"(?:从|去|到|在|是|订|飞|往|飞往|选|那就|那|就|请|查|改成|换成|应该是|不对)?[是，, ]*)"
)
_CLOSE = re.compile(r"(?:出发|走|市|省)?[吧的啊呢呀哦了吗，。,.!！?？\s]*(?:谢谢)?[。！!]*")

_Syllables = tuple[str, ...]


class Sounding:
    """The pronunciations of one dictionary's values; only values wholly in Chinese characters have one."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values: dict[_Syllables, str] = {}
        lengths: dict[int, bool] = defaultdict(bool)
        for key, value in values.items():
            if _HAN.fullmatch(key):
                self._values.setdefault(tuple(lazy_pinyin(key)), value)
                lengths[len(key)] = True
        self._lengths = tuple(sorted(lengths, reverse=True))

    def find(self, folded: str, taken: Sequence[Hit]) -> list[Hit]:
        """Values that sound alike, longest first; two syllables only where they are nearly the whole text."""
        found: list[Hit] = []
        for run in _HAN.finditer(folded) if self._lengths else ():
            syllables = lazy_pinyin(run.group())
            for length in self._lengths:
                for offset in range(len(syllables) - length + 1):
                    value = self._values.get(tuple(syllables[offset : offset + length]))
                    start = run.start() + offset
                    if value is None or not (length >= _ANYWHERE or _alone(folded, start, start + length)):
                        continue
                    hit = Hit(start, start + length, value, CONFIDENCE, "pinyin")
                    if not any(hit.overlaps(other) for other in (*taken, *found)):
                        found.append(hit)
        return found

    def whole(self, folded: str) -> str | None:
        """The value that sounds like the whole of `folded`."""
        return self._values.get(tuple(lazy_pinyin(folded))) if _HAN.fullmatch(folded) else None


def _alone(folded: str, start: int, end: int) -> bool:
    """Whether the rest of the text is only what people put around a bare answer."""
    return bool(_LEAD.fullmatch(folded, 0, start) and _CLOSE.fullmatch(folded, end))
