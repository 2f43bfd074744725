"""The state machine, drawn from the machine itself: `python -m tests.rooms.state_diagram` writes docs/states.md.

Every event of a small vocabulary is tried in every state it leads to, until nothing new comes up; what happened is
the diagram. A move of the machine's lists that never decided anything stops the drawing, so none is left out.
"""

import inspect
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

from domain.dialogue.answering import answer
from domain.dialogue.event import ActionFailed, ActionSucceeded, Answered, Chosen, Elapsed, Event, Understood
from domain.dialogue.machine import MOVES, advance
from domain.dialogue.situation import Move
from domain.dialogue.state import Acting, Choosing, Closed, Collecting, Confirming, Idle, State, active_frame, agenda_of
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Candidate, CueKind, Segment, Understanding
from domain.intents.catalogue import Catalogue
from domain.names import IntentName, InvocationKey
from tests.doubles.hearing import entity, heard, segment
from tests.doubles.small_catalogue import NOW, small_catalogue

DOCUMENT = Path(__file__).parents[2] / "docs" / "states.md"
ORIGIN = "c/1"
LATER = NOW + timedelta(days=3)
"""When tomorrow has passed."""

VALUES = (
    entity("北京", "city", at=1, role="departure_city"),
    entity("上海", "city", at=4, role="arrival_city"),
    entity("明天", "date", "2026-11-24", at=7, role="departure_date"),
)

Edges = dict[tuple[type[State], type[State]], set[str]]


def _utterances(catalogue: Catalogue) -> Iterator[Understanding]:
    """One of each kind of thing a user can say."""
    for cue in get_args(CueKind):
        yield heard("嗯", cues=(cue,), number=1 if cue == "choose" else None)
    for intent in catalogue.intents:
        yield heard("请", segment("请", intent))
        yield heard("请", segment("请", intent, entity("北京", "city"), entity("招行", "bank", "招商银行", at=5)))
    yield heard("订票", segment("订票", "book_flight", *VALUES))
    yield heard("两件事", segment("订票", "book_flight"), segment("查余额", "check_balance"))
    yield heard("两件事", segment("查余额", "check_balance"), segment("看电影", "book_movie"))
    done = (
        segment("天气", "weather", entity("北京", "city")),
        segment("查余额", "check_balance", entity("招行", "bank", at=5)),
    )
    yield heard("两件事", *done)
    yield heard("买票", Segment("买票", ambiguity="ticket"))
    yield heard("查", Segment("查", tuple(Candidate(IntentName(name), 0.4) for name in ("check_balance", "weather"))))
    for value in (
        *VALUES,
        entity("火星", "city", role="departure_city", valid=False),
        entity("招行", "bank", "招商银行"),
    ):
        yield heard(value.text, segment(value.text, None, value), tier="context")
    yield heard("流浪地球")
    yield heard("这是什么", question=True)


def _events(state: State, catalogue: Catalogue) -> Iterator[Event]:
    yield from (Understood(said, ORIGIN) for said in _utterances(catalogue))
    yield from (Chosen(intent, ORIGIN) for intent in catalogue.intents)
    key = state.key if isinstance(state, Acting) else InvocationKey("none")
    yield ActionSucceeded(key, ORIGIN)
    yield ActionFailed(key, ORIGIN, "not_done")
    yield Answered(True, ORIGIN)
    yield Answered(False, ORIGIN)
    yield Elapsed()


def _label(event: Event, made: Transition) -> str:
    """What decided: the move for what the user said, the event's name for everything else."""
    match event:
        case Understood():
            return made.rule
        case Chosen():
            return "a button"
        case ActionSucceeded() | ActionFailed():
            return "the outcome"
        case Answered():
            return "an answer" if event.found else "no answer"
        case Elapsed():
            return "silence"


