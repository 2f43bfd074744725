"""Reads dialogue acts: each clause as a whole against the grammars, never a word inside another."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from adapters.local_nlu.clauses import Clause
from adapters.local_nlu.cue_tables import COURTESIES, CUES, LEADING, MUTTERS, NUMBER, NUMBER_WORDS, TRAILING
from adapters.local_nlu.naming import Task
from adapters.local_nlu.particles import only_values
from adapters.local_nlu.spans import PLACEHOLDER
from domain.dialogue.understanding import Cue, CueKind, Expectation
from domain.intents.normalise import canonical
from domain.values import Value

_LONGEST = 60
_CUES = tuple((kind, re.compile("|".join(f"(?:{p})" for p in patterns))) for kind, patterns in CUES)
_NUMBER = re.compile(NUMBER)
_MUTTER = re.compile(MUTTERS)
_FILLER = re.compile(f"{MUTTERS}|{COURTESIES}")
_LEADING = re.compile(rf"{LEADING}+(?=.)")
_TRAILING = re.compile(rf"(?<=.){TRAILING}+$")
_WITH_VALUES: frozenset[CueKind] = frozenset({"deny", "affirm", "hold", "cancel", "resume", "correct"})
_CHOOSING = re.compile(
    r"^(?:我|那|就|还是|帮我|给我)*(?:要|想要|选|选择|订|买|查|来)?(?:个|一个|张|一张)?(.+?)(?:吧|那个|的|那个吧)?$"
)

_NO_TASK = Task()


class Reading(Value, frozen=True):
    """What a clause does: its cues, and whether it also says something that is not a cue."""

    cues: tuple[Cue, ...] = ()
    has_content: bool = True
    is_filler: bool = False


def read_clause(
    clause: Clause,
    expectation: Expectation,
    numbers: Mapping[str, int],
    slot_titles: Sequence[str] = (),
    task: Task = _NO_TASK,
) -> Reading:
    """The clause read against the cues that are expected.

    `numbers` belong to the canonical names of the options on offer; `slot_titles` are all the catalogue's. A cue in
    front of nothing but values (继续订票从武汉出发) leaves the values as content. What changes no slot of the `task` in
    hand corrects nothing (改登录密码, said of a flight).
    """
    choice = _choice(clause, numbers) if "choose" in expectation.cues and expectation.options else None
    if choice is not None:
        return Reading((choice,), has_content=False)
    expected = expectation.cues if task.takes(clause.entities) else expectation.cues - {"correct"}
    plain = clause.marked.strip(" .~")
    filler = _FILLER.fullmatch(plain) is not None
    for words in dict.fromkeys((*_variants(clause.spoken), *_variants(clause.marked))):
        kind = _kind(words, expected)
        if kind is not None:
            content = PLACEHOLDER in words and kind in _WITH_VALUES
            return Reading((Cue(kind, clause.text),), has_content=content, is_filler=filler)
        if "correct" in expected and task.is_changed_by(words):
            return Reading((Cue("correct", clause.text),), has_content=False)
    head = _head(clause.marked, expected, slot_titles)
    if head is not None:
        return Reading((Cue(head[0], head[1]),))
    return Reading(has_content=_MUTTER.fullmatch(plain) is None, is_filler=filler)


def _variants(marked: str) -> tuple[str, ...]:
    """The clause as it is, and without what stands at its edges for politeness or hesitation."""
    if len(marked) > _LONGEST:
        return ()
    plain = re.sub(r"[“”\"‘()（）:：、\s]+", " ", marked.replace("’", "'")).strip(" .")
    shorter = _TRAILING.sub("", plain)
    return tuple(dict.fromkeys((plain, shorter, _LEADING.sub("", plain), _LEADING.sub("", shorter))))


def _kind(marked: str, expected: frozenset[CueKind]) -> CueKind | None:
    return next((kind for kind, grammar in _CUES if kind in expected and grammar.fullmatch(marked)), None)


def _head(marked: str, expected: frozenset[CueKind], slot_titles: Sequence[str]) -> tuple[CueKind, str] | None:
    """A cue that is followed by values and nothing else."""
    first = marked.find(PLACEHOLDER)
    if not 2 <= first <= _LONGEST:
        return None
    for length in range(first, 1, -1):
        kind = _kind(marked[:length].strip(), expected & _WITH_VALUES) if _parted(marked, length) else None
        if kind is not None and only_values(marked[length:], slot_titles):
            return kind, marked[:length].strip()
    return None


def _parted(marked: str, length: int) -> bool:
    """Whether a cut at `length` goes through no word of an alphabet."""
    return not all(letter.isascii() and letter.isalnum() for letter in marked[length - 1 : length + 1])


def _choice(clause: Clause, numbers: Mapping[str, int]) -> Cue | None:
    said = canonical(clause.text)
    name = _chosen_name(said)
    number = numbers.get(said) or numbers.get(name) or _by_part(name, numbers)
    if number is None:
        found = (_number(words) for words in _variants(clause.text.lower()))
        number = next((value for value in found if value is not None), None)
    return None if number is None else Cue("choose", clause.text, number)


def _by_part(said: str, numbers: Mapping[str, int]) -> int | None:
    """The option that is called so among other words (电影 for 电影票); None where several are."""
    if len(said) < 2:
        return None
    mark = " " if said.isascii() else ""  # words of an alphabet count as a whole
    found = {number for name, number in numbers.items() if f"{mark}{said}{mark}" in f"{mark}{name}{mark}"}
    return found.pop() if len(found) == 1 else None


def _chosen_name(said: str) -> str:
    match = _CHOOSING.match(said)
    return match[1] if match is not None else said


@lru_cache(maxsize=1024)
def _number(marked: str) -> int | None:
    match = _NUMBER.fullmatch(marked.strip())
    if match is None:
        return None
    if match["last"]:
        return -1
    if match["former"]:
        return 1
    said = match["number"] or match["english"]
    return int(said) if said.isdecimal() else NUMBER_WORDS[said]
