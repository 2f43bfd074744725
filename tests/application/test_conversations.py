"""Looking at a conversation, and removing it, at its user's wish."""

import asyncio

import pytest

from application.delete_conversation import DeleteConversation
from domain.errors import ConversationBusy, RepositoryUnavailable, SessionNotFound, TurnNotFound
from domain.names import ConversationId
from tests.application.assembling import STRANGER, USER, Impatient, Service

NOWHERE = ConversationId("nowhere")


def deletion(service: Service, locks: Impatient | None = None) -> DeleteConversation:
    return DeleteConversation(
        conversations=service.store.conversations, locks=locks or service.locks, read=service.read
    )


async def talk(service: Service, *texts: str) -> ConversationId:
    session = None
    for text in texts:
        session = (await service.say(text, session)).session_id
    assert session is not None
    return session


class TestReading:
    async def test_its_user_sees_a_conversation_as_it_is_stored(self, service: Service) -> None:
        session = await talk(service, "查余额")
        assert await service.read(session, USER) == await service.stored(session)

    @pytest.mark.parametrize(("session", "user"), [(NOWHERE, USER), (None, STRANGER)], ids=["absent", "another's"])
    async def test_nobody_else_sees_anything(self, service: Service, session: ConversationId | None, user: str) -> None:
        asked = session or await talk(service, "查余额")
        for look in (
            service.read(asked, user),
            service.read.turns(asked, user),
            service.read.turn(asked, user, 1),
            deletion(service)(asked, user),
        ):
            with pytest.raises(SessionNotFound):
                await look

    async def test_turns_come_oldest_first_page_by_page(self, service: Service) -> None:
        session = await talk(service, "查余额", "帮助", "招商银行", "再见")
        turns = await service.read.turns(session, USER)
        assert [turn.text for turn in turns] == ["查余额", "帮助", "招商银行", "再见"]
        assert await service.read.turns(session, USER, limit=2) == turns[:2]
        assert await service.read.turns(session, USER, after=2, limit=1) == turns[2:3]
        assert await service.read.turns(session, USER, after=4) == ()

    async def test_one_turn_has_the_evidence_behind_it(self, service: Service) -> None:
        session = await talk(service, "帮助", "上海天气")
        turn = await service.read.turn(session, USER, 2)
        assert (turn.number, turn.text) == (2, "上海天气")
        assert turn.understanding.evidence[0].detail.startswith("上海 [0:2]")

    @pytest.mark.parametrize("number", [3, 0, -1, -100, 10**9])
    async def test_a_turn_that_never_was_is_not_found(self, service: Service, number: int) -> None:
        session = await talk(service, "帮助", "上海天气")
        with pytest.raises(TurnNotFound, match=str(number)):
            await service.read.turn(session, USER, number)

    async def test_an_outage_is_not_an_absence(self, service: Service) -> None:
        session = await talk(service, "帮助")
        await service.store.break_down()
        with pytest.raises(RepositoryUnavailable):
            await service.read(session, USER)


class TestDeleting:
    async def test_a_deleted_conversation_is_gone_with_its_turns(self, service: Service) -> None:
        session, other = await talk(service, "查余额", "帮助"), await talk(service, "帮助")
        await deletion(service)(session, USER)
        with pytest.raises(SessionNotFound):
            await service.read(session, USER)
        assert await service.turns(session) == ()
        with pytest.raises(SessionNotFound):
            await service.say("帮助", session)
        assert len(await service.turns(other)) == 1

    async def test_deleting_again_finds_nothing(self, service: Service) -> None:
        session = await talk(service, "帮助")
        await deletion(service)(session, USER)
        with pytest.raises(SessionNotFound):
            await deletion(service)(session, USER)

    async def test_a_strangers_wish_changes_nothing(self, service: Service) -> None:
        session = await talk(service, "帮助")
        with pytest.raises(SessionNotFound):
            await deletion(service)(session, STRANGER)
        assert (await service.read(session, USER)).turns == 1

    async def test_it_waits_for_the_message_that_is_being_worked_on(self, service: Service) -> None:
        session = await talk(service, "帮助")
        async with service.locks.hold(session, wait=0):
            deleting = asyncio.create_task(deletion(service)(session, USER))
            await asyncio.sleep(0.01)
            assert not deleting.done()
            assert (await service.read(session, USER)).turns == 1
        await deleting
        with pytest.raises(SessionNotFound):
            await service.read(session, USER)

    async def test_a_conversation_that_stays_in_use_is_not_deleted(self, service: Service) -> None:
        session = await talk(service, "帮助")
        locks = Impatient()
        async with locks.hold(session, wait=0):
            with pytest.raises(ConversationBusy):
                await deletion(service, locks)(session, USER)
        assert (await service.read(session, USER)).turns == 1
