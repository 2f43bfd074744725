"""The picture of the machine in the manual is the machine's."""

from domain.dialogue.machine import MOVES
from domain.dialogue.state import Closed
from tests.rooms.state_diagram import DOCUMENT, document, edges


def test_the_documented_states_are_those_of_the_machine():
    committed = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""

    assert committed == document(), "run `python -m tests.rooms.state_diagram` and read what has changed"


def test_every_state_can_be_reached_and_only_the_closed_one_is_never_left():
    found = edges()

    assert {after for _, after in found} == {*MOVES, Closed}
    assert {before for before, _ in found} == {*MOVES}
