"""How the lexicon reads dictionaries: values however they are written."""

import pytest

from adapters.local_lexicon.dictionary import Dictionary
from domain.slots.entity_type import EntityType
from tests.adapters.lexicon_reading import demo_lexicon, lexicon_of, read, told


class TestDictionaries:
    @pytest.mark.parametrize("text", ["北京", "帝都", "Beijing", "BEIJING", "beijing", "Ｂｅｉｊｉｎｇ", "ｂEＩjing"])
    def test_a_value_its_synonyms_and_their_ways_of_typing_are_one_value(self, text: str) -> None:
        (entity,) = read(text)
        assert (entity.kind, entity.text, entity.value) == ("city", text, "北京")
        assert (entity.source, entity.confidence) == ("dictionary", 1.0)

    @pytest.mark.parametrize(
        ("text", "value"), [("廣州", "广州"), ("瀋陽", "沈阳"), ("廈門", "厦门"), ("濟南市", "济南"), ("蘭州", "兰州")]
    )
    def test_traditional_characters_are_read(self, text: str, value: str) -> None:
        assert told(f"我要去{text}") == [("city", text, value)]

    def test_offsets_count_the_characters_of_the_text_as_it_is(self) -> None:
        (first, second) = read("😀我要從廣州飞到Ｌｏｎｄｏｎ！", demo_lexicon(), "city")
        assert (first.start, first.end, first.text, first.value) == (4, 6, "廣州", "广州")
        assert (second.start, second.end, second.text, second.value) == (8, 14, "Ｌｏｎｄｏｎ", "伦敦")

    def test_names_of_an_alphabet_are_whole_words_only(self) -> None:
        assert told("Beijingers like beijing.") == [("city", "beijing", "北京")]
        assert told("baliff") == []

    def test_names_of_several_words_are_read(self) -> None:
        assert told("fly to los angeles or New York") == [
            ("city", "los angeles", "洛杉矶"),
            ("city", "New York", "纽约"),
        ]

    def test_a_name_of_an_alphabet_beside_chinese_is_a_word_of_its_own(self) -> None:
        assert told("去London吧") == [("city", "London", "伦敦")]

    def test_the_longest_name_is_meant(self) -> None:
        assert told("到北京银行取钱") == [("bank", "北京银行", "北京银行")]
        assert told("中国工商银行") == [("bank", "中国工商银行", "工商银行")]
        assert told("从北京去上海银行") == [("city", "北京", "北京"), ("bank", "上海银行", "上海银行")]

    def test_a_value_of_another_kind_is_seen_only_where_that_kind_is_wanted(self) -> None:
        assert told("北京银行", demo_lexicon(), "city") == [("city", "北京", "北京")]

    @pytest.mark.parametrize("text", ["北京市", "唐山市", "敦煌市"])
    def test_a_suffix_belongs_to_its_value(self, text: str) -> None:
        assert told(f"{text}的天气") == [("city", text, text[:-1])]

    def test_a_value_that_is_said_twice_is_found_twice(self) -> None:
        assert [e.start for e in read("北京，还是北京", demo_lexicon(), "city")] == [0, 5]

    def test_a_synonym_of_two_values_belongs_to_the_one_that_bears_it_as_its_name(self) -> None:
        lexicon = lexicon_of({"thing": {"values": {"甲": ["乙"], "乙": ["丙"], "丁": ["丙", "！"]}}})
        assert told("乙", lexicon, "thing") == [("thing", "乙", "乙")]
        assert told("丙", lexicon, "thing") == [("thing", "丙", "乙")]

    def test_a_dictionary_without_values_and_a_value_without_characters_find_nothing(self) -> None:
        lexicon = lexicon_of({"empty": {"values": {"": []}, "match": ["exact", "fuzzy", "pinyin"]}})
        assert read("北京", lexicon, "empty") == []
        assert read("", lexicon, "empty") == []

    def test_only_what_is_declared_is_read_loosely(self) -> None:
        lexicon = lexicon_of({"city": {"values": {"乌鲁木齐": []}}})
        assert read("乌鲁木斋", lexicon, "city") == []
        assert read("乌鲁木其", lexicon, "city") == []
        assert told("乌鲁木齐", lexicon, "city") == [("city", "乌鲁木齐", "乌鲁木齐")]


