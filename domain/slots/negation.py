"""Values the user rejects: 不是后天，是下周一; 不要经济舱; not Beijing."""

import re
from collections.abc import Sequence

import msgspec

from domain.slots.entity import Entity

_REJECTING = re.compile(
    r"""(?: (?<!是)不是 | 而不是 | 并非 | (?<!要)不(?:想|再)?要 | (?<!去)不(?:想|再)?去
        | (?<!订)不订 | (?<!坐)不坐 | (?<!选)不选 | (?<!用)不用 | 别(?:去|要|订|选|用) )
        (?:我|说|指|想|要|订|去|到|从|在|坐|飞|用|选|那个|这个|的)*\s*$
    | \b(?:not|isn't|wasn't|don't\s+want|do\s+not\s+want|instead\s+of|rather\s+than)\s+
        (?:(?:from|to|on|at|in|the|a|an|for|going)\s+)*$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_JOINING = re.compile(r"(?:\s|到|至|和|或者?|、|的|从|-|from\b|to\b|or\b|and\b|on\b)*", re.IGNORECASE)


def mark_negated(text: str, entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """The same entities in the same order, `negated` set on those that the words before them reject.

    What is joined to a rejected value is rejected with it (不是从北京到上海); a pause or another verb ends it.
    A question is no rejection (是不是北京, 要不要经济舱).
    """
    reach = -1
    rejected: set[Entity] = set()
    for entity in sorted(entities, key=lambda each: (each.start, -each.end)):
        joined = entity.start < reach or (reach >= 0 and _JOINING.fullmatch(text, reach, entity.start) is not None)
        if joined or _REJECTING.search(text[: entity.start]):
            rejected.add(entity)
            reach = max(reach, entity.end)
    return tuple(
        msgspec.structs.replace(entity, negated=True) if entity in rejected and not entity.negated else entity
        for entity in entities
    )
