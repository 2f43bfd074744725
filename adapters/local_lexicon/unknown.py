"""Spans that stand where a value belongs but are in no dictionary: 从火星到月球, 火星银行.

All of it must speak for a value: the words on both sides, as the annotated examples put them there, and the
topic; what ordinary talk puts in the same places (这里, 公司, 明天) is passed over.
"""

import re
from collections.abc import Iterator, Sequence

from adapters.local_lexicon.contexts import Contexts
from adapters.local_lexicon.hit import Hit

_HAN_SPAN = r"[\u4e00-\u9fff]{2,8}?"
_LATIN_SPAN = r"[a-z]{3,15}(?: [a-z]{3,15})??"
_PAUSE = r"[，。！？；、,.!?;]|\s*$"

_FUNCTION = re.compile(
    r"[我你他她它您这那哪谁几啥吗呢吧啊了着过们么怎为因每某别另其很太也都还就再又没不是有在要想能会可请把被让给对和与跟或的到从去来一两个]|多少"
)
_TIME = re.compile(
    r"[今明昨前后]天|周[一二三四五六日天末]|星期|礼拜|月[底初份]|[上下中]午|早上|晚上|凌晨|现在|以前|小时候|开始|年"
)
_ORDINARY = re.compile(
    r"(?:公司|家|家里|老家|学校|医院|机场|车站|火车站|高铁站|地铁站|汽车站|单位|宿舍|酒店|宾馆|外地|国外|国内|外面|附近|旁边|前面|后面|里面|楼下|"
    r"楼上|市区|市中心|城里|乡下|农村|海边|山上|现场|窗口|柜台|银行|网点|厕所|洗手间|餐厅|超市|商场|电影院|公园|上班|下班|旅游|旅行|出差|度假|"
    r"吃饭|看病|上学|开会|逛街|购物|睡觉|目的地|出发地|终点|起点|当地|本地|手机|电脑|网上|账户|账单|消息|短信|电话|邮件|信息|航班|机票|车票|"
    r"钱|工资|问题|办法|时间|东西|地方|结果|答案|头|尾|里|国家|城市|全国|全部|所有|自己|朋友|父母|客户|领导|同事|孩子|身边|内心|心里|眼前|"
    r"home|work|here|there|school|bed|sleep|the|you|me|it|him|her|them|this|that|what|where|now|then|start|finish|know|see|make|get|have|"
    r"book|buy|check|change|pay|ask|go|be|do|fly|travel|somewhere|anywhere|abroad|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight|yesterday|weekend|morning|noon|afternoon|evening|night|next|last|"
    r"hours?|minutes?|days?|weeks?|months?|years?|one|two|three|four|five|six|seven|eight|nine|ten|us|both|people|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)"
)
_VERB_BEFORE = {
    "到": re.compile(r"[查看找收买得想说提达遇感见听学做拿办能用谈搞弄捡赶轮迟签报]$"),
    "去": re.compile(r"[过下上回进出失除拿带寄送离转]$"),
}
_COMPOUND = re.compile(r"飞[机行]|到[底处达]|去[世除]|从[不没此事]")
_BEFORE_SUFFIX = re.compile(r"[\u4e00-\u9fff]{1,12}$")
_BOUNDARY = re.compile(
    r".*(?:查一下|看一下|查查|看看|查询|查看|查|看|我的?|你们?的?|他们?的?|的|在|去|到|从|给|帮|想|要|用|是|有|和|跟|与|把|向|往|个|家|办|开|订|存|取|转|下|张)"
)
_NO_NAME = re.compile(
    r".*(?:手机|网上|电话|哪|什么|这|那|其他|别的?|任何|附近|所有|各大?|本|贵|你|我|他|某|同一?|多|几|两|三|中央|投资|商业|私人|一|每|全|大|小|老|新|"
    r"城|超|股|楼|门|夜|都|菜|集|上|花|黑|闹|不同|当地|外地|国外|跨|直辖|省会)"
)
_GOES_ON = re.compile(r"[场区中民面价值政长内里县委容貌]")