class TestSound:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("北惊", "北京"), ("上孩", "上海"), ("广洲", "广州"), ("沈羊", "沈阳"), ("招伤银行", "招商银行")],
    )
    def test_a_bare_answer_may_be_written_as_it_sounds(self, text: str, value: str) -> None:
        (entity,) = read(text)
        assert (entity.text, entity.value, entity.source) == (text, value, "pinyin")
        assert entity.confidence < 1.0

    @pytest.mark.parametrize("text", ["我要去北惊", "从广洲出发", "改成上孩吧", "那就上孩，谢谢。", "是北惊啊"])
    def test_what_people_put_around_a_bare_answer_does_not_hinder(self, text: str) -> None:
        assert len(told(text)) == 1

    @pytest.mark.parametrize("text", ["背景音乐太吵了", "上海话里的伤害", "他说的是南经吗这个人", "我的福利粥"])
    def test_two_syllables_in_the_middle_of_a_sentence_are_chance(self, text: str) -> None:
        assert all(entity.source != "pinyin" for entity in read(text))

    def test_three_syllables_may_sound_anywhere(self) -> None:
        assert ("city", "哈尓滨", "哈尔滨") in told("帮我看看明天飞哈尓滨的航班还有没有")

    def test_what_is_spelt_right_is_not_read_by_its_sound_too(self) -> None:
        assert [e.source for e in read("哈尔滨", demo_lexicon(), "city")] == ["dictionary"]

    def test_a_longer_sound_goes_first(self) -> None:
        lexicon = lexicon_of({"city": {"values": {"尔滨": [], "哈尔滨": []}, "match": ["pinyin"]}})
        assert told("蛤尓宾", lexicon, "city") == [("city", "蛤尓宾", "哈尔滨")]

    def test_an_earlier_value_wins_where_two_sound_alike(self) -> None:
        assert told("苏洲", demo_lexicon(), "city") == [("city", "苏洲", "苏州")]

    def test_values_of_an_alphabet_have_no_sound(self) -> None:
        lexicon = lexicon_of({"city": {"values": {"London": []}, "match": ["pinyin"]}})
        assert read("伦敦", lexicon, "city") == []


class TestSpelling:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("Los Angelas", "洛杉矶"), ("singapor", "新加坡"), ("Guangzho", "广州"), ("hong kongg", "香港")],
    )
    def test_one_slip_in_a_long_name_is_forgiven(self, text: str, value: str) -> None:
        (entity,) = (e for e in read(f"去{text}") if e.valid)
        assert (entity.text, entity.value) == (text, value)
        assert entity.source in ("fuzzy", "pinyin")
        assert 0.8 <= entity.confidence < 1.0

    def test_short_names_are_not_guessed_at(self) -> None:
        assert read("南方", demo_lexicon(), "city") == []
        assert read("bale", demo_lexicon(), "city") == []

    def test_a_slip_does_not_reach_across_a_pause_or_into_another_word(self) -> None:
        lexicon = lexicon_of({"city": {"values": {"abcdefgh": [], "甲乙丙丁戊": []}, "match": ["fuzzy"]}})
        assert read("甲乙，丙丁戊", lexicon, "city") == []
        assert read("zzabcdefgzz", lexicon, "city") == []
        assert told("abcdefgx", lexicon, "city") == [("city", "abcdefgx", "abcdefgh")]
        assert [value for _, _, value in told("甲乙丙丁午", lexicon, "city")] == ["甲乙丙丁戊"]

    def test_the_best_of_several_guesses_is_taken(self) -> None:
        lexicon = lexicon_of({"thing": {"values": {"abcdefgh": [], "abcdefxx": []}, "match": ["fuzzy"]}})
        assert told("abcdefgx", lexicon, "thing") in (
            [("thing", "abcdefgx", "abcdefgh")],
            [("thing", "abcdefgx", "abcdefxx")],
        )
        assert told("abcdefgy", lexicon, "thing") == [("thing", "abcdefgy", "abcdefgh")]

    def test_a_half_that_belongs_to_too_many_names_names_none(self) -> None:
        values = {f"天地玄黄{number:04d}": [] for number in range(80)}
        lexicon = lexicon_of({"thing": {"values": values, "match": ["exact", "fuzzy"]}})
        assert read("天地玄黄", lexicon, "thing") == []
        assert told("天地玄黄0007", lexicon, "thing") == [("thing", "天地玄黄0007", "天地玄黄0007")]