def _kind(state: State) -> tuple[object, ...]:
    """What makes a state worth exploring once more: not the values, but what the moves look at."""
    frame, agenda = active_frame(state), agenda_of(state)
    held = tuple((name, value.valid) for name, value in frame.slots.items()) if frame is not None else ()
    asked = state.asked if isinstance(state, Collecting) else None
    attempts = state.attempts if isinstance(state, Collecting | Choosing | Confirming) else 0
    waiting = tuple(
        (each.intent, sum(value.valid for value in each.slots.values()))
        for frames in (agenda.suspended, agenda.queued)
        for each in frames[-1:]
    )
    intent = frame.intent if frame is not None else None
    queued = bool(agenda.queued)
    return (type(state), intent, frozenset(held), asked, attempts, waiting, queued, agenda.unknowns)


@cache
def edges() -> Edges:
    """From which state to which, and by what; events that a state ignores are left out."""
    catalogue, found = small_catalogue(), defaultdict[tuple[type[State], type[State]], set[str]](set)
    waiting: list[State] = [Idle()]
    seen = {_kind(waiting[0])}
    while waiting:
        state = waiting.pop()
        if isinstance(state, Closed):
            continue
        for event, now in product(_events(state, catalogue), (NOW, LATER)):
            made = advance(state, event, catalogue=catalogue, now=now)
            if made.rule == "ignored" or (made.state == state and not isinstance(event, Understood)):
                continue
            found[type(state), type(made.state)].add(_label(event, made))
            if _kind(made.state) not in seen:
                seen.add(_kind(made.state))
                waiting.append(made.state)
    _check_that_every_move_was_seen(found)
    return dict(found)


def _check_that_every_move_was_seen(found: Edges) -> None:
    for state, moves in MOVES.items():
        decided = {label for (before, _), labels in found.items() if before is state for label in labels}
        unseen = [move.__name__ for move in moves if move.__name__ not in decided]
        if unseen:
            raise AssertionError(
                f"in {state.__name__} nothing was decided by {', '.join(unseen)}: say more in _utterances"
            )


def _order() -> list[str]:
    """Moves in the order in which they are first listed, `answer` after them, then everything else."""
    moves = dict.fromkeys(move.__name__ for moves in MOVES.values() for move in moves)
    return [*moves, answer.__name__, "a button", "the outcome", "an answer", "no answer", "silence"]


def _diagram() -> Iterator[str]:
    order, states = _order(), [*MOVES, Closed]
    yield "stateDiagram-v2"
    yield "    [*] --> Idle"
    for (before, after), labels in sorted(edges().items(), key=lambda edge: [states.index(state) for state in edge[0]]):
        said = ", ".join(sorted(labels, key=order.index))
        yield f"    {before.__name__} --> {after.__name__}: {said}"
    yield "    Closed --> [*]"


def _summary(of: object) -> str:
    return (inspect.getdoc(of) or "").splitlines()[0]


def _tables() -> Iterator[str]:
    yield "| state | meaning | moves, first come first served |"
    yield "|---|---|---|"
    for state, moves in MOVES.items():
        listed = ", ".join(f"`{move.__name__}`" for move in (*moves, answer))
        yield f"| {state.__name__} | {_summary(state)} | {listed} |"
    yield f"| Closed | {_summary(Closed)} | |"
    yield ""
    yield "| move | what it does |"
    yield "|---|---|"
    every: dict[Move, None] = dict.fromkeys(move for moves in MOVES.values() for move in moves)
    yield from (f"| `{move.__name__}` | {_summary(move)} |" for move in every)
    yield f"| `{answer.__name__}` | {_summary(answer)} |"


def document() -> str:
    """The text of docs/states.md."""
    return "\n".join(
        (
            "# The states of a conversation",
            "",
            "Drawn from the machine (`domain/dialogue/machine.py`) by `python -m tests.rooms.state_diagram`; a test holds",
            "this page to it. An arrow is labelled with what decided: a move for what the user said, otherwise the event",
            "(a button pressed, the outcome of a function, an answer of the knowledge base or none, too long a silence).",
            "",
            "```mermaid",
            *_diagram(),
            "```",
            "",
            *_tables(),
            "",
        )
    )


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
