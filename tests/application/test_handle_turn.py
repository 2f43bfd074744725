"""What becomes of a message: time, catalogues, choices, questions, storage."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from domain.dialogue.state import Acting, Closed, Collecting, HandedOff, Idle
from domain.errors import (
    InvalidRequest,
    PartUnavailable,
    RepositoryUnavailable,
)
from domain.names import IntentName, MessageId
from domain.ports.knowledge_base import KnowledgeAnswer, Passage
from domain.values import Unavailable
from tests.application.assembling import STRANGER, Killed, Service, assembled
from tests.contracts.stores import opened
from tests.doubles.manual_clock import START
from tests.doubles.small_catalogue import small_catalogue

M1, M2 = MessageId("m1"), MessageId("m2")
ANSWER = KnowledgeAnswer("免费托运20公斤。", (Passage("baggage.md", "行李", "免费托运20公斤。", 0.9),))
CARD = "6222080012345675"


class TestExpiry:
    async def test_after_a_long_silence_a_message_starts_afresh_and_says_so(self, service: Service) -> None:
        first = await service.say("查余额")
        service.clock.advance(30 * 60 + 1)
        second = await service.say("你好吗", first.session_id)
        assert (second.session_id, second.turn, second.reply.status) == (first.session_id, 2, "expired")
        conversation = await service.stored(first.session_id)
        assert isinstance(conversation.state, Idle)
        assert service.recogniser.expected[-1].slot is None

    async def test_a_request_after_a_long_silence_is_served(self, service: Service) -> None:
        first = await service.say("查余额")
        service.clock.advance(3600)
        second = await service.say("上海天气", first.session_id)
        assert second.reply.status == "completed"
        assert second.reply.text.count("\n") == 1
        assert second.reply.suspended_intents == ()

    async def test_a_silence_just_short_enough_changes_nothing(self, service: Service) -> None:
        first = await service.say("查余额")
        service.clock.advance(30 * 60)
        assert (await service.say("招商银行", first.session_id)).reply.status == "completed"

    async def test_with_a_person_too(self, service: Service) -> None:
        first = await service.say("人工")
        assert isinstance((await service.stored(first.session_id)).state, HandedOff)
        service.clock.advance(3600)
        assert (await service.say("上海天气", first.session_id)).reply.status == "completed"

    async def test_after_a_goodbye_a_message_starts_afresh_without_a_word_of_it(self, service: Service) -> None:
        first = await service.say("再见")
        assert isinstance((await service.stored(first.session_id)).state, Closed)
        service.clock.advance(3600)
        second = await service.say("查余额", first.session_id)
        assert (second.turn, second.reply.status, second.reply.asked_slot) == (2, "incomplete", "bank_name")

    async def test_the_silence_counts_from_the_last_answer(self, service: Service) -> None:
        first = await service.say("查余额")
        for _ in range(3):
            service.clock.advance(29 * 60)
            assert (await service.say("帮助", first.session_id)).reply.status == "interruption_handled"

    async def test_a_fresh_start_takes_the_current_catalogue_and_its_language(self, service: Service) -> None:
        first = await service.say("查余额")
        changed = msgspec.structs.replace(small_catalogue(reprompts=9), language="zh-TW")
        await service.publish(changed)
        service.clock.advance(3600)
        second = await service.say("帮助", first.session_id)
        assert second.catalogue_version == 2
        assert (await service.stored(first.session_id)).language == "zh-TW"


class TestCatalogueVersions:
    async def test_a_conversation_keeps_the_catalogue_it_began_with(self, service: Service) -> None:
        first = await service.say("查余额")
        await service.publish(small_catalogue(reprompts=9))
        assert (await service.say("帮助", first.session_id)).catalogue_version == 1
        assert (await service.say("帮助")).catalogue_version == 2

    async def test_it_is_read_again_by_a_service_that_has_not_seen_it_yet(self, service: Service) -> None:
        first = await service.say("查余额")
        await service.publish(small_catalogue(reprompts=9))
        other = assembled(await service.store.replica())
        current = await service.store.catalogues.current()
        assert current is not None
        await other.library.adopt(current)
        assert (await other.say("招商银行", first.session_id)).catalogue_version == 1
        assert other.recogniser.learnt == [2, 1]

    async def test_before_anything_is_published_nothing_is_served(self, tmp_path: Path) -> None:
        async with opened("sqlite", tmp_path) as store:
            with pytest.raises(PartUnavailable, match="no catalogue is published yet"):
                await assembled(store).say("帮助")


class TestTimeZones:
    async def test_the_users_zone_is_kept_with_the_conversation(self, service: Service) -> None:
        first = await service.say("帮助", time_zone="America/New_York")
        await service.say("帮助", first.session_id)
        zones = [str(given[3].tzinfo) for given in service.extractor.given]
        assert zones == ["America/New_York"] * 2
        assert service.extractor.given[0][3] == START

    async def test_a_message_may_name_another(self, service: Service) -> None:
        first = await service.say("帮助")
        await service.say("帮助", first.session_id, time_zone="Asia/Tokyo")
        await service.say("帮助", first.session_id)
        zones = [str(given[3].tzinfo) for given in service.extractor.given]
        assert zones == ["Asia/Shanghai", "Asia/Tokyo", "Asia/Shanghai"]

    @pytest.mark.parametrize(
        "zone", ["Nowhere/Land", "../../etc/passwd", "/etc/localtime", "Asia", "\x00", "\ud800", "x" * 5000, "北京"]
    )
    async def test_an_unknown_zone_is_refused_and_nothing_is_stored(self, service: Service, zone: str) -> None:
        with pytest.raises(InvalidRequest):
            await service.say("帮助", time_zone=zone, message_id=M1)
        assert not (await service.say("帮助", message_id=M1)).repeated


class TestChoices:
    async def test_a_choice_answers_the_offer(self, service: Service) -> None:
        offered = await service.say("买票")
        assert offered.reply.status == "ambiguous"
        chosen = await service.say("", offered.session_id, choice=IntentName("book_movie"))
        assert (chosen.reply.intent, chosen.reply.asked_slot) == ("book_movie", "movie_name")
        assert chosen.reply.message_type == "choice"
        assert service.recogniser.heard == ["买票"]

    async def test_a_spoken_choice_does_the_same(self, service: Service) -> None:
        offered = await service.say("买票")
        assert (await service.say("第一个", offered.session_id)).reply.intent == "book_flight"

    async def test_a_choice_that_is_not_on_offer_changes_nothing(self, service: Service) -> None:
        offered = await service.say("买票")
        before = (await service.stored(offered.session_id)).state
        for name in ("weather", "no_such_intent"):
            await service.say("", offered.session_id, choice=IntentName(name))
            assert (await service.stored(offered.session_id)).state == before

    async def test_a_choice_without_an_offer_changes_nothing(self, service: Service) -> None:
        reply = await service.say("", choice=IntentName("weather"))
        assert isinstance((await service.stored(reply.session_id)).state, Idle)
        assert service.business.calls == []


class TestQuestions:
    async def test_what_no_intent_covers_is_asked_of_the_knowledge_base(self, service: Service) -> None:
        service.knowledge.answer = ANSWER
        reply = await service.say("行李能带多少")
        assert (reply.reply.status, reply.reply.tier) == ("ragflow_handled", "knowledge")
        assert reply.reply.text == "免费托运20公斤。"
        assert reply.reply.sources == ANSWER.passages
        ((question, conversation, language, deadline),) = service.knowledge.given
        assert (question, conversation, language) == ("行李能带多少", reply.session_id, "zh-CN")
        assert 0 < deadline <= 30

    @pytest.mark.parametrize("answer", [None, Unavailable("timeout")], ids=["no answer", "an outage"])
    async def test_without_an_answer_it_says_what_it_can_do(self, service: Service, answer: Unavailable | None) -> None:
        service.knowledge.answer = answer
        reply = await service.say("行李能带多少")
        assert reply.reply.status == "intent_not_found"
        assert reply.reply.sources == ()
        assert reply.reply.text

    async def test_a_question_in_between_is_answered_and_the_open_one_asked_again(self, service: Service) -> None:
        first = await service.say("查余额")
        before = (await service.stored(first.session_id)).state
        service.knowledge.answer = ANSWER
        second = await service.say("行李能带多少", first.session_id)
        assert second.reply.status == "interruption_handled"
        assert second.reply.text.startswith("免费托运20公斤。\n")
        assert second.reply.asked_slot == "bank_name"
        assert (await service.stored(first.session_id)).state == before

    async def test_what_is_understood_is_not_asked_of_it(self, service: Service) -> None:
        await service.say("上海天气")
        assert service.knowledge.given == []


class TestStorage:
    async def test_nothing_is_answered_that_is_not_saved(self, service: Service) -> None:
        first = await service.say("帮助")
        await service.store.break_down()
        for session in (None, first.session_id):
            with pytest.raises(RepositoryUnavailable):
                await service.say("上海天气", session)
        assert service.business.calls == []

    async def test_a_message_in_the_middle_of_an_interrupted_call_is_answered(self, service: Service) -> None:
        service.business.outcomes["weather"] = Killed()
        with pytest.raises(Killed):
            await service.say("上海天气", message_id=M1)
        service.business.outcomes.clear()
        again = await service.say("上海天气", message_id=M1)
        assert (again.repeated, again.reply.status) == (True, "api_processing")
        assert isinstance((await service.stored(again.session_id)).state, Acting)
        waiting = await service.say("好了吗", again.session_id)
        assert (waiting.turn, waiting.reply.status) == (2, "api_processing")
        assert waiting.reply.text
        assert len(service.business.calls) == 1

    async def test_conversations_do_not_see_each_other(self, service: Service) -> None:
        mine, theirs = await service.say("查余额"), await service.say("查余额", user_id=STRANGER)
        await service.say("招商银行", mine.session_id)
        assert isinstance((await service.stored(theirs.session_id)).state, Collecting)
        assert (await service.stored(mine.session_id)).updated_at - START == timedelta(0)