class Unknowns:
    """What one dictionary type takes for a value it does not know. `ordinary` are spans that are none anywhere."""

    def __init__(self, contexts: Contexts, suffixes: Sequence[str], ordinary: frozenset[str] = frozenset()) -> None:
        self._ordinary = ordinary
        self._topics = contexts.topics
        self._suffixes = tuple(sorted(suffixes, key=len, reverse=True))
        self._pattern = _pattern(contexts)

    def find(self, folded: str, known: Sequence[Hit]) -> Iterator[tuple[int, int]]:
        """Spans in the place of a value. `known` are the values found, which lie in no such span."""
        taken = list(known)
        for start, end in (*self._in_context(folded, known), *self._before_suffix(folded)):
            span = Hit(start, end, "")
            if folded[start:end] in self._ordinary:
                continue
            if not any(span.overlaps(other) for other in taken):
                taken.append(span)
                yield start, end

    def _in_context(self, folded: str, known: Sequence[Hit]) -> Iterator[tuple[int, int]]:
        for match in self._matches(folded):
            start, end = match.span("span")
            before = _VERB_BEFORE.get(match["left"])
            if before is not None and before.search(folded[: match.start()]):
                continue
            if match["span"].endswith(self._suffixes):  # which have a rule of their own
                continue
            if _COMPOUND.match(match.group()) or any(topic in match["span"] for topic in self._topics):
                continue
            if _is_ordinary(match["span"]) or not self._on_topic(folded, start, end, known):
                continue
            yield start, end

    def _matches(self, folded: str) -> Iterator[re.Match[str]]:
        """Every place that a match may begin: one that turns out to be none (订 in 订从火星) hides no other in it."""
        if self._pattern is not None:
            places = (self._pattern.match(folded, place) for place in range(len(folded)))
            yield from (match for match in places if match is not None)

    def _before_suffix(self, folded: str) -> Iterator[tuple[int, int]]:
        """A name of two or more characters before the suffix, in talk about the topic or as the whole text."""
        for suffix in self._suffixes:
            for found in re.finditer(re.escape(suffix), folded):
                name = _name_before(folded[: found.start()])
                follows = _GOES_ON.match(folded, found.end()) if len(suffix) == 1 else None
                if len(name) < 2 or follows or _NO_NAME.fullmatch(name) or _is_ordinary(name):
                    continue
                start = found.start() - len(name)
                if (start, found.end()) == (0, len(folded)) or self._on_topic(folded, start, found.end(), ()):
                    yield start, found.end()

    def _on_topic(self, folded: str, start: int, end: int, known: Sequence[Hit]) -> bool:
        """Whether the rest of the text speaks of what the examples speak of, or holds a known value."""
        rest = f"{folded[:start]} {folded[end:]}"
        return bool(known) or any(topic in rest for topic in self._topics)


def _pattern(contexts: Contexts) -> re.Pattern[str] | None:
    if not contexts.lefts:
        return None
    lefts = "|".join(rf"\b{re.escape(left)}" if left.isascii() else re.escape(left) for left in sorted(contexts.lefts))
    rights = "|".join(
        rf"{re.escape(right)}\b" if right.isascii() else re.escape(right) for right in sorted(contexts.rights)
    )
    after = rf"(?={rights}|{_PAUSE})" if rights else rf"(?={_PAUSE})"
    return re.compile(rf"(?P<left>{lefts})(?P<span>{_HAN_SPAN}|{_LATIN_SPAN}){after}")


def _is_ordinary(span: str) -> bool:
    words = span.split(" ")
    return bool(_FUNCTION.search(span) or _TIME.search(span) or any(_ORDINARY.fullmatch(word) for word in words))


def _name_before(text: str) -> str:
    """The name that ends the text, cut off from the words before it."""
    run = _BEFORE_SUFFIX.search(text)
    if run is None:
        return ""
    name = run.group()
    boundary = _BOUNDARY.match(name)
    return name[boundary.end() :] if boundary is not None else name
