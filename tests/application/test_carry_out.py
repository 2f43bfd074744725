"""Save, call, save the outcome."""

from pathlib import Path

import pytest

from application.turn_in_progress import TurnInProgress
from domain.dialogue.event import Understood
from domain.dialogue.invocation import Invocation, NotDone, Refused, Succeeded, Unknown
from domain.dialogue.state import Acting, Collecting, Idle
from domain.dialogue.transition import Transition
from domain.errors import ConversationConflict, RepositoryUnavailable
from tests.application.assembling import Killed, Service, catalogue_with, service_on
from tests.doubles.hearing import entity, heard, segment
from tests.doubles.manual_clock import START

BALANCE = "查招商银行余额"
BOTH = f"上海天气，{BALANCE}"

FORECAST = {
    "title": "查预报",
    "examples": ["天气预报"],
    "slots": {"city": {"entity": "city", "required": True}},
    "function": "weather",
}


async def watched(service: Service) -> list[tuple[str, Invocation | None, object, int]]:
    """What is stored at the moment of each call: function, invocation, state, turns."""
    seen: list[tuple[str, Invocation | None, object, int]] = []

    async def look(call: Invocation) -> None:
        stored = await service.store.invocations.get(call.key)
        conversation = await service.stored(call.conversation)
        seen.append((call.function, stored, conversation.state, conversation.turns))

    service.business.meanwhile = look
    return seen


class TestOneCall:
    async def test_everything_is_saved_before_anything_is_called(self, service: Service) -> None:
        seen = await watched(service)
        reply = await service.say("上海天气")
        ((function, stored, state, turns),) = seen
        (call,) = service.business.calls
        assert (function, turns) == ("weather", 1)
        assert stored == call
        assert call.status == "pending"
        assert isinstance(state, Acting)
        assert state.key == call.key
        assert (call.conversation, call.turn, call.arguments) == (reply.session_id, 1, {"city": "上海"})

    async def test_the_outcome_is_saved_and_the_conversation_goes_on(self, service: Service) -> None:
        reply = await service.say("上海天气")
        (call,) = service.business.calls
        stored = await service.store.invocations.get(call.key)
        assert stored is not None
        assert isinstance(stored.outcome, Succeeded)
        assert await service.store.invocations.unsettled() == ()
        conversation = await service.stored(reply.session_id)
        assert isinstance(conversation.state, Idle)
        assert (conversation.turns, conversation.version) == (1, 2)
        (turn,) = await service.turns(reply.session_id)
        assert turn.reply == reply.reply
        assert reply.reply.text == "上海晴。"

    @pytest.mark.parametrize(
        ("outcome", "status", "stored"),
        [
            (Succeeded({"summary": "雨"}), "completed", "succeeded"),
            (Refused("没有这个城市"), "api_error", "refused"),
            (NotDone("status 503"), "api_error", "not_done"),
            (Unknown("timeout"), "api_processing", "unknown"),
        ],
        ids=str,
    )
    async def test_every_outcome_is_told_and_kept(
        self, service: Service, outcome: Succeeded | Refused | NotDone | Unknown, status: str, stored: str
    ) -> None:
        service.business.outcomes["weather"] = outcome
        reply = await service.say("上海天气")
        assert reply.reply.status == status
        assert reply.reply.text
        (call,) = service.business.calls
        kept = await service.store.invocations.get(call.key)
        assert kept is not None
        assert (kept.status, kept.outcome) == (stored, outcome)

    async def test_a_refusal_is_told_in_the_words_of_the_api(self, service: Service) -> None:
        service.business.outcomes["weather"] = Refused("没有这个城市")
        assert "没有这个城市" in (await service.say("上海天气")).reply.text

    async def test_a_turn_without_a_call_is_saved_once(self, service: Service) -> None:
        reply = await service.say("查余额")
        assert (await service.stored(reply.session_id)).version == 1
        assert service.business.calls == []

    async def test_calls_of_different_turns_have_different_keys(self, service: Service) -> None:
        first = await service.say("上海天气")
        await service.say("上海天气", first.session_id)
        keys = {call.key for call in service.business.calls}
        assert len(keys) == 2

    async def test_who_is_killed_in_the_middle_leaves_the_call_on_record(self, service: Service) -> None:
        service.business.outcomes["weather"] = Killed()
        with pytest.raises(Killed):
            await service.say("上海天气")
        (left,) = await service.store.invocations.unsettled()
        assert left == service.business.calls[0]
        assert isinstance((await service.stored(left.conversation)).state, Acting)

    async def test_a_storage_that_fails_after_the_call_leaves_the_call_on_record(self, service: Service) -> None:
        async def break_down(_: Invocation) -> None:
            await service.store.break_down()

        service.business.meanwhile = break_down
        service.carry_out._pauses = (0.0, 0.0)
        assert (await service.say("上海天气")).reply.status == "api_processing"
        assert len(service.business.calls) == 1
        with pytest.raises(RepositoryUnavailable):
            await service.store.invocations.unsettled()


