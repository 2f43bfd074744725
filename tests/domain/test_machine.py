"""What the machine does, behaviour by behaviour."""

import msgspec
import pytest

from domain.dialogue.composing import compose
from domain.dialogue.effect import Answer, Ask, HandOff, Invoke, Say
from domain.dialogue.event import ActionFailed, ActionSucceeded, Answered, Chosen, Elapsed, Event, Understood
from domain.dialogue.machine import advance, then
from domain.dialogue.state import (
    Acting,
    Agenda,
    Choosing,
    Closed,
    Collecting,
    Confirming,
    Frame,
    HandedOff,
    Idle,
    State,
)  # fmt: skip
from domain.dialogue.transition import Transition
from domain.dialogue.understanding import Candidate, Segment, Understanding
from domain.names import IntentName, InvocationKey, SlotName
from tests.doubles.hearing import entity, heard, segment
from tests.doubles.small_catalogue import NOW, small_catalogue

CATALOGUE = small_catalogue()
TOMORROW = "2026-11-24"


def hear(state: State, understanding: Understanding) -> Transition:
    return advance(state, Understood(understanding, "c/1"), catalogue=CATALOGUE, now=NOW)


def happens(state: State, event: Event) -> Transition:
    return advance(state, event, catalogue=CATALOGUE, now=NOW)


def says(transition: Transition, understanding: Understanding | None = None) -> str:
    return compose(transition, heard=understanding or heard(""), answer=None, catalogue=CATALOGUE, turn=0).text


def flight(*entities: object) -> Transition:
    return hear(Idle(), heard("订机票", segment("订机票", "book_flight", *entities)))


FULL = (
    entity("明天", "date", TOMORROW),
    entity("北京", "city", at=3, role="departure_city"),
    entity("上海", "city", at=6, role="arrival_city"),
)


def confirming() -> Confirming:
    state = flight(*FULL).state
    assert isinstance(state, Confirming)
    return state


def collecting(*entities: object) -> Collecting:
    state = flight(*entities).state
    assert isinstance(state, Collecting)
    return state


def acting() -> Acting:
    state = hear(confirming(), heard("确认", cues=("affirm",), tier="context")).state
    assert isinstance(state, Acting)
    return state


def values(state: State) -> dict[str, object]:
    assert isinstance(state, Collecting | Confirming | Acting)
    return {name: value.value for name, value in state.frame.slots.items()}


