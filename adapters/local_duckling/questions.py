"""Whether the engine is worth asking, and how to put it so that the answer costs bounded time."""

import re
from collections.abc import Iterator

from adapters.local_duckling.canvas import FILLER
from adapters.local_duckling.reading import (
    DATE,
    DATETIME,
    DURATION,
    EMAIL,
    MONEY,
    NUMBER,
    ORDINAL,
    PHONE,
    TIME,
    URL,
)
from domain.names import EntityName
from domain.values import Value

PIECE_CHARACTERS = 200
_BREAK = "，"

_READABLE = re.compile(
    r"[0-9\uff10-\uff19零〇一二两兩三四五六七八九十百千万亿壹俩仨半周星礼禮天日月年旬季点點午早晚晨夜后後元节末A-Za-z@]"
)
_TIMES = frozenset({DATE, TIME, DATETIME, DURATION})
_HOLIDAYS = re.compile(r"节(?![目课约省奏点])|元旦|除夕|双十一|双11|清明|国庆|圣诞|平安夜|光棍")
_ENGLISH_TIME = re.compile(
    r"\d|\b(?:to(?:day|night|morrow)|tmrw?|yesterday|now|noon|midnight|(?:mid)?night|morning|afternoon|evening|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|"
    r"june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:second|minute|hour|day|week|weekend|"
    r"fortnight|month|quarter|year|decade)s?|christmas|xmas|easter|thanksgiving|halloween|valentine'?s?|holiday)\b",
    re.IGNORECASE,
)
_ENGLISH_NUMBER = re.compile(
    r"\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty(?:-\w+)?|hundred|thousand|"
    r"million|billion|dozen|couple|pair|half|first|second|third|\w+th)\b",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\d{5}|\d{3}[ )-]")
_URL = re.compile(r"://|www\.|\.(?:com|cn|net|org|io|edu|gov)\b", re.IGNORECASE)
_REPEATED = re.compile(r"((?=[^A-Za-z\u4e00-\u9fff]{0,23}[A-Za-z\u4e00-\u9fff]).{2,24}?)\1{2,}", re.DOTALL)
_PAUSE = re.compile(r"[\s，。！？；、,.!?;:：" + FILLER + "]")
_UNSENDABLE = re.compile(r"[\x00-\x1f\ud800-\udfff" + FILLER + "]")


class Piece(Value, frozen=True):
    """A part of the text, and where it begins there."""

    start: int
    text: str


def worth_reading(text: str) -> bool:
    """Whether the text holds any character that an entity could be made of."""
    return _READABLE.search(text) is not None


def kinds_to_ask(rest: str, wanted: frozenset[EntityName], *, chinese: bool) -> frozenset[EntityName]:
    """The wanted kinds the engine may still find in what the rules have left."""
    asked = {
        kind for kind, trigger in ((PHONE, _PHONE), (URL, _URL)) if kind in wanted and trigger.search(rest) is not None
    }
    if EMAIL in wanted and "@" in rest:
        asked.add(EMAIL)
    asked |= _left_in_chinese(rest, wanted) if chinese else _left_in_english(rest, wanted)
    return frozenset(asked)


def cut(rest: str) -> Iterator[Piece]:
    """Pieces of bounded length, cut at punctuation; offsets stay those of `rest`.

    Repetitions of one phrase without a pause make the engine exponential: all but the first are left out.
    """
    text = _UNSENDABLE.sub(_BREAK, _REPEATED.sub(_once, rest))
    start = 0
    while start < len(text):
        end = min(start + PIECE_CHARACTERS, len(text))
        if end < len(text):
            pauses = [match.end() for match in _PAUSE.finditer(text, start + PIECE_CHARACTERS // 2, end)]
            end = pauses[-1] if pauses else end
        yield Piece(start, text[start:end])
        start = end


def _once(match: re.Match[str]) -> str:
    return match[1] + _BREAK * (len(match[0]) - len(match[1]))


def _left_in_chinese(rest: str, wanted: frozenset[EntityName]) -> frozenset[EntityName]:
    """The rules read numbers, money, lengths and most times; holidays are left to the engine."""
    return wanted & (_TIMES - {DURATION}) if _HOLIDAYS.search(rest) else frozenset()


def _left_in_english(rest: str, wanted: frozenset[EntityName]) -> frozenset[EntityName]:
    left: set[EntityName] = set()
    if _ENGLISH_TIME.search(rest):
        left |= wanted & _TIMES
    if _ENGLISH_NUMBER.search(rest):
        left |= wanted & (_TIMES | {NUMBER, ORDINAL, MONEY})
    return frozenset(left)