class TestSeveralCalls:
    async def test_two_functions_of_one_message_are_called_in_the_order_said(self, service: Service) -> None:
        seen = await watched(service)
        reply = await service.say(BOTH)
        assert [call.function for call in service.business.calls] == ["weather", "check_balance"]
        assert [stored.status for _, stored, _, _ in seen if stored is not None] == ["pending", "pending"]
        assert [type(state) for _, _, state, _ in seen] == [Acting, Acting]
        for call in service.business.calls:
            stored = await service.store.invocations.get(call.key)
            assert stored is not None
            assert stored.status == "succeeded"
        assert await service.store.invocations.unsettled() == ()
        assert "上海晴。" in reply.reply.text
        assert "余额100元。" in reply.reply.text

    async def test_they_are_one_turn(self, service: Service) -> None:
        reply = await service.say(BOTH)
        (turn,) = await service.turns(reply.session_id)
        assert turn.reply == reply.reply
        conversation = await service.stored(reply.session_id)
        assert (conversation.turns, conversation.version) == (1, 3)
        assert isinstance(conversation.state, Idle)

    async def test_the_second_is_called_although_the_first_one_failed(self, service: Service) -> None:
        service.business.outcomes["weather"] = NotDone("status 503")
        reply = await service.say(BOTH)
        assert [call.function for call in service.business.calls] == ["weather", "check_balance"]
        assert "余额100元。" in reply.reply.text

    async def test_the_second_may_have_to_ask_first(self, service: Service) -> None:
        reply = await service.say("上海天气，查余额")
        assert [call.function for call in service.business.calls] == ["weather"]
        state = (await service.stored(reply.session_id)).state
        assert isinstance(state, Collecting)
        assert reply.reply.asked_slot == "bank_name"

    async def test_the_same_call_for_two_intents_of_one_message_is_made_once(self, tmp_path: Path) -> None:
        async with service_on(tmp_path, catalogue=catalogue_with(forecast=FORECAST)) as service:
            reply = await service.say(f"上海天气，上海预报，{BALANCE}")
            assert [call.function for call in service.business.calls] == ["weather", "check_balance"]
            assert isinstance((await service.stored(reply.session_id)).state, Idle)
            assert reply.reply.text.count("上海晴。") == 2
            assert "余额100元。" in reply.reply.text
            assert await service.store.invocations.unsettled() == ()

    async def test_also_when_another_call_was_made_in_between(self, tmp_path: Path) -> None:
        async with service_on(tmp_path, catalogue=catalogue_with(forecast=FORECAST)) as service:
            reply = await service.say(f"上海天气，{BALANCE}，上海预报")
            assert [call.function for call in service.business.calls] == ["weather", "check_balance"]
            assert reply.reply.text.count("上海晴。") == 2
            for call in service.business.calls:
                stored = await service.store.invocations.get(call.key)
                assert stored is not None
                assert stored.status == "succeeded"

    async def test_the_same_function_for_two_places_is_called_twice(self, tmp_path: Path) -> None:
        async with service_on(tmp_path, catalogue=catalogue_with(forecast=FORECAST)) as service:
            service.recogniser.script["北京预报"] = "forecast"
            await service.say("上海天气，北京预报")
            assert [call.arguments for call in service.business.calls] == [{"city": "上海"}, {"city": "北京"}]


class TestConflicts:
    async def stale(self, service: Service, text: str) -> TurnInProgress:
        """A turn made from a conversation that somebody else has saved since."""
        first = await service.say("帮助")
        conversation = await service.stored(first.session_id)
        await service.say("帮助", first.session_id)
        shanghai = segment(text, "weather", entity("上海", "city"))
        turn = TurnInProgress(
            conversation=conversation,
            published=service.library.current(),
            number=2,
            message_id=None,
            digest="d",
            text=text,
            arrived=START,
            now=START,
            heard=heard(text, shanghai),
            made=Transition(conversation.state),
        )
        return turn.after(Understood(turn.heard, turn.origin))

    async def test_who_comes_too_late_calls_nothing(self, service: Service) -> None:
        turn = await self.stale(service, "上海天气")
        with pytest.raises(ConversationConflict):
            await service.carry_out(turn)
        assert service.business.calls == []
        assert await service.store.invocations.unsettled() == ()
        assert [stored.text for stored in await service.turns(turn.conversation.id)] == ["帮助", "帮助"]

    async def test_a_conversation_that_is_deleted_during_the_call_leaves_the_call_on_record(
        self, service: Service
    ) -> None:
        async def moves_on(call: Invocation) -> None:
            await service.store.conversations.delete(call.conversation)

        service.business.meanwhile = moves_on
        assert (await service.say("上海天气")).reply.status == "api_processing"
        assert [call.function for call in await service.store.invocations.unsettled()] == ["weather"]


class TestTurnInProgress:
    async def test_its_origin_names_conversation_and_turn(self, service: Service) -> None:
        turn = await TestConflicts().stale(service, "上海天气")
        assert turn.origin == f"{turn.conversation.id}/2"

    async def test_a_stored_turn_says_what_was_understood_and_why(self, service: Service) -> None:
        reply = await service.say("上海天气")
        (turn,) = await service.turns(reply.session_id)
        assert turn.rule == "request"
        assert [e.value for e in turn.understanding.entities] == ["上海"]
        assert turn.understanding.evidence[0].stage == "entity"
        assert turn.at == START
        assert turn.processing_ms == 0.0
