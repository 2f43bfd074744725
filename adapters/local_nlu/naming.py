"""Slots by the names people give them: 日期 for 出发日期, `the date` for `departure date`."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from domain.names import EntityName, SlotName
from domain.slots.entity import Entity
from domain.slots.slot import Slot
from domain.values import Value

_SHORTEST = 2
_PREFIX: Final = re.compile(r"^(?:把|我的|那个|这个|的)+")
_VERB: Final = "(?:改|换|修改|更改|更换|变更|调整|更正|纠正|变)"
_WRONG: Final = "(?:错了?|错啦|不对|不太对|不正确|有误|有问题)"
_ASKED: Final = "(?:吧|吗|好吗|行吗|可以吗|一下)?"

_CHANGING: Final = re.compile(
    r"(?:在?(?:确认|提交|下单|付款|订)?(?:之前|以前|前)|我|帮|给|请|还|那|先|能不能|可不可以|可以|能|想|要|需要|得)*"
    rf"(?:{_VERB}(?:一下|下|一改|改|个|一个|掉)?(?P<after>[^V]{{2,10}}?)"
    rf"|把?(?P<before>[^V]{{2,10}}?)(?:是|好像|说|写|填|选|输|搞|弄|需要|想|要|得|能|可以|可不可以)*"
    rf"(?:{_WRONG}|{_VERB}(?:一下|下|一改|改|掉|了)?)){_ASKED}"
    r"|(?:before (?:i confirm|that|confirming),? |(?:i|i'd|can|could|may|we|let|me|please|want|need|like|would|to|"
    r"actually|first|just) )*(?:change|edit|correct|fix|modify|update) (?:the |my |our )?(?P<edited>[a-z -]{3,30})"
    r"|(?:the |my |that )?(?P<wrong>[a-z -]{3,30}?) (?:is|was|looks|seems|are) "
    r"(?:wrong|incorrect|not right|not correct|not quite right|off)"
)
"""A clause about changing something, and nothing else."""
_SOMETHING: Final = re.compile(
    "日期|时间|日子|城市|地点|地址|目的地|出发地|起点|终点|人数|数量|信息|内容|资料|名字|金额|号码|"
    "date|time|day|city|place|destination|origin|number|amount|name|details|information"
)
_SETTING: Final = re.compile(
    rf"(?:(?:是|好像|写|填|说|选|搞|弄)*{_WRONG}|\s(?:is|was) (?:wrong|incorrect|not right))?[，,。.!！;；\s]*"
    rf"(?:应该|需要|想|要|得|还是|请|帮我|给我)*(?:{_VERB}(?:成|为|到|作|在)?|定(?:在|为|到)?|是|为|在)?[:：\s]*"
    r"(?:\b(?:it|that)\s)?(?:\b(?:should be|must be|will be|is|are|was|be|to|as|for|on|at)\s)*[:=\s]*$"
)
"""What may stand between the name of a slot and its value."""


class Task(Value, frozen=True):
    """What can be changed now: the slots of the task in hand by their titles, and the kinds of values they take."""

    titles: tuple[str, ...] = ()
    kinds: frozenset[EntityName] = frozenset()

    def is_changed_by(self, words: str) -> bool:
        """Whether a clause, in lower case and with its values written `V`, is about changing a slot that it names."""
        match = _CHANGING.fullmatch(words) if self.titles else None
        if match is None:
            return False
        said = _PREFIX.sub("", next(name for name in match.groups() if name)).strip()
        return _SOMETHING.fullmatch(said) is not None or any(_shared(said, title) == len(said) for title in self.titles)

    def takes(self, values: Iterable[Entity]) -> bool:
        """Whether some slot takes one of the values; true without values."""
        kinds = {value.kind for value in values}
        return not kinds or not self.kinds.isdisjoint(kinds)


def named(before: str, slots: Mapping[SlotName, Slot]) -> SlotName | None:
    """The one of the `slots` that the words before a value call by its title, or by the end of it.

    Where several are called so, the one that is there without a condition.
    """
    words = _SETTING.sub("", before.lower())
    lengths = {name: _shared(words, slot.title) for name, slot in slots.items()}
    longest = max(lengths.values(), default=0)
    called = [name for name, length in lengths.items() if length == longest and length]
    if len(called) > 1:
        called = [name for name in called if not slots[name].required_when]
    return called[0] if len(called) == 1 else None


def _shared(words: str, title: str) -> int:
    """How many characters the longest end of `title` has that `words` end with, words of an alphabet as a whole."""
    folded = title.lower()
    ends = (folded[start:] for start in range(len(folded) - _SHORTEST + 1) if _parted(folded, start))
    found = (len(end) for end in ends if words.endswith(end) and _parted(words, len(words) - len(end)))
    return next(found, 0)


def _parted(text: str, position: int) -> bool:
    """Whether a cut at `position` goes through no word of an alphabet."""
    around = text[max(position - 1, 0) : position + 1]
    return position == 0 or not (around.isascii() and around.isalnum())
