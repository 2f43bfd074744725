"""How the lexicon reads numbers: patterns, check digits, and what was meant to be one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.local_lexicon.checksums import id_card, luhn, mobile
from domain.errors import PartUnavailable
from tests.adapters.lexicon_reading import (
    BAD_CARD,
    CARD,
    IDENTITY,
    demo_lexicon,
    invalid,
    lexicon_of,
    numbers,
    read,
    told,
)


class TestChecksums:
    @pytest.mark.parametrize("digits", [CARD, "4111111111111111", "0", "00"])
    def test_luhn_accepts(self, digits: str) -> None:
        assert luhn(digits)

    @pytest.mark.parametrize("digits", [BAD_CARD, "1", "", " ", "4111 1111", "６２２２", "x" * 16, "²", "٣"])
    def test_luhn_refuses(self, digits: str) -> None:
        assert not luhn(digits)

    @given(st.text("0123456789", min_size=1, max_size=18))
    @settings(deadline=None)
    def test_of_ten_last_digits_one_is_right(self, digits: str) -> None:
        assert sum(luhn(digits + last) for last in "0123456789") == 1

    @pytest.mark.parametrize("text", [IDENTITY, IDENTITY.lower(), "440524188001010014"])
    def test_identity_numbers_are_accepted(self, text: str) -> None:
        assert id_card(text)

    @pytest.mark.parametrize(
        "text",
        ["110105194912310021", "11010519490231002X", "11010519491331002X", "11010500001231002X", "01010519491231002X",
         "11010519491231002", "11010519491231002XX", "", "１１０１０５１９４９１２３１００２X", "11010519491231002X\n"],
    )  # fmt: skip
    def test_other_numbers_are_not(self, text: str) -> None:
        assert not id_card(text)

    @pytest.mark.parametrize("text", ["13800138000", "+8613800138000", "8613800138000", "19912345678"])
    def test_mobile_numbers_are_accepted(self, text: str) -> None:
        assert mobile(text)

    @pytest.mark.parametrize(
        "text",
        [
            "12800138000",
            "1380013800",
            "138001380001",
            "86138001380",
            "+86",
            "",
            "１３８００１３８０００",
            "8613800138000\n",
        ],
    )
    def test_other_numbers_are_no_mobile_numbers(self, text: str) -> None:
        assert not mobile(text)

    @given(st.text(max_size=24))
    @settings(deadline=None)
    def test_any_text_is_judged(self, text: str) -> None:
        for check in (luhn, id_card, mobile):
            assert check(text) in (True, False)


class TestPatterns:
    @pytest.mark.parametrize("text", [f"卡号{CARD}", f"我的卡是{CARD}余额", f"({CARD})", f"{CARD}，查余额"])
    def test_a_card_number_is_read_wherever_it_stands(self, text: str) -> None:
        assert told(text, numbers(), "bank_card") == [("bank_card", CARD, CARD)]

    @pytest.mark.parametrize("shown", ["6222 0800 1234 5675", "6222-0800-1234-5675", "62220800 12345675"])
    def test_groups_of_digits_are_one_number(self, shown: str) -> None:
        assert told(f"卡号{shown}查余额", numbers(), "bank_card") == [("bank_card", shown, CARD)]

    def test_groups_may_end_in_a_letter(self) -> None:
        assert told("身份证110105 19491231 002X", numbers(), "identity") == [
            ("identity", "110105 19491231 002X", IDENTITY)
        ]

    def test_a_wrong_check_digit_makes_it_invalid(self) -> None:
        assert invalid(f"卡号{BAD_CARD}", numbers(), "bank_card") == [("bank_card", BAD_CARD)]
        assert invalid("身份证号110105194912310021", numbers(), "identity") == [("identity", "110105194912310021")]

    @pytest.mark.parametrize("text", [f"x{CARD}", f"{CARD}x", f"{CARD}12345", f"9{CARD}99999"])
    def test_a_piece_of_something_longer_is_no_number(self, text: str) -> None:
        assert read(text, numbers(), "bank_card") == []

    @pytest.mark.parametrize(
        ("text", "span"),
        [("查余额，卡号是123", "123"), ("卡号：4567", "4567"), ("银行卡号 12-34", "12-34"), ("卡号就是AB12", "AB12"),
         ("卡号为 6222", "6222"), (f"卡号是{CARD}1234", f"{CARD}1234"), ("卡号=12 34", "12 34")],
    )  # fmt: skip
    def test_what_a_title_announces_was_meant_to_be_a_number(self, text: str, span: str) -> None:
        assert invalid(text, numbers(), "bank_card") == [("bank_card", span)]
        assert told(text, numbers(), "bank_card") == []

    @pytest.mark.parametrize("text", ["卡号是多少", "卡号在哪里看", "我要办3张卡", "123"])
    def test_a_title_that_announces_nothing_makes_nothing_up(self, text: str) -> None:
        assert read(text, numbers(), "bank_card") == []

    def test_an_english_title_announces_too(self) -> None:
        assert invalid("my Plate number is A12", numbers(), "plate") == [("plate", "A12")]
        assert invalid("plate no. 77", numbers(), "plate") == [("plate", "77")]
        assert invalid("车牌plate:77", numbers(), "plate") == [("plate", "77")]
        assert read("template 77", numbers(), "plate") == []

    def test_a_type_without_a_title_or_with_one_letter_announces_nothing(self) -> None:
        assert read("seat 77 码12", numbers(), "seat", "word") == []

    def test_a_pattern_that_may_be_empty_finds_no_empty_span(self) -> None:
        assert told("the plate AB1234", numbers(), "plate") == [("plate", "AB1234", "AB1234")]

    def test_what_passes_the_check_of_one_kind_is_no_failed_attempt_at_another(self) -> None:
        number = "110105199003070009"
        assert not luhn(number)
        found = read(number, numbers(), "bank_card", "identity")
        assert [(e.kind, e.valid) for e in found] == [("identity", True)]

    def test_what_fails_every_check_is_a_failed_attempt_at_each(self) -> None:
        assert {kind for kind, _ in invalid("110105194912310021", numbers(), "bank_card", "identity")} == {
            "bank_card",
            "identity",
        }

    @pytest.mark.parametrize("text", ["13800138000", "+8613800138000", "8613800138000", "138 0013 8000"])
    def test_mobile_numbers_are_read(self, text: str) -> None:
        assert [(e.kind, e.text, e.valid) for e in read(f"电话{text}。", numbers(), "mobile")] == [
            ("mobile", text, True)
        ]

    def test_a_pattern_of_the_demo_is_read_in_any_case(self) -> None:
        assert told("查订单ab123456", demo_lexicon(), "order_number") == [("order_number", "ab123456", "ab123456")]

    def test_a_pattern_is_sought_in_the_head_of_a_text_only(self) -> None:
        assert read("长" * 600 + CARD, numbers(), "bank_card") == []

    def test_a_pattern_that_is_none_is_refused(self) -> None:
        with pytest.raises(PartUnavailable, match="broken"):
            lexicon_of({"broken": {"pattern": "(["}})

    def test_a_type_may_have_values_and_a_pattern(self) -> None:
        lexicon = lexicon_of({"flight": {"values": {"首航": []}, "pattern": "CA[0-9]{4}"}})
        assert told("首航还是CA1234", lexicon, "flight") == [("flight", "首航", "首航"), ("flight", "CA1234", "CA1234")]
