"""What every clock promises."""

import re
from datetime import timedelta

import pytest

from adapters.clock.system import SystemClock
from domain.ports.clock import Clock
from tests.doubles.manual_clock import ManualClock


@pytest.fixture(params=["system", "manual"])
def clock(request: pytest.FixtureRequest) -> Clock:
    clocks: dict[str, Clock] = {"system": SystemClock(), "manual": ManualClock()}
    return clocks[request.param]


def test_the_present_is_in_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_time_never_goes_back(clock: Clock) -> None:
    instants = [clock.now() for _ in range(2_000)]
    assert instants == sorted(instants)


def test_identifiers_are_32_hexadecimal_digits_and_never_repeat(clock: Clock) -> None:
    given = [clock.new_id() for _ in range(5_000)]
    assert len(set(given)) == len(given)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in given)
