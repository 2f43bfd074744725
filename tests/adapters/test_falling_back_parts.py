"""Parts that stand in for one another are opened and closed together."""

from types import TracebackType
from typing import Self

import pytest

from adapters.falling_back.both import Both


class Noting:
    def __init__(self, name: str, notes: list[str], *, fails: bool = False) -> None:
        self._name = name
        self._notes = notes
        self._fails = fails

    async def __aenter__(self) -> Self:
        if self._fails:
            raise OSError("it does not open")
        self._notes.append(f"{self._name} opened")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._notes.append(f"{self._name} closed")


async def test_both_are_opened_in_order_and_closed_in_reverse() -> None:
    notes: list[str] = []
    async with Both(Noting("first", notes), Noting("second", notes)):
        notes.append("inside")
    assert notes == ["first opened", "second opened", "inside", "second closed", "first closed"]


async def test_what_needs_no_opening_is_left_alone() -> None:
    notes: list[str] = []
    async with Both(object(), Noting("second", notes)):
        pass
    assert notes == ["second opened", "second closed"]


async def test_a_second_that_does_not_open_leaves_the_first_closed() -> None:
    notes: list[str] = []
    with pytest.raises(OSError, match="does not open"):
        async with Both(Noting("first", notes), Noting("second", notes, fails=True)):
            pass
    assert notes == ["first opened", "first closed"]
