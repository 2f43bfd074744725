"""Whose messages are answered, how often, and in which order."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from domain.dialogue.conversation import RECENT_MESSAGES, RecentMessage
from domain.dialogue.invocation import Invocation
from domain.dialogue.state import Collecting
from domain.errors import (
    ConversationBusy,
    MessageConflict,
    SessionNotFound,
)
from domain.names import ConversationId, IntentName, MessageId
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from domain.values import Unavailable
from tests.application.assembling import STRANGER, USER, Service, Times, service_on
from tests.doubles.manual_clock import START

M1, M2 = MessageId("m1"), MessageId("m2")
ANSWER = KnowledgeAnswer("免费托运20公斤。", (Passage("baggage.md", "行李", "免费托运20公斤。", 0.9),))
CARD = "6222080012345675"


class TestSessions:
    async def test_a_first_message_opens_a_conversation(self, service: Service) -> None:
        reply = await service.say("订机票")
        assert (reply.turn, reply.repeated, reply.catalogue_version) == (1, False, 1)
        assert reply.reply.intent == "book_flight"
        conversation = await service.stored(reply.session_id)
        assert (conversation.user_id, conversation.turns, conversation.version) == (USER, 1, 1)
        assert (conversation.created_at, conversation.updated_at) == (START, START)
        assert (conversation.language, conversation.time_zone) == ("zh-CN", "Asia/Shanghai")
        assert isinstance(conversation.state, Collecting)

    async def test_every_first_message_opens_its_own(self, service: Service) -> None:
        replies = [await service.say("订机票") for _ in range(3)]
        assert len({reply.session_id for reply in replies}) == 3

    async def test_the_next_message_goes_on_where_the_last_one_ended(self, service: Service) -> None:
        first = await service.say("查余额")
        assert first.reply.asked_slot == "bank_name"
        second = await service.say("招商银行", first.session_id)
        assert (second.session_id, second.turn, second.reply.status) == (first.session_id, 2, "completed")
        assert [turn.text for turn in await service.turns(first.session_id)] == ["查余额", "招商银行"]
        assert service.recogniser.expected[1].slot == "bank_name"

    async def test_a_session_that_is_not_there_is_not_made(self, service: Service) -> None:
        with pytest.raises(SessionNotFound):
            await service.say("订机票", ConversationId("nowhere"))
        assert await service.store.conversations.load(ConversationId("nowhere")) is None

    async def test_another_users_session_is_not_there(self, service: Service) -> None:
        mine = await service.say("订机票")
        with pytest.raises(SessionNotFound):
            await service.say("北京", mine.session_id, user_id=STRANGER)
        assert (await service.stored(mine.session_id)).turns == 1

    async def test_a_turn_says_when_it_came_and_how_long_it_took(self, service: Service) -> None:
        async def takes_a_while(_: Invocation) -> None:
            service.clock.advance(1.5)

        service.business.meanwhile = takes_a_while
        reply = await service.say("上海天气")
        assert reply.processing_ms == 1500.0
        (turn,) = await service.turns(reply.session_id)
        assert (turn.at, turn.processing_ms) == (START, 1500.0)

    async def test_what_is_secret_is_stored_masked(self, service: Service) -> None:
        service.recogniser.script[f"查余额 {CARD}"] = "check_balance"
        reply = await service.say(f"查余额 {CARD}")
        assert service.business.calls[0].arguments == {"card": CARD}
        (turn,) = await service.turns(reply.session_id)
        assert CARD not in repr(turn)
        assert CARD not in repr(reply)
        assert "5675" in turn.text


class TestRepetition:
    async def test_a_message_that_comes_again_gets_the_stored_reply(self, service: Service) -> None:
        first = await service.say("上海天气", message_id=M1)
        again = await service.say("上海天气", first.session_id, message_id=M1)
        assert again == msgspec.structs.replace(first, repeated=True)
        assert len(service.business.calls) == 1
        assert (await service.stored(first.session_id)).turns == 1

    async def test_also_when_its_sender_does_not_know_the_session_yet(self, service: Service) -> None:
        first = await service.say("上海天气", message_id=M1)
        assert await service.say("上海天气", message_id=M1) == msgspec.structs.replace(first, repeated=True)
        other = await service.say("上海天气", message_id=M1, user_id=STRANGER)
        assert other.session_id != first.session_id
        assert not other.repeated

    async def test_also_when_other_messages_have_come_since(self, service: Service) -> None:
        first = await service.say("帮助", message_id=M1)
        second = await service.say("查余额", first.session_id, message_id=M2)
        await service.say("算了", first.session_id)
        assert (await service.say("帮助", first.session_id, message_id=M1)).reply == first.reply
        assert (await service.say("查余额", first.session_id, message_id=M2)).turn == second.turn

    async def test_also_when_it_is_longer_ago_than_the_conversation_remembers(self, service: Service) -> None:
        first = await service.say("帮助", message_id=M1)
        for number in range(RECENT_MESSAGES + 2):
            await service.say("帮助", first.session_id, message_id=f"later-{number}")
        recent = (await service.stored(first.session_id)).recent
        assert len(recent) == RECENT_MESSAGES
        assert M1 not in [message.message_id for message in recent]
        again = await service.say("帮助", first.session_id, message_id=M1)
        assert (again.turn, again.repeated) == (1, True)

    async def test_a_new_message_among_some_without_an_id_is_new(self, service: Service) -> None:
        first = await service.say("帮助")
        second = await service.say("帮助", first.session_id, message_id=M1)
        assert (second.turn, second.repeated) == (2, False)
        assert (await service.stored(first.session_id)).recent == (RecentMessage(M1, 2),)

    @pytest.mark.parametrize(
        "other",
        [{"text": "查余额"}, {"choice": IntentName("weather")}, {"time_zone": "Asia/Tokyo"}],
        ids=["text", "choice", "time zone"],
    )
    async def test_another_body_under_the_same_id_is_a_conflict(self, service: Service, other: dict[str, str]) -> None:
        first = await service.say("帮助", message_id=M1)
        with pytest.raises(MessageConflict):
            await service.say(**{"text": "帮助", "session": first.session_id, "message_id": M1, **other})
        assert (await service.stored(first.session_id)).turns == 1

    async def test_messages_without_an_id_are_never_repetitions(self, service: Service) -> None:
        first = await service.say("帮助")
        second = await service.say("帮助", first.session_id)
        assert (second.turn, second.repeated) == (2, False)


class TestOrder:
    async def test_messages_at_once_are_served_in_the_order_they_came(self, service: Service) -> None:
        first = await service.say("帮助")
        texts = [f"第{number}句" for number in range(8)]
        replies = await asyncio.gather(*(service.say(text, first.session_id) for text in texts))
        assert [reply.turn for reply in replies] == list(range(2, 10))
        assert [turn.text for turn in (await service.turns(first.session_id))[1:]] == texts

    async def test_the_same_message_twice_at_once_is_carried_out_once(self, service: Service) -> None:
        replies = await asyncio.gather(*(service.say("上海天气", message_id=M1) for _ in range(5)))
        assert [reply.repeated for reply in replies] == [False, True, True, True, True]
        assert len({reply.session_id for reply in replies}) == 1
        assert len(service.business.calls) == 1

    async def test_one_conversation_does_not_wait_for_another(self, service: Service) -> None:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def hangs(_: Invocation) -> None:
            begun.set()
            await may_end.wait()

        service.business.meanwhile = hangs
        slow = asyncio.create_task(service.say("上海天气"))
        await begun.wait()
        assert (await service.say("帮助")).turn == 1
        assert not slow.done()
        may_end.set()
        assert (await slow).reply.status == "completed"

    async def test_who_would_wait_too_long_is_told_so(self, tmp_path: Path) -> None:
        async with service_on(tmp_path, times=Times(turn=0.2)) as service:
            first = await service.say("帮助")
            async with service.locks.hold(first.session_id, wait=0):
                with pytest.raises(ConversationBusy):
                    await service.say("帮助", first.session_id)
            assert (await service.say("帮助", first.session_id)).turn == 2

    async def test_after_a_failure_the_conversation_is_free_again(self, service: Service) -> None:
        first = await service.say("帮助")
        service.recogniser.script["坏"] = Unavailable("broken")
        service.knowledge.answer = ZeroDivisionError()
        with pytest.raises(ZeroDivisionError):
            await service.say("坏", first.session_id)
        assert (await service.say("帮助", first.session_id)).turn == 2
