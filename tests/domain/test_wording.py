"""Effects in words."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from domain.dialogue.effect import (
    Answer,
    Ask,
    Confirm,
    Effect,
    Explain,
    HandOff,
    Invoke,
    Kept,
    Noted,
    Offer,
    Report,
    Respond,
    Say,
)
from domain.dialogue.phrases import CHINESE, ENGLISH, phrases_of
from domain.dialogue.state import Frame
from domain.dialogue.wording import Wording
from domain.intents.catalogue import Catalogue
from domain.names import FunctionName, IntentName, InvocationKey, SlotName
from domain.slots.slot import SlotValue
from tests.doubles.small_catalogue import DOCUMENT, small_catalogue

CATALOGUE = small_catalogue()
FLIGHT = IntentName("book_flight")


def words(effect: Effect, *, turn: int = 0, catalogue: Catalogue = CATALOGUE) -> str:
    return Wording(catalogue, turn).words(effect)


def frame(intent: str = "book_flight", **values: SlotValue) -> Frame:
    return Frame(IntentName(intent), {SlotName(name): value for name, value in values.items()})


def with_responses(**responses: str | tuple[str, ...]) -> Catalogue:
    return msgspec.structs.replace(CATALOGUE, responses=responses)


def with_slot(name: str, **changes: Any) -> Catalogue:
    """The catalogue with one slot of the flight changed."""
    intents: dict[str, Any] = {**DOCUMENT["intents"]}
    slots = {**intents["book_flight"]["slots"]}
    slots[name] = {**slots.get(name, {}), **changes}
    intents["book_flight"] = {**intents["book_flight"], "slots": slots}
    return msgspec.convert({**DOCUMENT, "intents": intents}, Catalogue)


class TestResponses:
    def test_the_catalogue_has_the_last_word(self):
        own = with_responses(cancelled="没了：{title}")

        assert words(Say("cancelled", {"title": "订机票"}), catalogue=own) == "没了：订机票"

    def test_variants_take_turns(self):
        assert [words(Say("take_your_time"), turn=turn) for turn in range(3)] == ["不急。", "慢慢来。", "不急。"]

    def test_a_variable_nobody_gave_is_left_out(self):
        assert words(Say("cancelled")) == "好的，已取消。还有什么可以帮您？"

    @pytest.mark.parametrize(
        ("language", "phrases"), [("zh-CN", CHINESE), ("ZH", CHINESE), ("en", ENGLISH), ("fr", ENGLISH), ("", ENGLISH)]
    )
    def test_every_language_but_chinese_is_answered_in_english(self, language: str, phrases: Mapping[str, object]):
        assert phrases_of(language) is phrases

    def test_both_languages_say_the_same_things(self):
        assert list(CHINESE) == list(ENGLISH)

    def test_an_excuse_says_what_the_service_can_do(self):
        excuse = words(Answer("？", "not_understood"))

        assert "订机票、查余额" in excuse
        assert "查天气" not in excuse

    @pytest.mark.parametrize(
        ("reason", "begin"), [("asked", "正在为您转接"), ("too_many_attempts", "抱歉一直没能帮到您")]
    )
    def test_a_hand_off_nobody_asked_for_apologises(self, reason: str, begin: str):
        assert words(HandOff(reason)).startswith(begin)

    def test_a_call_is_said_by_its_outcome(self):
        assert words(Invoke(InvocationKey("k"), FunctionName("book_flight"), FLIGHT, {})) == ""


class TestQuestions:
    def test_variants_of_a_question_follow_the_attempts(self):
        asked = [words(Ask(frame(), SlotName("arrival_city"), attempt)) for attempt in range(3)]

        assert asked == [
            f"{question}（例如：上海、广州）" for question in ("请问到达城市？", "请告诉我到达城市。", "请问到达城市？")
        ]

    def test_a_slot_without_a_question_is_asked_by_its_title(self):
        assert words(Ask(frame(), SlotName("return_date"))) == "请问返程日期是什么？"

    def test_a_slot_without_a_title_is_called_by_its_name(self):
        assert words(Ask(frame("weather"), SlotName("city"))) == "请问city是什么？"

    def test_an_offer_is_numbered_and_uses_the_short_names(self):
        offered = words(Offer((FLIGHT, IntentName("book_movie")), ""))

        assert offered == "请问您想办理哪一项？\n1. 机票\n2. 订电影票"

    def test_a_confirmation_lists_what_applies_in_declared_order(self):
        shown = words(
            Confirm(
                frame(
                    return_date=SlotValue("2026-11-30"),
                    trip_type=SlotValue("单程"),
                    departure_date=SlotValue("2026-11-24"),
                    departure_city=SlotValue("北京"),
                )
            )
        )

        assert shown.splitlines()[1:4] == ["出发城市：北京", "出发日期：2026年11月24日（周二）", "行程：单程"]
        assert "返程" not in shown


class TestValues:
    def test_changes_and_additions_are_told_apart(self):
        noted = words(
            Noted(
                frame(departure_city=SlotValue("武汉"), passenger_count=SlotValue(2)),
                (SlotName("departure_city"),),
                (SlotName("passenger_count"),),
            )
        )

        assert noted == "好的，出发城市改为武汉、人数：2。"

    def test_what_is_kept_is_named_but_for_defaults_and_what_is_wrong(self):
        kept = words(
            Kept(
                frame(
                    departure_city=SlotValue("北京"),
                    arrival_city=SlotValue("北京", problem="differs_from"),
                    passenger_count=SlotValue(1, source="default"),
                )
            )
        )

        assert "（北京）" in kept

    def test_a_response_shows_its_values(self):
        assert words(Respond(frame("book_movie", movie_name=SlotValue("流浪地球")))) == "已记下流浪地球。"

    def test_a_sensitive_value_is_masked_wherever_it_is_shown(self):
        card = frame("check_balance", card_number=SlotValue("6222080012345675", "6222080012345675"))

        assert "****5675" in words(Noted(card, (SlotName("card_number"),)))
        assert "6222" not in words(Noted(card, (SlotName("card_number"),)))


class TestExplanations:
    def explain(self, name: str, value: SlotValue, catalogue: Catalogue = CATALOGUE, **others: SlotValue) -> str:
        return words(Explain(frame("book_flight", **{name: value}, **others), SlotName(name)), catalogue=catalogue)

    def test_a_word_that_is_no_city_is_repeated(self):
        assert (
            self.explain("departure_city", SlotValue("火星", "火星", problem="unknown_value"))
            == "没有找到“火星”对应的出发城市。"
        )

    def test_something_unreadable_of_a_kind_without_a_list_is_called_so(self):
        value = SlotValue("2月30号", "2月30号", problem="unknown_value")

        assert self.explain("departure_date", value) == "“2月30号”不是有效的出发日期。"

    def test_an_unreadable_card_is_masked(self):
        value = SlotValue("6222080012345670", "6222080012345670", problem="unknown_value")

        explained = words(Explain(frame("check_balance", card_number=value), SlotName("card_number")))

        assert explained == "“****5670”不是有效的银行卡号。"

    def test_several_days_are_repeated_as_they_were_said(self):
        value = SlotValue("2026-11-30/2026-12-07", "下周", problem="several_days")

        assert self.explain("departure_date", value) == "下周不止一天，请告诉我具体是哪一天。"

    @pytest.mark.parametrize(
        ("name", "value", "explanation"),
        [
            (
                "departure_date",
                SlotValue("2026-11-22", problem="not_before"),
                "出发日期2026年11月22日（周日）已经过去了。",
            ),
            ("return_date", SlotValue("2026-11-22", problem="not_before"), "返程日期2026年11月22日（周日）太早了。"),
            ("departure_date", SlotValue("2028-01-01", problem="within_days"), "只支持365天以内"),
            ("passenger_count", SlotValue(12, problem="between"), "人数需要在1到9之间，您说的是12。"),
        ],
    )
    def test_a_failed_check_is_explained_with_its_limits(self, name: str, value: SlotValue, explanation: str):
        assert explanation in self.explain(name, value)

    def test_two_slots_that_must_differ_are_both_named(self):
        plain = with_slot("arrival_city", checks=({"differs_from": "departure_city"},))

        assert (
            self.explain("arrival_city", SlotValue("北京", problem="differs_from"), plain)
            == "到达城市和出发城市不能相同。"
        )

    def test_the_designers_own_words_come_first(self):
        assert self.explain("arrival_city", SlotValue("北京", problem="differs_from")).endswith("请问到达城市？")

    def test_a_long_answer_is_cut_and_loses_its_markup(self):
        value = SlotValue("x", "<script>" + "火" * 40, problem="unknown_value")

        explained = self.explain("departure_city", value)

        assert "<" not in explained
        assert "…”" in explained


class TestReports:
    def report(self, outcome: str, message: str = "", intent: str = "book_flight", **result: Any) -> str:
        values = {
            "departure_city": SlotValue("北京"),
            "arrival_city": SlotValue("上海"),
            "departure_date": SlotValue("2026-11-24"),
        }
        held = values if intent == "book_flight" else {}
        return words(Report(frame(intent, **held), outcome, result, message))

    def test_success_is_told_with_slots_arguments_and_result(self):
        assert self.report("succeeded", order_id="FL1") == "已订2026年11月24日（周二） 北京→上海，订单号FL1。"

    def test_of_the_same_name_the_result_wins(self):
        assert "武汉→上海" in self.report("succeeded", **{"from": "武汉", "order_id": "FL1"})

    def test_the_designers_own_words_for_a_failure_come_first(self):
        assert self.report("not_done") == "机票服务暂时不可用。"
        assert self.report("not_done", intent="check_balance") == "很抱歉，查余额服务暂时不可用，请稍后重试。"

    def test_a_refusal_gives_the_reason_if_there_is_one(self):
        assert self.report("refused", "已<b>售罄</b>") == "订机票没有成功：已b售罄/b"
        assert "未接受" in self.report("refused")

    def test_what_is_not_known_is_not_claimed(self):
        assert "正在核实" in self.report("unknown")

    def test_an_intent_that_has_lost_its_function_is_reported_in_standard_words(self):
        assert self.report("succeeded", intent="book_movie") == "订电影票已完成。"
        assert "暂时不可用" in self.report("not_done", intent="book_movie")
