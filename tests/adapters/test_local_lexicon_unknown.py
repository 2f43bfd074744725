"""What the lexicon takes for a value that it does not know, and what it does not."""

import json
from pathlib import Path

import msgspec
import pytest

from adapters.catalogue_files.reading import read_catalogue
from adapters.local_lexicon.contexts import Contexts, contexts_of
from adapters.local_lexicon.lexicon import Lexicon
from adapters.local_lexicon.unknown import Unknowns
from domain.intents.annotated import read_example
from domain.intents.catalogue import Catalogue
from domain.names import EntityName
from tests.adapters.lexicon_reading import demo, demo_lexicon, invalid, read, told

ROOT = Path(__file__).parents[2]
CITY = EntityName("city")

PLANETS = {
    "entities": {
        "planet": {
            "values": dict.fromkeys(("火星", "金星", "木星", "土星", "水星", "地球", "Mars", "Venus", "天王星"), ()),
            "match": ["exact", "fuzzy", "pinyin"],
            "suffixes": ["号站"],
        },
        "kind": {"values": {"软": (), "硬": ()}},
    },
    "intents": {
        "fly": {
            "title": "坐飞船",
            "label": "船票",
            "examples": [
                "坐飞船",
                "从[火星](origin)到[金星](target)的飞船",
                "飞船去[木星](target)吧",
                "要[软](berth)铺飞船去[木星](target)",
                "fly a rocket to [Venus](target) now",
                "rocket from [Mars](origin)",
            ],
            "slots": {
                "origin": {"entity": "planet"},
                "target": {"entity": "planet"},
                "berth": {"entity": "kind"},
            },
            "response": "好",
        },
        "greet": {"title": "问候", "examples": ["你好"], "response": "好"},
    },
}


def planets() -> Lexicon:
    return Lexicon(msgspec.convert(PLANETS, Catalogue))


def unknown(text: str) -> list[str]:
    """What is taken for a planet and is none."""
    return [words for _, words in invalid(text, planets(), "planet")]


class TestUnknownValues:
    def test_both_ends_of_a_journey_may_be_unknown(self) -> None:
        assert invalid("订从火星到月球的机票") == [("city", "火星"), ("city", "月球")]

    @pytest.mark.parametrize(
        "text", ["从火星到月球的机票", "帮我订一张明天从火星到月球的机票", "我想订从火星飞月球的机票"]
    )
    def test_whatever_stands_before_them(self, text: str) -> None:
        assert ("city", "火星") in invalid(text)

    def test_one_end_may_be_known(self) -> None:
        text = "帮我订一张明天从火星到北京的机票"
        assert invalid(text) == [("city", "火星")]
        assert ("city", "北京", "北京") in told(text)

    @pytest.mark.parametrize("text", ["火星银行", "查火星银行的余额", "我在火星银行有多少钱，查余额"])
    def test_a_name_before_a_suffix_is_an_unknown_value(self, text: str) -> None:
        assert invalid(text) == [("bank", "火星银行")]

    def test_an_unknown_value_is_less_sure_and_is_its_own_words(self) -> None:
        (entity,) = read("火星市")
        assert (entity.kind, entity.text, entity.value, entity.valid) == ("city", "火星市", "火星市", False)
        assert entity.confidence < 0.8

    def test_examples_teach_where_values_stand(self) -> None:
        assert unknown("从冥王到海王的飞船") == ["冥王", "海王"]
        assert unknown("飞船去冥王吧") == ["冥王"]
        assert unknown("rocket from pluto") == ["pluto"]
        assert unknown("fly a rocket to pluto now") == ["pluto"]

    def test_a_value_known_by_sound_or_spelling_is_no_unknown_one(self) -> None:
        assert unknown("从活星到金星的飞船") == []
        assert ("planet", "活星", "火星") in told("从活星到金星的飞船", planets(), "planet")

    def test_a_known_value_in_the_talk_is_as_good_as_its_topic(self) -> None:
        assert unknown("从冥王到金星的") == ["冥王"]
        assert unknown("从冥王到海王的") == []

    def test_a_suffix_alone_is_no_name(self) -> None:
        assert unknown("号站") == []
        assert unknown("飞船去号站") == []
        assert unknown("飞船abc号站") == []
        assert unknown("冥王号站") == ["冥王号站"]

    def test_a_known_value_before_its_suffix_is_known(self) -> None:
        assert [(e.text, e.value, e.valid) for e in read("火星号站", planets(), "planet")] == [
            ("火星号站", "火星", True)
        ]

    def test_an_unknown_value_lies_in_no_value_of_another_kind(self) -> None:
        catalogue = msgspec.convert(
            {
                **PLANETS,
                "entities": {**PLANETS["entities"], "ship": {"values": {"冥王": ()}}},
            },
            Catalogue,
        )
        assert invalid("从冥王到金星的飞船", Lexicon(catalogue), "planet", "ship") == []

    def test_a_closed_choice_has_no_unknown_values(self) -> None:
        assert read("要沙铺飞船去木星", planets(), "kind") == []


