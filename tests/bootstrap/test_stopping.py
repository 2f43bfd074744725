"""SIGTERM and Ctrl-C: work in earnest ends by itself, work that has not begun is given up."""

import asyncio
import os
import signal

import pytest

from bootstrap.stopping import Stop, run_until_stopped
from domain.errors import SettingsInvalid


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_work_in_earnest_is_told_and_finishes(number: signal.Signals) -> None:
    notes: list[str] = []

    async def work(stop: Stop) -> None:
        stop.started = True
        send(number)
        await stop.wished.wait()
        await asyncio.sleep(0.01)
        notes.append("finished")

    run_until_stopped(work, asyncio.new_event_loop)
    assert notes == ["finished"]


def test_a_start_is_given_up_and_cleaned_up() -> None:
    notes: list[str] = []

    async def work(stop: Stop) -> None:
        try:
            send(signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            notes.append(f"closed, wished: {stop.wished.is_set()}")

    run_until_stopped(work, asyncio.new_event_loop)
    assert notes == ["closed, wished: True"]


def test_who_insists_does_not_wait_for_the_end() -> None:
    async def work(stop: Stop) -> None:
        stop.started = True
        send(signal.SIGINT)
        await stop.wished.wait()
        send(signal.SIGINT)
        await asyncio.Event().wait()

    run_until_stopped(work, asyncio.new_event_loop)


def test_what_goes_wrong_is_the_callers_to_know() -> None:
    async def work(_stop: Stop) -> None:
        raise SettingsInvalid("no")

    with pytest.raises(SettingsInvalid):
        run_until_stopped(work, asyncio.new_event_loop)
