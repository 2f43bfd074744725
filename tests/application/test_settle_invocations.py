"""What a crash interrupted is finished."""

import asyncio
from pathlib import Path

import pytest

from domain.dialogue.invocation import Invocation, NotDone, Succeeded, Unknown
from domain.dialogue.state import Acting, Collecting, Idle
from domain.errors import PartUnavailable, RepositoryUnavailable
from domain.names import ConversationId, MessageId
from tests.application.assembling import Impatient, Killed, Service, assembled, service_on
from tests.doubles.small_catalogue import small_catalogue

IDEMPOTENT, ONCE_ONLY = "查招商银行余额", "上海天气"
M1 = MessageId("m1")


async def interrupted(
    service: Service, text: str, session: ConversationId | None = None, *, message: MessageId | None = None
) -> Invocation:
    """The call on record of a message in whose middle the process was killed."""
    outcomes = dict(service.business.outcomes)
    service.business.outcomes = {"weather": Killed(), "check_balance": Killed()}
    with pytest.raises(Killed):
        await service.say(text, session, message_id=message)
    service.business.outcomes = outcomes
    call = service.business.calls[-1]
    service.business.calls.clear()
    return call


async def restarted(service: Service) -> Service:
    """The next process on the same storage."""
    fresh = assembled(await service.store.replica())
    current = await fresh.store.catalogues.current()
    assert current is not None
    await fresh.library.adopt(current)
    return fresh


async def outcome_of(service: Service, call: Invocation) -> object:
    stored = await service.store.invocations.get(call.key)
    assert stored is not None
    return stored.outcome


async def test_where_nothing_was_interrupted_nothing_is_done(service: Service) -> None:
    await service.say(ONCE_ONLY)
    assert await service.settle() == 0


async def test_an_idempotent_function_is_called_again_under_its_key(service: Service) -> None:
    call = await interrupted(service, IDEMPOTENT)
    fresh = await restarted(service)
    assert await fresh.settle() == 1
    assert fresh.business.calls == [call]
    assert isinstance(await outcome_of(fresh, call), Succeeded)
    (turn,) = await fresh.turns(call.conversation)
    assert "余额100元。" in turn.reply.text
    assert turn.reply.status == "completed"
    assert isinstance((await fresh.stored(call.conversation)).state, Idle)


async def test_an_idempotent_function_may_fail_this_time(service: Service) -> None:
    call = await interrupted(service, IDEMPOTENT)
    service.business.outcomes["check_balance"] = NotDone("status 503")
    assert await service.settle() == 1
    assert await outcome_of(service, call) == NotDone("status 503")
    (turn,) = await service.turns(call.conversation)
    assert turn.reply.status == "api_error"


async def test_any_other_function_is_not_called_again_and_its_fate_is_unknown(service: Service) -> None:
    call = await interrupted(service, ONCE_ONLY)
    fresh = await restarted(service)
    assert await fresh.settle() == 1
    assert fresh.business.calls == []
    assert isinstance(await outcome_of(fresh, call), Unknown)
    (turn,) = await fresh.turns(call.conversation)
    assert turn.reply.status == "api_processing"
    assert isinstance((await fresh.stored(call.conversation)).state, Idle)


async def test_settling_again_does_nothing(service: Service) -> None:
    await interrupted(service, IDEMPOTENT)
    await interrupted(service, ONCE_ONLY)
    assert await service.settle() == 2
    assert await service.settle() == 0


async def test_the_turn_stays_the_one_it_was(service: Service) -> None:
    call = await interrupted(service, ONCE_ONLY, message=M1)
    (before,) = await service.turns(call.conversation)
    await service.settle()
    (after,) = await service.turns(call.conversation)
    assert (after.number, after.message_id, after.digest, after.text) == (1, M1, before.digest, before.text)
    assert (after.at, after.rule, after.understanding) == (before.at, before.rule, before.understanding)
    again = await service.say(ONCE_ONLY, message_id=M1)
    assert (again.repeated, again.reply) == (True, after.reply)


async def test_the_conversation_can_go_on_afterwards(service: Service) -> None:
    call = await interrupted(service, ONCE_ONLY)
    await service.settle()
    reply = await service.say(IDEMPOTENT, call.conversation)
    assert (reply.turn, reply.reply.status) == (2, "completed")


async def test_messages_that_came_in_between_are_not_lost(service: Service) -> None:
    call = await interrupted(service, ONCE_ONLY, message=M1)
    waiting = await service.say("好了吗", call.conversation, message_id=MessageId("m2"))
    assert waiting.turn == 2
    await service.settle()
    assert (await service.stored(call.conversation)).turns == 2
    after = await service.say("帮助", call.conversation, message_id=MessageId("m3"))
    assert after.turn == 3
    assert [turn.message_id for turn in await service.turns(call.conversation)] == ["m1", "m2", "m3"]


