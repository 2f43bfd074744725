"""Clocks, beyond the contract."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.clock.system import SystemClock
from tests.doubles.manual_clock import START, ManualClock


def test_a_machine_set_back_an_hour_stands_still_until_it_has_caught_up() -> None:
    wall = [START]
    clock = SystemClock(lambda: wall[0])
    assert clock.now() == START
    wall[0] = START - timedelta(hours=1)
    assert clock.now() == START
    wall[0] = START + timedelta(milliseconds=1)
    assert clock.now() == START + timedelta(milliseconds=1)


def test_the_system_clock_tells_this_machines_time() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_manual_clock_moves_as_told_and_forwards_only() -> None:
    clock = ManualClock()
    clock.advance(90.5)
    assert clock.now() == START + timedelta(seconds=90.5)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
