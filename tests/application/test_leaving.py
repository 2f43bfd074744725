"""A caller may leave: what was only thought about is stopped, what was begun in earnest is finished."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from application.progress import Progress, Stage
from domain.dialogue.invocation import Invocation, Succeeded
from domain.dialogue.state import Idle
from domain.names import MessageId
from tests.application.assembling import Service, Times, service_on

M1 = MessageId("m1")


class Gate:
    """Somewhere to be stopped at."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()

    async def __call__(self, *_: object) -> None:
        self.reached.set()
        await self.open.wait()


async def leave_at(service: Service, gate: Gate, text: str = "上海天气") -> None:
    """Say it, and leave when it has come to the gate."""
    saying = asyncio.create_task(service.say(text, message_id=M1))
    await gate.reached.wait()
    saying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saying


async def call_of(service: Service) -> Invocation:
    (call,) = service.business.calls
    stored = await service.store.invocations.get(call.key)
    assert stored is not None
    return stored


class TestBeforeAnythingIsSaved:
    @pytest.mark.parametrize("where", ["the extractor", "the recogniser", "the storage"])
    async def test_the_turn_is_stopped_and_nothing_has_happened(self, service: Service, where: str) -> None:
        gate = Gate()
        if where == "the extractor":
            service.extractor.meanwhile = gate
        elif where == "the recogniser":
            service.recogniser.meanwhile = gate
        else:
            service.storage.before_load = gate
        await leave_at(service, gate)
        service.extractor.meanwhile = service.recogniser.meanwhile = service.storage.before_load = None
        gate.open.set()
        fresh = await service.say("上海天气", message_id=M1)
        assert (fresh.repeated, fresh.turn) == (False, 1)
        assert len(service.business.calls) == 1

    async def test_so_it_is_while_a_question_is_answered(self, service: Service) -> None:
        gate = service.knowledge.meanwhile = Gate()
        await leave_at(service, gate, "行李能带多少")
        service.knowledge.meanwhile = None
        assert not (await service.say("行李能带多少", message_id=M1)).repeated


class TestAfterwards:
    async def test_a_turn_that_is_being_saved_is_finished(self, service: Service) -> None:
        gate = Gate()
        service.storage.before_saves = [gate]
        await leave_at(service, gate)
        gate.open.set()
        again = await service.say("上海天气", message_id=M1)
        assert (again.repeated, again.reply.text) == (True, "上海晴。")
        assert len(service.business.calls) == 1

    async def test_a_function_that_is_being_called_is_recorded(self, service: Service) -> None:
        gate = service.business.meanwhile = Gate()
        await leave_at(service, gate)
        gate.open.set()
        again = await service.say("上海天气", message_id=M1)
        assert (again.repeated, again.reply.status) == (True, "completed")
        assert isinstance((await call_of(service)).outcome, Succeeded)
        assert isinstance((await service.stored(again.session_id)).state, Idle)


class TestFailingAlone:
    @pytest.fixture
    async def reported(self) -> list[object]:
        """What the loop is told of."""
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        return told

    async def test_a_storage_that_fails_when_nobody_waits_any_more_is_no_surprise(
        self, service: Service, reported: list[object]
    ) -> None:
        gate = service.business.meanwhile = Gate()
        async with service.handle_turn:
            await leave_at(service, gate)
            await service.store.break_down()
            gate.open.set()
        gc.collect()
        assert reported == []

    async def test_a_fault_of_our_own_is_reported(self, service: Service, reported: list[object]) -> None:
        gate = service.business.meanwhile = Gate()
        service.business.outcomes["weather"] = fault = ZeroDivisionError()
        async with service.handle_turn:
            await leave_at(service, gate)
            gate.open.set()
        assert reported == [fault]


class TestTheEnd:
    async def test_the_end_of_the_service_waits_for_turns_whose_callers_have_left(self, service: Service) -> None:
        gate = service.business.meanwhile = Gate()
        async with service.handle_turn:
            await leave_at(service, gate)
            asyncio.get_running_loop().call_later(0.02, gate.open.set)
        assert (await call_of(service)).status == "succeeded"

    async def test_it_does_not_wait_for_ever_and_leaves_the_call_on_record(self, tmp_path: Path) -> None:
        async with service_on(tmp_path, times=Times(ending=0.02)) as service:
            gate = service.business.meanwhile = Gate()
            async with service.handle_turn:
                await leave_at(service, gate)
            assert (await call_of(service)).status == "pending"
            assert await service.store.invocations.unsettled() == (service.business.calls[0],)

    async def test_with_nothing_under_way_it_is_there_at_once(self, service: Service) -> None:
        async with service.handle_turn as handle_turn:
            assert handle_turn is service.handle_turn
            await service.say("帮助")


class Seen(Progress):
    """What was seen, in order."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def stage(self, name: Stage) -> None:
        self.seen.append(name)

    def piece(self, text: str) -> None:
        self.seen.append(f"“{text}”")


class TestProgress:
    @pytest.mark.parametrize(
        ("text", "stages"),
        [
            ("帮助", ["understanding", "saving"]),
            ("行李能带多少", ["understanding", "answering", "“免费”", "“托运。”", "saving"]),
            ("上海天气", ["understanding", "saving", "acting", "saving"]),
            ("上海天气，查招商银行余额", ["understanding", "saving", "acting", "saving", "acting", "saving"]),
        ],
    )
    async def test_every_step_is_seen_in_order(self, service: Service, text: str, stages: list[str]) -> None:
        service.knowledge.pieces = ("免费", "托运。")
        progress = Seen()
        await service.say(text, progress=progress)
        assert progress.seen == stages

    async def test_a_stored_reply_is_given_without_any(self, service: Service) -> None:
        await service.say("帮助", message_id=M1)
        progress = Seen()
        assert (await service.say("帮助", message_id=M1, progress=progress)).repeated
        assert progress.seen == []

    async def test_a_stage_is_seen_before_it_begins(self, service: Service) -> None:
        progress = Seen()
        seen: dict[str, list[str]] = {}

        def noting(name: str) -> Callable[..., Awaitable[None]]:
            async def note(*_: object) -> None:
                seen[name] = list(progress.seen)

            return note

        service.recogniser.meanwhile = noting("recogniser")
        service.business.meanwhile = noting("business")
        service.storage.before_saves = [noting("storage")]
        await service.say("上海天气", progress=progress)
        assert seen == {
            "recogniser": ["understanding"],
            "storage": ["understanding", "saving"],
            "business": ["understanding", "saving", "acting"],
        }
