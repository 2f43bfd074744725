"""Several requests in one breath: where they part, and what belongs to which."""

import re
from collections.abc import Sequence

from adapters.local_nlu.clauses import Clause, piece
from domain.slots.entity import Entity
from domain.values import Value

MOST_PARTS = 8

_JOINING = re.compile(
    r"(?:，|,)?\s*(?:然后|接着|随后|之后再|完了再|顺便|顺带|另外|还有|并且|而且|以及|同时|最后(?![一那])|还要|还想|还得|还需要|再(?!说|见|想|看|考|来一?[张个])|和|跟|与|并(?!且)|、"
    r"|\b(?:and then|then also|and also|after that|as well as|and|then|also|plus|afterwards)\b)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:首先|先|再|然后|接着|随后|之后|最后|顺便|顺带|另外|还有|还要|还想|并且|而且|以及|同时|也|不过|但是|但|可是|就是|对了|那个|嗯+|哦|啊|呃+|那|那就|"
    r"(?:first|then|next|also|and then|and|but|after that|finally|please also|by the way|oh|well|so)\b)+[\s,，]*",
    re.IGNORECASE,
)


class Part(Value, frozen=True):
    """A stretch that may ask for something of its own. `plain` is its text without the word that joins it on."""

    clause: Clause
    plain: str
    only_values: bool = False

    @property
    def plain_start(self) -> int:
        """Where the plain text begins in the utterance."""
        return self.clause.start + len(self.clause.text) - len(self.plain)


def part_of(clause: Clause, *, only_values: bool) -> Part:
    """A clause as a part."""
    opening = _OPENING.match(clause.text)
    first = clause.entities[0].start - clause.start if clause.entities else len(clause.text)
    cut = opening.end() if opening is not None and opening.end() <= first and opening.end() < len(clause.text) else 0
    return Part(clause, clause.text[cut:], only_values)


def divided(text: str, clause: Clause, values: Sequence[Entity]) -> tuple[Clause, ...]:
    """A clause cut before each joining word; a single one where there is nothing to cut."""
    cuts = [clause.start]
    for match in _JOINING.finditer(text, clause.start + 1, clause.end):
        if any(value.start < match.end() and match.start() < value.end for value in clause.entities):
            continue
        if match.start() - cuts[-1] >= 2 and clause.end - match.end() >= 2:
            cuts.append(match.start())
    if len(cuts) == 1:
        return (clause,)
    ends = (*cuts[1:], clause.end)
    return tuple(piece(text, start, end, values) for start, end in zip(cuts, ends, strict=True))[:MOST_PARTS]
