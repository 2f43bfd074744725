"""Another process saves the conversation in the middle of a turn."""

from collections.abc import Awaitable, Callable

import pytest

from application.handle_turn import TRIES
from application.progress import Progress, Stage
from domain.dialogue.invocation import Invocation, Succeeded, Unknown
from domain.dialogue.state import Idle
from domain.errors import ConversationConflict, RepositoryUnavailable
from domain.names import ConversationId, MessageId
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from tests.application.assembling import Service, assembled

M1 = MessageId("m1")
ANSWER = KnowledgeAnswer("可以", (Passage("a.md", "", "可以", 1.0),))


class Watcher(Progress):
    """Notes what it sees."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def stage(self, name: Stage) -> None:
        self.seen.append(name)

    def piece(self, text: str) -> None:
        self.seen.append(text)


async def other_process(service: Service) -> Service:
    """One with locks of its own, on the same storage."""
    other = assembled(await service.store.replica())
    current = await other.store.catalogues.current()
    assert current is not None
    await other.library.adopt(current)
    return other


def so_often(times: int, work: Callable[[], Awaitable[object]]) -> Callable[..., Awaitable[None]]:
    left = [None] * times

    async def again(*_: object) -> None:
        if left:
            left.pop()
            await work()

    return again


async def texts(service: Service, session: ConversationId) -> list[str]:
    return [turn.text for turn in await service.turns(session)]


class TestBeforeAnythingIsSaved:
    async def test_the_turn_begins_again_behind_the_other_one(self, service: Service) -> None:
        session = (await service.say("帮助")).session_id
        other = await other_process(service)
        service.recogniser.meanwhile = so_often(1, lambda: other.say("查余额", session))
        reply = await service.say("招商银行", session)
        assert (reply.turn, reply.reply.status) == (3, "completed")
        assert await texts(service, session) == ["帮助", "查余额", "招商银行"]
        assert [call.turn for call in service.business.calls] == [3]

    async def test_a_message_that_the_other_process_has_answered_gets_that_answer(self, service: Service) -> None:
        session = (await service.say("帮助")).session_id
        other = await other_process(service)
        service.recogniser.meanwhile = so_often(1, lambda: other.say("上海天气", session, message_id=M1))
        reply = await service.say("上海天气", session, message_id=M1)
        assert (reply.turn, reply.repeated, reply.reply.text) == (2, True, "上海晴。")
        assert len(service.business.calls) + len(other.business.calls) == 1

    async def test_so_does_one_that_opens_a_conversation(self, service: Service) -> None:
        other = await other_process(service)
        service.recogniser.meanwhile = so_often(1, lambda: other.say("帮助", message_id=M1))
        reply = await service.say("帮助", message_id=M1)
        assert (reply.turn, reply.repeated) == (1, True)

    async def test_whoever_is_overtaken_again_and_again_is_told_and_nothing_is_called(self, service: Service) -> None:
        session = (await service.say("帮助")).session_id
        other = await other_process(service)
        service.recogniser.meanwhile = so_often(TRIES, lambda: other.say("帮助", session))
        with pytest.raises(ConversationConflict):
            await service.say("上海天气", session)
        assert service.business.calls == []
        assert await texts(service, session) == ["帮助"] * (TRIES + 1)

    async def test_what_was_seen_of_the_turn_is_not_shown_twice(self, service: Service) -> None:
        session = (await service.say("帮助")).session_id
        other = await other_process(service)
        service.knowledge.answer, service.knowledge.pieces = ANSWER, ("可", "以")
        service.knowledge.meanwhile = so_often(1, lambda: other.say("帮助", session))
        watcher = Watcher()
        reply = await service.say("能带猫吗", session, progress=watcher)
        assert "可以" in reply.reply.text
        assert len(service.knowledge.given) == 2
        assert watcher.seen == ["understanding", "answering", "可", "以", "saving"]


class TestDuringACall:
    async def test_the_outcome_is_saved_on_top_of_what_was_said_meanwhile(self, service: Service) -> None:
        session = (await service.say("帮助")).session_id
        other = await other_process(service)
        service.business.meanwhile = so_often(1, lambda: other.say("好了吗", session))
        reply = await service.say("上海天气", session, message_id=M1)
        assert (reply.turn, reply.reply.text) == (2, "上海晴。")
        assert await texts(service, session) == ["帮助", "上海天气", "好了吗"]
        conversation = await service.stored(session)
        assert isinstance(conversation.state, Idle)
        assert (conversation.turns, [message.message_id for message in conversation.recent]) == (3, [M1])
        (call,) = service.business.calls
        kept = await service.store.invocations.get(call.key)
        assert kept is not None
        assert isinstance(kept.outcome, Succeeded)
        assert (await service.say("帮助", session)).turn == 4

    async def test_so_is_that_of_the_second_call_of_a_turn(self, service: Service) -> None:
        session = (await service.say("帮助")).session_id
        other = await other_process(service)
        service.business.meanwhile = so_often(2, lambda: other.say("好了吗", session))
        reply = await service.say("上海天气，查招商银行余额", session)
        assert "上海晴。" in reply.reply.text
        assert "余额100元。" in reply.reply.text
        assert [call.function for call in service.business.calls] == ["weather", "check_balance"]
        assert await service.store.invocations.unsettled() == ()
        assert (await service.stored(session)).turns == 4

    async def test_the_outcome_is_left_to_whoever_has_settled_the_call(self, service: Service) -> None:
        session = (await service.say("帮助")).session_id
        other = await other_process(service)
        service.business.meanwhile = so_often(1, other.settle)
        reply = await service.say("上海天气", session)
        assert reply.reply.status == "api_processing"
        (call,) = service.business.calls
        kept = await service.store.invocations.get(call.key)
        assert kept is not None
        assert isinstance(kept.outcome, Unknown)
        assert isinstance((await service.stored(session)).state, Idle)


class TestAStorageThatFailsForAMoment:
    async def test_what_came_of_a_call_is_saved_when_it_is_back(self, service: Service) -> None:
        outage = so_often(3, self._fail)
        service.carry_out._pauses = (0.0,) * 4
        service.storage.before_saves = [None, *(outage,) * 3]
        reply = await service.say("上海天气")
        assert reply.reply.text == "上海晴。"
        assert len(service.business.calls) == 1
        assert await service.store.invocations.unsettled() == ()

    async def test_also_when_it_cannot_be_read_either(self, service: Service) -> None:
        async def break_down(_: Invocation) -> None:
            service.storage.before_saves = [self._fail]
            service.storage.before_load = so_often(1, self._fail)

        service.carry_out._pauses = (0.0,) * 2
        service.business.meanwhile = break_down
        assert (await service.say("上海天气")).reply.text == "上海晴。"

    @staticmethod
    async def _fail() -> None:
        raise RepositoryUnavailable("a moment")