class TestSlotFilling:
    def test_a_bare_request_asks_for_the_first_missing_slot(self) -> None:
        made = flight()
        assert isinstance(made.state, Collecting)
        assert made.state.asked == "departure_city"
        assert made.status == "incomplete"
        assert "出发城市" in says(made)

    def test_a_bare_answer_fills_the_asked_slot_and_the_next_is_asked_with_suggestions(self) -> None:
        made = hear(collecting(), heard("北京", segment("北京", None, entity("北京", "city")), tier="context"))
        assert values(made.state)["departure_city"] == "北京"
        assert "上海、广州" in says(made)

    def test_a_complete_request_is_shown_for_confirmation(self) -> None:
        made = flight(*FULL)
        assert isinstance(made.state, Confirming)
        text = says(made)
        assert "出发城市：北京" in text
        assert "2026年11月24日（周二）" in text

    def test_a_value_that_fails_its_check_is_explained_asked_again_and_the_others_are_kept(self) -> None:
        made = flight(entity("北京", "city", role="departure_city"), entity("北京", "city", at=3, role="arrival_city"))
        assert made.status == "validation_error"
        assert isinstance(made.state, Collecting)
        assert made.state.asked == "arrival_city"
        assert values(made.state)["departure_city"] == "北京"
        assert says(made).count("请问到达城市") == 1

    def test_a_past_date_is_explained(self) -> None:
        assert "已经过去了" in says(flight(entity("昨天", "date", "2026-11-22")))

    def test_a_date_too_far_ahead_is_explained_with_the_limit(self) -> None:
        assert "365天" in says(flight(entity("后年", "date", "2028-11-22")))

    def test_a_number_out_of_range_is_explained_with_the_range(self) -> None:
        assert "1到9之间" in says(flight(entity("99", "number", 99, role="passenger_count")))

    def test_a_word_that_is_no_city_is_explained(self) -> None:
        made = flight(entity("火星", "city", role="departure_city", valid=False))
        assert "没有找到“火星”" in says(made)
        assert made.status == "validation_error"

    def test_a_short_unknown_word_answering_a_dictionary_question_is_explained(self) -> None:
        made = hear(collecting(), heard("火星"))
        assert "没有找到“火星”" in says(made)

    def test_failing_the_same_question_too_often_brings_in_a_person(self) -> None:
        state: State = collecting()
        for _ in range(2):
            state = hear(state, heard("火星")).state
        made = hear(state, heard("火星"))
        assert isinstance(made.state, HandedOff)
        assert made.status == "handed_off"
        assert made.state.agenda.suspended[0].intent == "book_flight"

    def test_a_return_date_makes_a_round_trip(self) -> None:
        made = flight(*FULL, entity("三天后", "duration", "P3D", at=9, role="return_date"))
        assert values(made.state)["trip_type"] == "往返"
        assert values(made.state)["return_date"] == "2026-11-27"

    def test_a_round_trip_asks_for_the_return_date(self) -> None:
        made = flight(*FULL, entity("往返", "trip_type", at=9))
        assert isinstance(made.state, Collecting)
        assert made.state.asked == "return_date"

    def test_going_back_to_one_way_drops_the_return_date(self) -> None:
        back = flight(*FULL, entity("三天后", "duration", "P3D", at=9, role="return_date")).state
        made = hear(back, heard("改成单程", segment("单程", None, entity("单程", "trip_type")), cues=("correct",)))
        assert "return_date" not in values(made.state)

    def test_a_relative_date_without_its_base_is_asked_for(self) -> None:
        made = flight(entity("三天后", "duration", "P3D", role="return_date"))
        assert made.status == "validation_error"

    def test_a_slot_is_not_required_when_its_alternative_is_given(self) -> None:
        card = entity("6222080012345675", "bank_card")
        made = hear(Idle(), heard("查余额", segment("查余额", "check_balance", card)))
        assert isinstance(made.state, Acting)
        assert isinstance(made.effects[-1], Invoke)
        assert made.effects[-1].arguments == {"card": "6222080012345675"}

    def test_free_text_is_taken_whole_when_asked_for(self) -> None:
        asked = hear(Idle(), heard("看电影", segment("看电影", "book_movie"))).state
        made = hear(asked, heard("流浪地球。"))
        assert says(made) == "已记下流浪地球。"
        assert made.status == "completed"
        assert isinstance(made.state, Idle)

    def test_a_value_mentioned_in_passing_is_not_taken(self) -> None:
        state = collecting()
        made = hear(state, heard("今天天气真的非常好啊", segment("", None, entity("今天", "date", "2026-11-23"))))
        assert made.state == state
        assert any(isinstance(effect, Answer) for effect in made.effects)

    def test_a_question_that_mentions_a_value_is_answered_not_taken(self) -> None:
        state = collecting()
        made = hear(state, heard("北京好吗", segment("", None, entity("北京", "city")), question=True))
        assert made.state == state


