"""What the words around a value say about the part it plays."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from adapters.local_nlu.spans import Span
from domain.slots.entity import Entity

_REACH: Final = 24
_WORD: Final = re.compile(r"[a-z']+|[^\sa-z]")
"""A word of an alphabet, or one character of another script."""

LEFT: Final[Mapping[str, re.Pattern[str]]] = {
    "origin": re.compile(
        r"(?:从|由|自|打|离开|出发地[是为:： ]*|出发城市[是为:： ]*|起点[是为:： ]*|始发[站地]?[是为:： ]*|(?<![a-z])"
        r"(?:from|leaving|departing|out of|leave|origin|starting (?:in|at))(?: from)?[: ]*)$",
        re.I,
    ),
    "goal": re.compile(
        r"(?:(?<!从)到|去|飞|往|至|抵|赴|回|前往|到达|抵达|目的地[是为:： ]*|到达城市[是为:： ]*|终点[是为:： ]*|"
        r"(?<![a-z])(?:to|for|into|towards|reach|visit|visiting|destination|arriving (?:in|at))[: ]*)$",
        re.I,
    ),
    "back": re.compile(
        r"(?:返程|回程|返回|回来|返航|返程日期|(?<![a-z])(?:return(?:ing)?|coming back|come back|back|return date)"
        r"(?: on| in| by| after)?)[是为:： ]*$",
        re.I,
    ),
    "start": re.compile(
        r"(?:出发日期|出发时间|去程|启程|(?<!从)出发|(?<![a-z])"
        r"(?:leaving|departing|depart|leave|going|flying|starting|departure date)(?: on)?)[是为:： ]*$",
        re.I,
    ),
    "in": re.compile(
        r"(?:入住|住进|住店|入住日期|入住时间|到店|(?<![a-z])"
        r"(?:check(?:ing)?[- ]?in|arriving|arrive|moving in|check-in date)(?: on)?)[是为:： ]*$",
        re.I,
    ),
    "out": re.compile(
        r"(?:离店|退房|住到|住|离店日期|离店时间|(?<![a-z])(?:check(?:ing)?[- ]?out|until|till|staying|stay|"
        r"check-out date)(?: on| until| till| for)?)[是为:： ]*$",
        re.I,
    ),
    "place": re.compile(r"(?:在|住|位于|(?<![a-z])(?:in|at|around|near|hotel in|stay in))[ ]*$", re.I),
    "people": re.compile(r"(?:人数|乘客|旅客|(?<![a-z])(?:we are|party of|for|passengers?))[是为:： ]*$", re.I),
}
RIGHT: Final[Mapping[str, re.Pattern[str]]] = {
    "origin": re.compile(
        r"(?:这边|这里)?(?:出发|起飞|走(?!路)|动身|启程|始发|开出)|\s*(?:departure|as (?:the )?(?:origin|departure))",
        re.I,
    ),
    "goal": re.compile(r"\s*(?:as (?:the )?destination)|降落", re.I),
    "onward": re.compile(r"(?:出发)?(?:飞往|飞到|飞|到|去|至|往|回|-|—|→)(?=V)|\s*(?:to|-|→)\s*(?=V)", re.I),
    "back": re.compile(
        r"(?:之?后|以后|那天|当天|再|就|的)*(?:回来|返程|返回|回程|返航|回)|\s*(?:return|back|coming back)", re.I
    ),
    "start": re.compile(
        r"(?:那天|当天|的|早上|上午|中午|下午|晚上|就)?(?:出发|走(?!路)|起飞|动身|启程|飞|去)|\s*(?:departure)", re.I
    ),
    "in": re.compile(r"(?:那天|当天|下午|晚上)?(?:入住|住进|住店|到店|住(?!到))|\s*(?:check[- ]?in|arrival)", re.I),
    "out": re.compile(r"(?:那天|当天|早上|上午|中午)?(?:离店|退房|走)|\s*(?:check[- ]?out)", re.I),
    "people": re.compile(
        r"(?:个|名|位)?(?:人|乘客|旅客|大人|成人|小孩|儿童)|位|名|口|"
        r"\s*(?:people|persons?|passengers?|adults?|child(?:ren)?|of us|travell?ers?|guests?)",
        re.I,
    ),
    "tickets": re.compile(r"张|\s*(?:\w+ ){0,2}?(?:tickets?|seats?)", re.I),
    "rooms": re.compile(r"间|个?(?:房间|标间|单间|大床)|\s*(?:\w+ ){0,2}?(?:rooms?|suites?)", re.I),
    "nights": re.compile(r"晚|夜|天|\s*(?:nights?|days?)", re.I),
}
_CHANGED: Final = re.compile(r"的?(?:改|换|更改|修改|变更|变|调整)(?:成|为|到|作)")
_TO_CHANGE: Final = re.compile(r"(?<![a-z])(?:change|switch|replace)(?: the)? $", re.I)
_INTO: Final = re.compile(r"\s(?:to|with|for|into)\s", re.I)
_MEANT: Final[Mapping[str, re.Pattern[str]]] = {
    "origin": re.compile(
        r"depart.*(?:city|station|place|airport|location)|origin|from(?!at)|source_city|start_(?:city|place)|出发(?:城市|地|站|机场|地点)|起点|始发",
        re.I,
    ),
    "goal": re.compile(
        r"arriv.*(?:city|station|place|airport|location)|dest|to_(?:city|station)|到达(?:城市|地|站|机场)|目的|终点",
        re.I,
    ),
    "back": re.compile(r"return|back|返程|回程|返回|回来", re.I),
    "start": re.compile(
        r"depart.*(?:date|day|time)|start_(?:date|time)|leav.*(?:date|time)|出发(?:日期|时间|日)|去程|启程", re.I
    ),
    "in": re.compile(r"check_?in|入住(?:日期|时间)", re.I),
    "out": re.compile(r"check_?out|离店|退房", re.I),
    "people": re.compile(r"passenger|people|person|guest|traveller|人数|乘客", re.I),
    "tickets": re.compile(r"ticket|票数|张数", re.I),
    "rooms": re.compile(r"room_?(?:count|number)|rooms|房间数|间数", re.I),
    "nights": re.compile(r"night|晚数|天数", re.I),
}


def meant_by(name: str, title: str) -> frozenset[str]:
    """What the name and title of a slot say about the part its value plays."""
    return frozenset(part for part, pattern in _MEANT.items() if pattern.search(name) or pattern.search(title))


def features(text: str, spans: Sequence[Span | Entity], position: int) -> Iterator[str]:
    """Features of the value `spans[position]`; `spans` are in order and do not overlap."""
    span = spans[position]
    if any(_is_change(text, spans, first) for first in (position - 1, position)):
        return  # 把上海改成深圳: what the value was before decides, not the words around
    before, after = _around(text, spans, position)
    changed = list(_CHANGED.finditer(before))
    before = before[: changed[-1].start()] if changed and changed[-1].end() == len(before) else before
    yield from (f"l:{part}" for part, pattern in LEFT.items() if pattern.search(before))
    yield from (f"r:{part}" for part, pattern in RIGHT.items() if pattern.match(after))
    left, right = _WORD.findall(before), _WORD.findall(after)
    yield from (f"L{size}:{' '.join(left[-size:])}" for size in (1, 2) if len(left) >= size)
    yield from (f"R{size}:{' '.join(right[:size])}" for size in (1, 2) if len(right) >= size)
    alike = [index for index, other in enumerate(spans) if other.kind == span.kind]
    if len(alike) > 1:
        yield "p:first" if alike[0] == position else "p:later"


def _is_change(text: str, spans: Sequence[Span | Entity], first: int) -> bool:
    """Whether one value is to be replaced by the next one."""
    if not 0 <= first < len(spans) - 1 or spans[first].kind != spans[first + 1].kind:
        return False
    between = text[spans[first].end : spans[first + 1].start]
    lead = text[max(0, spans[first].start - _REACH) : spans[first].start]
    return bool(_CHANGED.fullmatch(between) or (_TO_CHANGE.search(lead) and _INTO.fullmatch(between)))


def _around(text: str, spans: Sequence[Span | Entity], position: int) -> tuple[str, str]:
    """The words on both sides, in lower case, neighbouring values written `V`."""
    span = spans[position]
    before, after = text[max(0, span.start - _REACH) : span.start], text[span.end : span.end + _REACH]
    if position > 0 and spans[position - 1].end > span.start - _REACH:
        before = "V" + text[spans[position - 1].end : span.start]
    if position + 1 < len(spans) and spans[position + 1].start < span.end + _REACH:
        after = text[span.end : spans[position + 1].start] + "V"
    return before.lower().replace("v", "V") if before.startswith("V") else before.lower(), _lower(after)


def _lower(after: str) -> str:
    return after[:-1].lower() + "V" if after.endswith("V") else after.lower()