class TestOrdinaryTalk:
    @pytest.mark.parametrize(
        "text",
        ["我的机票去哪了", "订去机场的机票", "到公司的机票报销", "去旅游的机票", "从明天到后天的机票", "看看到底有没有机票", "查到机票了吗",
         "去年的机票", "去一下那里的机票", "回家的机票", "订飞机票", "在网上订机票", "我从这里出发，订机票", "买到机票了", "拿去退机票"],
    )  # fmt: skip
    def test_what_stands_where_a_city_would_may_be_anything_else(self, text: str) -> None:
        assert invalid(text, demo_lexicon(), "city") == []

    @pytest.mark.parametrize(
        "text",
        ["查下自己银行的余额", "查银行余额", "手机银行密码忘了", "网上银行怎么登录", "哪家银行能查余额", "查我银行卡的余额", "这个银行的余额",
         "中央银行降息", "把其他银行的钱转来", "附近的银行在哪", "查余额，我的银行"],
    )  # fmt: skip
    def test_what_stands_before_bank_is_not_always_its_name(self, text: str) -> None:
        assert invalid(text, demo_lexicon(), "bank") == []

    @pytest.mark.parametrize(
        "text", ["超市买东西", "城市天气", "股市行情", "火星市场", "门市部", "本市的天气", "我市天气"]
    )
    def test_what_ends_like_a_city_is_not_always_one(self, text: str) -> None:
        assert invalid(text, demo_lexicon(), "city") == []

    def test_no_example_of_the_demo_holds_an_unknown_value(self) -> None:
        texts = [read_example(e).text for i in demo().intents.values() for e in (*i.examples, *i.counter_examples)]
        kinds = ("city", "bank", "account_type", "trip_type", "seat_class", "password_type")
        assert {
            text: invalid(text, demo_lexicon(), *kinds) for text in texts if invalid(text, demo_lexicon(), *kinds)
        } == {}

    def test_no_question_for_the_knowledge_base_holds_one_either(self) -> None:
        lines = (ROOT / "tests" / "corpora" / "knowledge.jsonl").read_text(encoding="utf-8").splitlines()
        questions = [json.loads(line)["question"] for line in lines]
        assert [question for question in questions if invalid(question)] == []

    def test_the_english_demo_is_no_worse(self) -> None:
        catalogue = read_catalogue(ROOT / "deploy" / "catalogues" / "demo.en.yaml")
        lexicon = Lexicon(catalogue)
        kinds = tuple(kind for kind, declared in catalogue.entities.items() if declared.values)
        texts = [read_example(e).text for i in catalogue.intents.values() for e in (*i.examples, *i.counter_examples)]
        assert [text for text in texts if invalid(text, lexicon, *kinds)] == []
        for text in (
            "a flight for two",
            "book a hotel from Friday to Sunday",
            "a hotel for three nights",
            "my bank balance",
        ):
            assert invalid(text, lexicon, *kinds) == []
        assert ("city", "Narnia") in invalid("book a flight from Narnia to London", lexicon, *kinds)

    def test_what_examples_leave_unannotated_in_a_values_place_is_passed_over(self) -> None:
        assert unknown("飞船去冥王吧") == ["冥王"]
        intents = {**PLANETS["intents"]}
        intents["fly"] = {**intents["fly"], "counter_examples": ["飞船去冥王吧"]}
        taught = Lexicon(msgspec.convert({**PLANETS, "intents": intents}, Catalogue))
        assert invalid("飞船去冥王吧", taught, "planet") == []
        assert invalid("飞船去海王吧", taught, "planet") == [("planet", "海王")]

    def test_what_examples_annotate_is_unknown_though_no_dictionary_has_it(self) -> None:
        intents = {**PLANETS["intents"]}
        intents["fly"] = {**intents["fly"], "examples": [*intents["fly"]["examples"], "飞船去[冥王](target)吧"]}
        taught = Lexicon(msgspec.convert({**PLANETS, "intents": intents}, Catalogue))
        assert invalid("飞船去冥王吧", taught, "planet") == [("planet", "冥王")]


class TestContexts:
    def test_examples_without_the_kind_teach_nothing(self) -> None:
        catalogue = msgspec.convert({**PLANETS, "intents": {"greet": PLANETS["intents"]["greet"]}}, Catalogue)
        assert contexts_of(EntityName("planet"), catalogue, str.lower) == Contexts()

    def test_words_beside_a_value_and_its_topic_are_learnt(self) -> None:
        contexts = contexts_of(EntityName("planet"), msgspec.convert(PLANETS, Catalogue), str.lower)
        assert {"从", "到", "去", "to ", "from "} <= contexts.lefts
        assert {"到", "的飞", "吧", " now"} <= contexts.rights
        assert {"飞船", "rocket"} <= contexts.topics
        assert not {"的", "从", "now"} & contexts.topics

    def test_where_nothing_stands_after_values_a_pause_must(self) -> None:
        unknowns = Unknowns(Contexts(frozenset({"去"}), frozenset(), frozenset({"飞船"})), ())
        assert list(unknowns.find("坐飞船，去冥王", ())) == [(5, 7)]
        assert list(unknowns.find("坐飞船，去冥王啊", ())) == []

    def test_without_examples_and_suffixes_nothing_is_unknown(self) -> None:
        assert list(Unknowns(Contexts(), ()).find("从冥王到海王的飞船", ())) == []