class TestCorrection:
    def test_a_correction_changes_the_named_slot_only_and_confirms_again(self) -> None:
        before = confirming()
        wuhan = entity("武汉", "city", role="departure_city")
        made = hear(before, heard("不对，从武汉出发", segment("", None, wuhan), cues=("deny",)))
        assert isinstance(made.state, Confirming)
        assert values(made.state) == {**values(before), "departure_city": "武汉"}
        assert "出发城市改为武汉" in says(made)

    def test_a_rejected_value_names_the_slot_to_correct(self) -> None:
        rejected = entity("上海", "city", at=2, negated=True)
        made = hear(
            confirming(),
            heard("不是上海，是广州", segment("", None, rejected, entity("广州", "city", at=6)), cues=("correct",)),
        )
        assert values(made.state)["arrival_city"] == "广州"
        assert values(made.state)["departure_city"] == "北京"

    def test_a_yes_with_a_change_does_not_execute(self) -> None:
        made = hear(
            confirming(),
            heard("好的，去广州", segment("", None, entity("广州", "city", role="arrival_city")), cues=("affirm",)),
        )
        assert isinstance(made.state, Confirming)

    def test_a_changed_base_moves_dates_relative_to_it(self) -> None:
        back = flight(*FULL, entity("三天后", "duration", "P3D", at=9, role="return_date")).state
        made = hear(
            back,
            heard(
                "后天走",
                segment("", None, entity("后天", "date", "2026-11-25", role="departure_date")),
                cues=("correct",),
            ),
        )
        assert values(made.state)["return_date"] == "2026-11-28"


class TestConfirmation:
    def test_a_yes_invokes_the_function_once_with_its_arguments(self) -> None:
        made = hear(confirming(), heard("确认", cues=("affirm",), tier="context"))
        assert isinstance(made.state, Acting)
        (invoke,) = made.effects
        assert isinstance(invoke, Invoke)
        assert invoke.arguments == {"from": "北京", "to": "上海", "date": TOMORROW}

    @pytest.mark.parametrize("cue", ["deny", "correct"])
    def test_a_no_asks_what_to_change(self, cue: str) -> None:
        made = hear(confirming(), heard("不对", cues=(cue,)))
        assert isinstance(made.state, Confirming)
        assert made.effects == (Say("what_to_change"),)

    @pytest.mark.parametrize("cue", ["deny", "cancel", "postpone", "hold", "correct"])
    def test_a_yes_beside_any_other_cue_does_not_execute(self, cue: str) -> None:
        made = hear(confirming(), heard("好的等等", cues=("affirm", cue)))
        assert not any(isinstance(effect, Invoke) for effect in made.effects)

    def test_a_yes_after_the_date_has_passed_asks_again(self) -> None:
        state = confirming()
        later = NOW.replace(day=26)
        made = advance(state, Understood(heard("确认", cues=("affirm",)), "c/2"), catalogue=CATALOGUE, now=later)
        assert made.status == "validation_error"

    def test_a_yes_with_another_request_serves_the_request_and_executes_nothing(self) -> None:
        made = hear(confirming(), heard("好的，查余额", segment("查余额", "check_balance"), cues=("affirm",)))
        assert made.status == "intent_transfer"
        assert not any(isinstance(effect, Invoke) for effect in made.effects)

    def test_success_is_reported_with_the_result(self) -> None:
        state = acting()
        made = happens(state, ActionSucceeded(state.key, "c/1", {"order_id": "FL1"}))
        assert made.status == "completed"
        assert says(made) == "已订2026年11月24日（周二） 北京→上海，订单号FL1。"
        assert isinstance(made.state, Idle)

    @pytest.mark.parametrize(
        ("outcome", "message", "status", "words"),
        [
            ("not_done", "", "api_error", "机票服务暂时不可用"),
            ("refused", "已售罄", "api_error", "已售罄"),
            ("refused", "", "api_error", "未接受"),
            ("unknown", "", "api_processing", "正在核实"),
        ],
    )
    def test_a_failure_is_said_as_what_it_is(self, outcome: str, message: str, status: str, words: str) -> None:
        state = acting()
        made = happens(state, ActionFailed(state.key, "c/1", outcome, message))
        assert made.status == status
        assert words in says(made)

    def test_a_function_without_a_failure_text_uses_the_standard_one(self) -> None:
        state = hear(Idle(), heard("查", segment("查", "check_balance", entity("招行", "bank", "招商银行")))).state
        assert isinstance(state, Acting)
        assert "查余额服务暂时不可用" in says(happens(state, ActionFailed(state.key, "c/1", "not_done")))

    def test_an_outcome_of_another_call_changes_nothing(self) -> None:
        state = acting()
        made = happens(state, ActionSucceeded(InvocationKey("other"), "c/1"))
        assert made.state == state
        assert made.effects == (Say("nothing_to_do"),)

    def test_a_message_while_acting_is_answered_and_changes_nothing(self) -> None:
        state = acting()
        made = hear(state, heard("怎么样了"))
        assert made.state == state
        assert made.status == "api_processing"


