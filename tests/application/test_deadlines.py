"""No turn takes longer than it may, whatever its parts do, and none is left half-done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from domain.dialogue.invocation import Invocation, NotDone, Succeeded, Unknown
from domain.dialogue.state import Acting, Idle
from domain.errors import ConversationBusy, ConversationConflict, DeadlineExceeded
from domain.names import ConversationId, MessageId
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from tests.application.assembling import Service, Times, service_on

M1 = MessageId("m1")
TURN = 0.3
LATEST = TURN + 0.5
ANSWER = KnowledgeAnswer("免费托运20公斤。", (Passage("baggage.md", "行李", "免费托运20公斤。", 0.9),))


async def hangs(*_: object) -> None:
    await asyncio.Event().wait()


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Service]:
    """A service whose turns have a third of a second."""
    async with service_on(tmp_path, times=Times(turn=TURN, running=True)) as service, service.handle_turn:
        yield service


@pytest.fixture(autouse=True)
async def in_time() -> AsyncIterator[None]:
    """Every test here ends soon, though many a part in it never would."""
    async with asyncio.timeout(5):
        yield


class Watch:
    """How long it took."""

    def __init__(self) -> None:
        self._time = asyncio.get_running_loop().time
        self._began = self._time()

    @property
    def seconds(self) -> float:
        return self._time() - self._began


async def only_call(service: Service) -> Invocation:
    """The one function call there was, as it is stored now."""
    (call,) = service.business.calls
    stored = await service.store.invocations.get(call.key)
    assert stored is not None
    return stored


async def settled(service: Service, session: ConversationId) -> None:
    """Return when nobody works on the conversation any more."""
    async with service.locks.hold(session, wait=2):
        pass


class TestUnderstanding:
    async def test_an_extractor_that_hangs_is_given_up_and_the_rest_is_used(self, hasty: Service) -> None:
        hasty.extractor.meanwhile = hangs
        reply = await hasty.say("上海天气")
        assert reply.reply.status == "completed"
        assert hasty.business.calls[0].arguments == {"city": "上海"}
        (turn,) = await hasty.turns(reply.session_id)
        assert turn.understanding.degraded == ("entities:timeout",)

    async def test_a_recogniser_that_hangs_is_given_up(self, hasty: Service) -> None:
        hasty.recogniser.meanwhile = hangs
        hasty.knowledge.answer = ANSWER
        reply = await hasty.say("上海天气")
        (turn,) = await hasty.turns(reply.session_id)
        assert turn.understanding.degraded == ("recogniser:timeout",)
        assert [entity.value for entity in turn.understanding.entities] == ["上海"]
        assert reply.reply.status == "ragflow_handled"

    async def test_both_at_once_leave_time_for_a_reply(self, hasty: Service) -> None:
        watch = Watch()
        hasty.extractor.meanwhile = hasty.recogniser.meanwhile = hasty.knowledge.meanwhile = hangs
        reply = await hasty.say("上海天气")
        assert reply.reply.status == "intent_not_found"
        assert watch.seconds < LATEST


class TestQuestions:
    async def test_a_knowledge_base_that_hangs_is_given_up(self, hasty: Service) -> None:
        hasty.knowledge.meanwhile = hangs
        hasty.knowledge.answer = ANSWER
        reply = await hasty.say("行李能带多少")
        assert reply.reply.status == "intent_not_found"
        assert [turn.reply for turn in await hasty.turns(reply.session_id)] == [reply.reply]

    async def test_it_is_asked_for_its_share_of_the_turn(self, service: Service) -> None:
        await service.say("行李能带多少")
        assert service.knowledge.given[0][3] == 5.0

    async def test_what_was_used_up_before_is_not_there_any_more(self, service: Service) -> None:
        async def takes_long() -> None:
            service.clock.advance(36)

        service.recogniser.meanwhile = takes_long
        await service.say("行李能带多少")
        assert service.knowledge.given[0][3] == 2.0


class TestFunctions:
    async def test_while_a_function_takes_too_long_the_reply_says_that_it_is_under_way(self, hasty: Service) -> None:
        watch, may_end = Watch(), asyncio.Event()
        hasty.business.meanwhile = lambda _: may_end.wait()
        reply = await hasty.say("上海天气", message_id=M1)
        assert (reply.reply.status, reply.repeated) == ("api_processing", False)
        assert TURN <= watch.seconds < LATEST
        assert (await only_call(hasty)).status == "pending"
        may_end.set()
        await settled(hasty, reply.session_id)
        assert isinstance((await only_call(hasty)).outcome, Succeeded)
        assert isinstance((await hasty.stored(reply.session_id)).state, Idle)
        again = await hasty.say("上海天气", reply.session_id, message_id=M1)
        assert (again.repeated, again.reply.text) == (True, "上海晴。")
        assert len(hasty.business.calls) == 1

    async def test_until_it_ends_the_conversation_is_busy(self, hasty: Service) -> None:
        may_end = asyncio.Event()
        hasty.business.meanwhile = lambda _: may_end.wait()
        reply = await hasty.say("上海天气")
        with pytest.raises(ConversationBusy):
            await hasty.say("帮助", reply.session_id)
        may_end.set()
        await settled(hasty, reply.session_id)
        assert (await hasty.say("帮助", reply.session_id)).turn == 2

    async def test_a_failure_that_comes_after_the_reply_is_recorded_too(self, hasty: Service) -> None:
        may_end = asyncio.Event()
        hasty.business.meanwhile = lambda _: may_end.wait()
        hasty.business.outcomes["weather"] = NotDone("status 503")
        reply = await hasty.say("上海天气")
        may_end.set()
        await settled(hasty, reply.session_id)
        (turn,) = await hasty.turns(reply.session_id)
        assert turn.reply.status == "api_error"


class TestSaving:
    async def test_what_is_not_saved_in_time_is_no_reply_and_nothing_is_called(self, hasty: Service) -> None:
        watch, may_end = Watch(), asyncio.Event()
        hasty.storage.before_saves = [may_end.wait]
        with pytest.raises(DeadlineExceeded):
            await hasty.say("上海天气", message_id=M1)
        assert watch.seconds < LATEST
        may_end.set()
        again = await hasty.say("上海天气", message_id=M1)
        assert (again.repeated, again.reply.status) == (True, "api_error")
        assert hasty.business.calls == []
        assert await hasty.store.invocations.unsettled() == ()
        assert isinstance((await hasty.stored(again.session_id)).state, Idle)

    async def test_a_turn_without_a_call_may_be_saved_after_its_caller_gave_up(self, hasty: Service) -> None:
        may_end = asyncio.Event()
        hasty.storage.before_saves = [may_end.wait]
        with pytest.raises(DeadlineExceeded):
            await hasty.say("帮助", message_id=M1)
        may_end.set()
        again = await hasty.say("帮助", message_id=M1)
        assert (again.turn, again.repeated, again.reply.status) == (1, True, "completed")

    async def test_a_turn_that_is_overtaken_after_its_caller_gave_up_does_not_begin_again(self, hasty: Service) -> None:
        first, may_end = await hasty.say("帮助"), asyncio.Event()

        async def overtaken() -> None:
            await may_end.wait()
            raise ConversationConflict("somebody else saved first")

        hasty.storage.before_saves = [overtaken]
        with pytest.raises(DeadlineExceeded):
            await hasty.say("帮助", first.session_id)
        may_end.set()
        await settled(hasty, first.session_id)
        assert len(await hasty.turns(first.session_id)) == 1

    async def test_while_an_outcome_cannot_be_saved_the_reply_says_that_the_call_is_under_way(
        self, hasty: Service
    ) -> None:
        watch, may_end = Watch(), asyncio.Event()
        hasty.storage.before_saves = [None, may_end.wait]
        reply = await hasty.say("上海天气")
        assert reply.reply.status == "api_processing"
        assert watch.seconds < LATEST
        assert (await only_call(hasty)).status == "pending"
        may_end.set()
        await settled(hasty, reply.session_id)
        assert (await only_call(hasty)).status == "succeeded"

    async def test_an_outcome_that_is_never_saved_stays_pending_and_is_settled_later(self, tmp_path: Path) -> None:
        async with service_on(tmp_path, times=Times(turn=0.25, saving=0.3, running=True)) as service:
            service.storage.before_saves = [None, hangs]
            reply = await service.say("上海天气")
            assert reply.reply.status == "api_processing"
            await settled(service, reply.session_id)
            assert (await only_call(service)).status == "pending"
            assert isinstance((await service.stored(reply.session_id)).state, Acting)
            assert await service.settle() == 1
            assert isinstance((await only_call(service)).outcome, Unknown)
            assert len(service.business.calls) == 1

    async def test_a_save_that_takes_longer_than_any_may_is_given_up(self, tmp_path: Path) -> None:
        async with service_on(tmp_path, times=Times(saving=0.02)) as service:
            service.storage.before_saves = [hangs]
            with pytest.raises(DeadlineExceeded, match="could not be saved"):
                await service.say("帮助", message_id=M1)
            assert not (await service.say("帮助", message_id=M1)).repeated

    async def test_a_storage_that_does_not_load_is_given_up(self, hasty: Service) -> None:
        first = await hasty.say("帮助")
        watch = Watch()
        hasty.storage.before_load = hangs
        with pytest.raises(DeadlineExceeded):
            await hasty.say("帮助", first.session_id)
        assert watch.seconds < LATEST
        hasty.storage.before_load = None
        assert (await hasty.say("帮助", first.session_id)).turn == 2


async def test_a_part_that_cannot_be_stopped_holds_nobody_up(hasty: Service) -> None:
    watch, may_end = Watch(), asyncio.Event()

    async def stubborn() -> None:
        while not may_end.is_set():
            with suppress(asyncio.CancelledError):
                await may_end.wait()

    hasty.recogniser.meanwhile = stubborn
    with pytest.raises(DeadlineExceeded):
        await hasty.say("帮助")
    assert watch.seconds < LATEST
    may_end.set()
