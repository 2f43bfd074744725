"""The text while it is read: what one rule has understood, the next one does not see."""

import re
import unicodedata
from collections.abc import Iterator

FILLER = "\ufffc"
"""Stands for every character that is used up. No rule matches it."""

_WIDE = re.compile(r"[\uff01-\uff5e\u3000\u00a0]")
_TRADITIONAL = str.maketrans(
    "點號後週個鐘塊時兩萬億禮這內張間過點個歲層樓頓雙條輛臺從幾貳參陸圓約",
    "点号后周个钟块时两万亿礼这内张间过点个岁层楼顿双条辆台从几贰叁陆元约",
)


class Canvas:
    """A text of fixed length in which spans are painted over.

    `text` is what the rules still see. `rest` is what is left for the engine: spans that are only hidden
    from the rules stay in it.
    """

    def __init__(self, text: str) -> None:
        self.source = text
        self.text = normalised(text)
        self.rest = self.text

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Matches in what is left; spans taken meanwhile are not offered again."""
        for match in pattern.finditer(self.text):
            if self.text[match.start() : match.end()] == match.group():
                yield match

    def take(self, start: int, end: int) -> None:
        """A rule has understood this span: nobody else shall read it."""
        self.hide(start, end)
        self.rest = self.rest[:start] + FILLER * (end - start) + self.rest[end:]

    def hide(self, start: int, end: int) -> None:
        """Hide a span from the rules but leave it to the engine (mail addresses, telephone numbers)."""
        self.text = self.text[:start] + FILLER * (end - start) + self.text[end:]


def normalised(text: str) -> str:
    """Half-width, simplified in the words that dates and numbers use; as long as the text itself."""
    if text.isascii():
        return text
    if _WIDE.search(text):
        text = "".join(unicodedata.normalize("NFKC", char) if _WIDE.match(char) else char for char in text)
    return text.translate(_TRADITIONAL)