class TestCancelAndPostpone:
    @pytest.mark.parametrize("state", [collecting(*FULL[:1]), confirming()])
    def test_cancelling_leaves_no_residue(self, state: State) -> None:
        made = hear(state, heard("不订了", cues=("cancel",)))
        assert made.state == Idle()
        assert "已取消" in says(made)
        assert made.status == "cancelled"

    def test_cancelling_an_offer_drops_it(self) -> None:
        offer = hear(Idle(), heard("买票", Segment("买票", ambiguity="ticket"))).state
        assert hear(offer, heard("算了", cues=("cancel",))).state == Idle()

    def test_cancelling_nothing_says_so(self) -> None:
        assert hear(Idle(), heard("算了", cues=("cancel",))).status == "cancelled"

    def test_cancelling_takes_up_what_was_suspended(self) -> None:
        state = hear(collecting(FULL[1]), heard("查余额", segment("查余额", "check_balance"))).state
        made = hear(state, heard("算了", cues=("cancel",)))
        assert isinstance(made.state, Collecting)
        assert made.state.frame.intent == "book_flight"
        assert "回到订机票" in says(made)

    def test_postponing_keeps_the_frame_and_names_its_values(self) -> None:
        made = hear(collecting(FULL[1]), heard("我再想想", cues=("postpone",)))
        assert isinstance(made.state, Idle)
        assert made.state.agenda.suspended[0].intent == "book_flight"
        assert "保存" in says(made)
        assert "北京" in says(made)

    def test_postponing_an_empty_frame_names_no_values(self) -> None:
        assert "（" not in says(hear(collecting(), heard("我再想想", cues=("postpone",))))

    def test_postponing_nothing_is_polite(self) -> None:
        assert hear(Idle(), heard("我再想想", cues=("postpone",))).status == "postponed"

    def test_resuming_restores_the_frame_and_takes_new_values(self) -> None:
        idle = hear(collecting(FULL[2]), heard("我再想想", cues=("postpone",))).state
        made = hear(
            idle,
            heard(
                "继续，从武汉出发", segment("", None, entity("武汉", "city", role="departure_city")), cues=("resume",)
            ),
        )
        assert isinstance(made.state, Collecting)
        assert made.state.asked == "departure_date"
        assert values(made.state)["departure_city"] == "武汉"
        assert values(made.state)["arrival_city"] == "上海"

    def test_resuming_suspends_what_was_active(self) -> None:
        state = hear(collecting(FULL[1]), heard("查余额", segment("查余额", "check_balance"))).state
        made = hear(state, heard("继续订票", cues=("resume",)))
        assert isinstance(made.state, Collecting)
        assert made.state.frame.intent == "book_flight"
        assert made.state.agenda.suspended[0].intent == "check_balance"

    def test_resuming_nothing_repeats_the_question(self) -> None:
        state = collecting()
        made = hear(state, heard("继续", cues=("resume", "repeat")))
        assert made.state == state


