"""A turn's time, and how its parts share it."""

import asyncio

import pytest

from application.budget import TURN_SECONDS, Budget, in_time
from domain.values import Unavailable
from tests.doubles.manual_clock import ManualClock


def test_each_part_gets_its_share_of_the_whole() -> None:
    budget = Budget(ManualClock())
    shares = [budget.share(part) for part in ("waiting", "understanding", "answering", "acting")]
    assert (budget.left, TURN_SECONDS) == (40.0, 40.0)
    assert shares == [10.0, 8.0, 5.0, 30.0]


def test_the_shares_of_a_shorter_turn_are_shorter() -> None:
    budget = Budget(ManualClock(), 4.0)
    assert [budget.share("waiting"), budget.share("acting")] == [1.0, 3.0]


def test_no_part_gets_what_the_save_needs_nor_less_than_nothing() -> None:
    clock = ManualClock()
    budget = Budget(clock)
    clock.advance(36)
    assert (budget.left, budget.share("acting")) == (4.0, 2.0)
    clock.advance(3)
    assert (budget.left, budget.share("acting")) == (1.0, 0.0)
    clock.advance(9)
    assert (budget.left, budget.share("acting")) == (-8.0, 0.0)


class TestInTime:
    async def test_work_done_in_time_is_what_it_comes_to(self) -> None:
        assert await in_time(asyncio.sleep(0, "done"), 1.0) == "done"

    async def test_work_that_does_not_wait_is_done_even_without_any_time(self) -> None:
        async def at_once() -> str:
            return "done"

        assert await in_time(at_once(), 0.0) == "done"

    async def test_work_that_takes_too_long_is_stopped_and_says_so(self) -> None:
        stopped = asyncio.Event()

        async def hangs() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        assert await in_time(hangs(), 0.01) == Unavailable("timeout")
        assert stopped.is_set()

    async def test_a_time_out_of_the_works_own_is_not_taken_for_this_one(self) -> None:
        async def fails() -> None:
            raise TimeoutError("its own")

        with pytest.raises(TimeoutError, match="its own"):
            await in_time(fails(), 1.0)

    async def test_whoever_is_cancelled_while_waiting_is_cancelled(self) -> None:
        waiting = asyncio.create_task(in_time(asyncio.Event().wait(), 1.0))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
