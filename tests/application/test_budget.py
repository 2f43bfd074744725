"""A turn has so much time, and comes to an end within it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from application.budget import Budget, in_time
from application.carry_out import CarryOut
from application.course import Course
from application.handle_turn import HandleTurn
from application.turns_under_way import TurnsUnderWay
from domain.dialogue.conversation import Conversation, Turn
from domain.dialogue.invocation import Invocation
from domain.errors import DeadlineExceeded
from domain.values import Unavailable
from tests.application.assembling import Service
from tests.doubles.manual_clock import ManualClock


def hurried(service: Service, seconds: float) -> HandleTurn:
    """The same service with so much time for a turn."""
    return HandleTurn(
        conversations=service.store.conversations,
        library=service.library,
        locks=service.locks,
        clock=service.clock,
        understand=service.understand,
        perform=service.handle_turn._perform,
        carry_out=service.carry_out,
        turn_seconds=seconds,
        ending_seconds=5.0,
    )


def test_a_part_gets_its_share_and_never_what_the_save_needs() -> None:
    clock = ManualClock()
    budget = Budget(clock, 40.0)
    assert (budget.share("acting"), budget.share("answering")) == (30.0, 5.0)
    clock.advance(36)
    assert budget.share("acting") == 2.0
    clock.advance(9)
    assert (budget.share("acting"), budget.left) == (0.0, -5.0)
    assert timedelta(seconds=budget.left) == timedelta(seconds=-5)


async def test_work_that_takes_too_long_is_a_value_and_its_own_time_out_is_not() -> None:
    assert await in_time(asyncio.sleep(0, "done"), 1.0) == "done"
    assert await in_time(asyncio.sleep(9), 0.01) == Unavailable("timeout")

    async def own() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await in_time(own(), 1.0)


async def test_a_turn_of_which_nothing_is_saved_in_time_is_given_up(service: Service) -> None:
    first = await service.say("帮助")
    in_a_hurry = hurried(service, 0.05)
    async with service.locks.hold(first.session_id, wait=0):
        under_way, course = TurnsUnderWay(), Course(Budget(service.clock))
        with pytest.raises(DeadlineExceeded):
            await under_way.outcome(asyncio.sleep(9), course, seconds=0.01)
        assert course.given_up
    async with in_a_hurry as open_one:
        assert open_one is in_a_hurry


async def test_a_turn_that_is_on_record_answers_with_it_and_goes_on(service: Service) -> None:
    await service.say("帮助")
    (record,) = await service.turns((await service.say("帮助")).session_id)
    under_way, course = TurnsUnderWay(), Course(Budget(service.clock))
    course.record, course.saving = record, True
    may_end = asyncio.Event()
    assert await under_way.outcome(may_end.wait(), course, seconds=0.01) is record
    await under_way.ended(within=0.01)
    may_end.set()
    await under_way.ended(within=5.0)


async def test_a_caller_that_leaves_stops_a_turn_until_its_saving_has_begun(service: Service) -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        await asyncio.sleep(0.05)
        ended.append(name)

    under_way = TurnsUnderWay()
    for name, saving in (("not saving", False), ("saving", True)):
        course = Course(Budget(service.clock))
        course.saving = saving
        caller = asyncio.create_task(under_way.outcome(work(name), course, seconds=5.0))
        await asyncio.sleep(0.01)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
    await under_way.ended(within=5.0)
    assert ended == ["saving"]


async def test_a_turn_given_up_calls_nothing_any_more(service: Service) -> None:
    course = Course(Budget(service.clock))
    course.given_up = True
    asked = await service.say("查余额")
    carry_out = CarryOut(
        conversations=service.store.conversations, perform=service.handle_turn._perform, clock=service.clock
    )
    service.handle_turn._carry_out = _WithCourse(carry_out, course)
    late = await service.say("查招商银行余额", asked.session_id)
    assert late.reply.status == "api_error"
    assert service.business.calls == []


class _WithCourse(CarryOut):
    """Carries out on a course of its own."""

    def __init__(self, inner: CarryOut, course: Course) -> None:
        self._inner = inner
        self._own = course

    async def __call__(self, turn: object, settled: Invocation | None = None, *, course: Course | None = None) -> Turn:
        return await self._inner(turn, settled, course=self._own)


async def test_a_save_that_takes_too_long_is_told(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(conversation: Conversation, *, turn: Turn, invocations: Sequence[Invocation] = ()) -> None:
        await asyncio.Event().wait()

    first = await service.say("帮助")
    monkeypatch.setattr(service.store.conversations, "save", never)
    service.carry_out._saving_seconds = 0.01
    with pytest.raises(DeadlineExceeded, match="saved in time"):
        await service.say("帮助", first.session_id)