class TestRequests:
    def test_another_request_suspends_the_active_frame_and_is_announced(self) -> None:
        made = hear(collecting(FULL[1]), heard("查余额", segment("查余额", "check_balance")))
        assert made.status == "intent_transfer"
        assert isinstance(made.state, Collecting)
        assert made.state.frame.intent == "check_balance"
        assert "先把订机票放一放" in says(made)

    def test_an_answer_before_another_request_is_kept(self) -> None:
        made = hear(
            collecting(),
            heard("北京，先查余额", segment("北京", None, FULL[1]), segment("先查余额", "check_balance")),
        )
        assert isinstance(made.state, Collecting)
        assert made.state.agenda.suspended[0].slots[SlotName("departure_city")].value == "北京"

    def test_a_request_for_a_suspended_intent_takes_it_up_again(self) -> None:
        state = hear(collecting(FULL[1]), heard("查余额", segment("查余额", "check_balance"))).state
        made = hear(state, heard("订机票", segment("订机票", "book_flight")))
        assert values(made.state)["departure_city"] == "北京"
        assert isinstance(made.state, Collecting)
        assert len(made.state.agenda.suspended) == 1

    def test_several_requests_are_taken_in_the_order_said(self) -> None:
        made = hear(
            Idle(),
            heard("订机票和查余额", segment("订机票", "book_flight", FULL[1]), segment("查余额", "check_balance")),
        )
        assert made.status == "multi_intent_processing"
        assert isinstance(made.state, Collecting)
        assert [frame.intent for frame in made.state.agenda.queued] == ["check_balance"]
        assert "然后是查余额" in says(made)

    def test_a_queued_request_follows_when_the_first_is_done(self) -> None:
        card = entity("6222080012345675", "bank_card")
        state = hear(
            Idle(), heard("", segment("查余额", "check_balance", card), segment("订机票", "book_flight", FULL[1]))
        ).state
        assert isinstance(state, Acting)
        made = happens(state, ActionSucceeded(state.key, "c/1", {"balance": 5.0}))
        assert made.status == "multi_intent_processing"
        assert "余额5元" in says(made)
        assert "接下来是订机票" in says(made)
        assert isinstance(made.state, Collecting)

    def test_the_same_request_again_in_the_middle_goes_on_with_it(self) -> None:
        state = collecting(FULL[1])
        made = hear(state, heard("订机票去上海", segment("订机票去上海", "book_flight", FULL[2])))
        assert values(made.state)["arrival_city"] == "上海"
        assert values(made.state)["departure_city"] == "北京"

    def test_the_oldest_suspended_frame_falls_off_a_full_stack(self) -> None:
        agenda = Agenda((Frame(IntentName("book_movie")), Frame(IntentName("help"))))
        state = msgspec.structs.replace(collecting(), agenda=agenda)
        made = hear(state, heard("查余额", segment("查余额", "check_balance")))
        assert isinstance(made.state, Collecting)
        assert [frame.intent for frame in made.state.agenda.suspended] == ["help", "book_flight"]


class TestDigressions:
    def test_small_talk_is_answered_and_the_question_asked_again_with_the_frame_unchanged(self) -> None:
        state = collecting(FULL[1])
        made = hear(state, heard("帮助", segment("帮助", "help")))
        assert made.state == state
        assert made.status == "interruption_handled"
        assert says(made).startswith("我能订票。\n")
        assert "到达城市" in says(made)

    def test_a_digression_with_a_function_is_carried_out_and_the_task_comes_back(self) -> None:
        made = hear(collecting(), heard("北京天气", segment("北京天气", "weather", entity("北京", "city"))))
        assert isinstance(made.state, Acting)
        done = happens(made.state, ActionSucceeded(made.state.key, "c/1", {"summary": "晴"}))
        assert isinstance(done.state, Collecting)
        assert done.state.frame.intent == "book_flight"
        assert "departure_city" not in done.state.frame.slots

    def test_a_digression_that_lacks_a_value_does_not_take_over(self) -> None:
        state = collecting()
        made = hear(state, heard("天气怎么样", segment("天气怎么样", "weather")))
        assert made.state == state
        assert any(isinstance(effect, Answer) for effect in made.effects)

    def test_an_answered_question_puts_the_open_question_again(self) -> None:
        state = collecting()
        made = happens(state, Answered(True, "c/1"))
        assert made.state == state
        assert isinstance(made.effects[-1], Ask)

    def test_unanswered_messages_in_a_row_bring_in_a_person(self) -> None:
        state: State = collecting()
        for _ in range(2):
            state = happens(state, Answered(False, "c/1")).state
        assert isinstance(happens(state, Answered(False, "c/1")).state, HandedOff)

    def test_unknown_messages_when_idle_bring_in_a_person_and_understanding_resets_the_count(self) -> None:
        state: State = Idle()
        for _ in range(2):
            state = happens(state, Answered(False, "c/1")).state
        assert isinstance(happens(state, Answered(False, "c/1")).state, HandedOff)
        assert hear(state, heard("好的", cues=("hold",))).state == Idle()
        assert happens(state, Answered(True, "c/1")).state == Idle()

    def test_waiting_and_repeating_change_nothing(self) -> None:
        for state in (collecting(FULL[1]), confirming()):
            for cue in ("hold", "repeat"):
                assert hear(state, heard("等等", cues=(cue,))).state == state

    def test_waiting_in_every_open_state_keeps_its_status(self) -> None:
        offer = hear(Idle(), heard("买票", Segment("买票", ambiguity="ticket"))).state
        assert hear(offer, heard("等等", cues=("hold",))).status == "ambiguous"
        assert hear(Idle(), heard("等等", cues=("hold",))).status == "intent_not_found"
        assert hear(confirming(), heard("等等", cues=("hold",))).status == "awaiting_confirmation"