async def test_what_waited_behind_the_call_is_taken_up(service: Service) -> None:
    call = await interrupted(service, f"{ONCE_ONLY}，{IDEMPOTENT}")
    assert call.function == "weather"
    assert await service.settle() == 1
    (next_call,) = service.business.calls
    assert next_call.function == "check_balance"
    assert isinstance(await outcome_of(service, next_call), Succeeded)
    assert await service.store.invocations.unsettled() == ()


async def test_what_waited_behind_the_call_may_have_to_ask(service: Service) -> None:
    call = await interrupted(service, f"{ONCE_ONLY}，查余额")
    await service.settle()
    assert isinstance((await service.stored(call.conversation)).state, Collecting)


async def test_a_conversation_that_has_moved_on_is_left_as_it_is(service: Service) -> None:
    call = await interrupted(service, IDEMPOTENT)
    service.clock.advance(3600)
    await service.say("帮助", call.conversation)
    before = await service.stored(call.conversation)
    assert await service.settle() == 0
    assert service.business.calls == []
    assert await service.stored(call.conversation) == before
    assert await outcome_of(service, call) is None


async def test_a_conversation_that_acts_on_something_else_by_now_is_left_as_it_is(service: Service) -> None:
    first = await interrupted(service, IDEMPOTENT)
    service.clock.advance(3600)
    second = await interrupted(service, ONCE_ONLY, first.conversation)
    assert await service.settle() == 1
    assert await outcome_of(service, first) is None
    assert isinstance(await outcome_of(service, second), Unknown)


async def test_a_conversation_that_was_deleted_is_left_alone(service: Service) -> None:
    call = await interrupted(service, IDEMPOTENT)
    await service.store.conversations.delete(call.conversation)
    assert await service.settle() == 0
    assert service.business.calls == []


async def test_the_catalogue_of_the_conversation_counts_and_not_the_current_one(service: Service) -> None:
    call = await interrupted(service, IDEMPOTENT)
    await service.publish(small_catalogue(reprompts=9))
    fresh = await restarted(service)
    assert await fresh.settle() == 1
    (turn,) = await fresh.turns(call.conversation)
    assert turn.catalogue_version == 1


async def test_one_that_is_being_worked_on_is_left_to_whoever_does_and_the_others_are_settled(tmp_path: Path) -> None:
    async with service_on(tmp_path, locks=Impatient()) as service:
        busy, free = await interrupted(service, ONCE_ONLY), await interrupted(service, IDEMPOTENT)
        async with service.locks.hold(busy.conversation, wait=0):
            assert await service.settle() == 1
        assert isinstance(await outcome_of(service, free), Succeeded)
        assert isinstance((await service.stored(busy.conversation)).state, Acting)
        assert await service.settle() == 1


async def test_one_that_another_process_settles_at_the_same_time_is_settled_once(service: Service) -> None:
    call = await interrupted(service, IDEMPOTENT)
    other = await restarted(service)

    async def settles_too(_: Invocation) -> None:
        service.business.meanwhile = None
        await other.settle()

    service.business.meanwhile = settles_too
    assert await service.settle() == 0
    assert isinstance(await outcome_of(service, call), Succeeded)
    assert isinstance((await service.stored(call.conversation)).state, Idle)


async def test_a_message_waits_until_the_call_is_settled(service: Service) -> None:
    call = await interrupted(service, IDEMPOTENT)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def takes_time(_: Invocation) -> None:
        begun.set()
        await may_end.wait()

    service.business.meanwhile = takes_time
    settling = asyncio.create_task(service.settle())
    await begun.wait()
    saying = asyncio.create_task(service.say("帮助", call.conversation))
    await asyncio.sleep(0.01)
    assert not saying.done()
    may_end.set()
    assert await settling == 1
    assert (await saying).turn == 2


async def test_a_storage_that_does_not_answer_is_told(service: Service) -> None:
    await interrupted(service, IDEMPOTENT)
    await service.store.break_down()
    with pytest.raises(RepositoryUnavailable):
        await service.settle()


async def test_a_catalogue_that_cannot_be_learnt_is_told(service: Service) -> None:
    await interrupted(service, IDEMPOTENT)
    fresh = assembled(await service.store.replica())
    fresh.recogniser.refusal = PartUnavailable("recogniser", "no room")
    with pytest.raises(PartUnavailable):
        await fresh.settle()