class TestClosest:
    DICTIONARY = Dictionary(
        EntityType(values={"北京": ("Beijing City",)}, match=("exact", "fuzzy", "pinyin")), str.lower
    )

    @pytest.mark.parametrize("text", ["北京", "beijing city", "北惊", "beijing cuty"])
    def test_the_whole_text_may_be_a_value_sound_like_one_or_nearly_spell_it(self, text: str) -> None:
        hit = self.DICTIONARY.closest(text)
        assert hit is not None
        assert (hit.start, hit.end, hit.value) == (0, len(text), "北京")

    @pytest.mark.parametrize("text", ["", "去北京", "北京吧", "在北惊", "the beijing city hall", "x"])
    def test_a_part_of_the_text_is_not_enough(self, text: str) -> None:
        assert self.DICTIONARY.closest(text) is None


class TestAddresses:
    def test_the_cities_of_two_addresses_are_found_and_their_districts_and_streets_are_not(self) -> None:
        text = (
            "订从北京市朝阳区三里屯街道工人体育场北路13号院1号楼到上海市浦东新区陆家嘴环路1000号上海环球金融中心的机票"
        )
        cities = [e for e in read(text) if e.kind == "city"]
        assert {e.value for e in cities} == {"北京", "上海"}
        assert all(e.valid for e in cities)
        assert [e.text for e in cities][:2] == ["北京市", "上海市"]

    @pytest.mark.parametrize("text", ["南京路", "北京东路", "上海大街", "武汉大道", "成都巷", "重庆北路多少号"])
    def test_a_street_is_no_city(self, text: str) -> None:
        assert told(text) == []

    def test_a_district_right_after_its_city_is_no_city(self) -> None:
        assert told("我住在北京朝阳区") == [("city", "北京", "北京")]

    @pytest.mark.parametrize("text", ["南京路况怎么样", "看看北京街头", "北京路上堵吗", "去上海路过苏州"])
    def test_what_only_looks_like_a_street_hides_no_city(self, text: str) -> None:
        assert told(text)[0][0] == "city"


class TestMarkup:
    @pytest.mark.parametrize(
        "text",
        ["<b>北京</b>", "<script>alert('北京')</script>", "'; DROP TABLE city; --北京", "北京\" OR 1=1", "{{北京}}", "${北京}",
         "http://x/?q=北京&y=1", "\\u5317 北京", "%00北京", "[北京](departure_city)"],
    )  # fmt: skip
    def test_markup_and_statements_are_letters_like_others(self, text: str) -> None:
        (entity,) = read(text, demo_lexicon(), "city")
        assert entity.text == "北京"

    @pytest.mark.parametrize(
        "text", ["<script>alert(1)</script>", "SELECT * FROM users WHERE 1=1;--", "../../etc/passwd"]
    )
    def test_where_there_is_nothing_else_nothing_is_found(self, text: str) -> None:
        assert read(text) == []