class TestChoosing:
    OFFER = hear(Idle(), heard("买票", Segment("买票", ambiguity="ticket")))

    def test_an_ambiguity_becomes_a_numbered_offer(self) -> None:
        assert isinstance(self.OFFER.state, Choosing)
        assert says(self.OFFER) == "请问订哪种票？\n1. 机票\n2. 订电影票"

    @pytest.mark.parametrize(("number", "intent"), [(1, "book_flight"), (2, "book_movie"), (-1, "book_movie")])
    def test_a_number_chooses(self, number: int, intent: str) -> None:
        made = hear(self.OFFER.state, heard(str(number), cues=("choose",), number=number))
        assert isinstance(made.state, Collecting)
        assert made.state.frame.intent == intent

    @pytest.mark.parametrize("number", [3, -3, 0, None])
    def test_a_number_that_is_not_on_offer_offers_again(self, number: int | None) -> None:
        made = hear(self.OFFER.state, heard("9", cues=("choose",), number=number))
        assert made.state == self.OFFER.state

    def test_a_title_chooses(self) -> None:
        made = hear(self.OFFER.state, heard("机票"))
        assert isinstance(made.state, Collecting)

    def test_a_phrase_that_only_one_option_can_use_chooses_it(self) -> None:
        made = hear(self.OFFER.state, heard("去上海的", segment("", None, entity("上海", "city", role="arrival_city"))))
        assert values(made.state)["arrival_city"] == "上海"

    def test_values_of_the_ambiguous_utterance_are_kept(self) -> None:
        offer = hear(Idle(), heard("买上海票", Segment("", ambiguity="ticket", entities=(FULL[2],)))).state
        made = hear(offer, heard("1", cues=("choose",), number=1))
        assert values(made.state)["arrival_city"] == "上海"

    def test_a_new_request_is_not_forced_into_the_offer(self) -> None:
        made = hear(self.OFFER.state, heard("查余额", segment("查余额", "check_balance")))
        assert isinstance(made.state, Collecting)
        assert made.state.frame.intent == "check_balance"

    def test_a_clear_option_in_words_chooses(self) -> None:
        made = hear(self.OFFER.state, heard("坐飞机", segment("坐飞机", "book_flight")))
        assert isinstance(made.state, Collecting)
        assert made.state.frame.intent == "book_flight"

    def test_none_of_them_drops_the_offer(self) -> None:
        made = hear(self.OFFER.state, heard("都不是", cues=("deny",)))
        assert made.state == Idle()

    def test_a_question_is_answered_and_the_offer_stays(self) -> None:
        made = hear(self.OFFER.state, heard("上海远吗", segment("", None, entity("上海", "city")), question=True))
        assert made.state == self.OFFER.state

    def test_near_candidates_are_offered(self) -> None:
        near = Segment("票", (Candidate(IntentName("book_flight"), 0.45), Candidate(IntentName("book_movie"), 0.4)))
        made = hear(Idle(), heard("票", near))
        assert made.status == "ambiguous"
        assert "请问您想办理哪一项" in says(made)

    def test_an_offer_in_the_middle_suspends_the_task_unless_it_is_among_the_options(self) -> None:
        balance = hear(Idle(), heard("查余额", segment("查余额", "check_balance"))).state
        made = hear(balance, heard("买票", Segment("买票", ambiguity="ticket")))
        assert isinstance(made.state, Choosing)
        assert made.state.agenda.suspended[0].intent == "check_balance"
        state = collecting()
        assert hear(state, heard("买票", Segment("买票", ambiguity="ticket"))).state == state

    def test_a_button_chooses(self) -> None:
        made = happens(self.OFFER.state, Chosen(IntentName("book_movie"), "c/1"))
        assert isinstance(made.state, Collecting)
        assert made.state.frame.intent == "book_movie"

    def test_a_button_that_is_not_on_offer_changes_nothing(self) -> None:
        assert happens(self.OFFER.state, Chosen(IntentName("help"), "c/1")).state == self.OFFER.state
        assert happens(Idle(), Chosen(IntentName("help"), "c/1")).state == Idle()


class TestSkipping:
    def test_a_required_slot_cannot_be_skipped(self) -> None:
        state = collecting()
        made = hear(state, heard("随便", cues=("skip",)))
        assert made.state == state
        assert made.effects[0] == Say("cannot_skip")

    def test_a_slot_with_a_default_takes_it(self) -> None:
        state = flight(*FULL, entity("99", "number", 99, at=9, role="passenger_count")).state
        made = hear(state, heard("随便", cues=("skip",)))
        assert values(made.state)["passenger_count"] == 1
        assert isinstance(made.state, Confirming)

    def test_an_optional_slot_is_emptied(self) -> None:
        bad = entity("123", "bank_card", valid=False)
        state = hear(
            Idle(), heard("查余额", segment("", "check_balance", bad, entity("招行", "bank", "招商银行", at=5)))
        ).state
        assert isinstance(state, Collecting)
        assert state.asked == "card_number"
        made = hear(state, heard("跳过", cues=("skip",)))
        assert isinstance(made.state, Acting)


class TestPeopleAndEndings:
    def test_asking_for_a_person_hands_off_and_keeps_the_task(self) -> None:
        for understanding in (heard("转人工", cues=("person",)), heard("人工", segment("人工", "human"))):
            made = hear(collecting(FULL[1]), understanding)
            assert isinstance(made.state, HandedOff)
            assert made.state.agenda.suspended[0].intent == "book_flight"
            assert isinstance(made.effects[-1], HandOff)

    def test_after_a_hand_off_a_clear_request_is_served_again(self) -> None:
        state = HandedOff("asked")
        assert hear(state, heard("喂")).state == state
        assert isinstance(hear(state, heard("订机票", segment("", "book_flight"))).state, Collecting)

    def test_goodbye_closes_and_nothing_leaves_the_closed_state(self) -> None:
        made = hear(Idle(), heard("再见", segment("再见", "goodbye")))
        assert made.state == Closed("goodbye")
        for event in (Elapsed(), Answered(True, "c/1"), Chosen(IntentName("help"), "c/1")):
            assert happens(made.state, event).state == made.state

    def test_an_idle_conversation_expires(self) -> None:
        made = happens(collecting(), Elapsed())
        assert made.state == Closed("expired")
        assert made.status == "expired"
        assert happens(made.state, Elapsed()).status == "expired"

    def test_an_expired_conversation_says_so_only_while_nothing_else_is_understood(self) -> None:
        expired = Transition(Idle(), (Say("expired"),), "expired")
        assert then(expired, Transition(Idle(), (), "intent_not_found")).status == "expired"
        assert then(expired, flight()).status == "incomplete"

    def test_an_answer_after_a_hand_off_or_while_acting_changes_nothing(self) -> None:
        for state in (HandedOff("asked"), acting()):
            assert happens(state, Answered(False, "c/1")).state == state
