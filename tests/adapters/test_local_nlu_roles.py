"""Which slot a value is for, by the words around it."""

import asyncio
import random
from functools import cache
from pathlib import Path

import msgspec
import pytest

from adapters.catalogue_files.reading import read_catalogue
from adapters.local_nlu.abstraction import Abstraction
from adapters.local_nlu.naming import Task, named
from adapters.local_nlu.roles import Roles
from adapters.local_nlu.spans import Span, cover
from domain.dialogue.state import Collecting, Confirming, Frame
from domain.intents.annotated import read_example
from domain.intents.catalogue import Catalogue
from domain.names import EntityName, IntentName, SlotName
from domain.slots.entity import Entity
from domain.slots.slot import Slot
from tests.adapters.local_nlu_ear import FLIGHT, Ear, roles, small, spoken
from tests.doubles.hearing import entity
from tests.doubles.small_catalogue import small_catalogue

CATALOGUES = Path(__file__).parents[2] / "deploy" / "catalogues"
TRAIN, HOTEL, MOVIE = IntentName("book_train"), IntentName("book_hotel"), IntentName("book_movie")
FROM, TO = "departure_city", "arrival_city"


@cache
def demo(language: str) -> tuple[Catalogue, Roles]:
    catalogue = read_catalogue(CATALOGUES / f"demo.{language}.yaml")
    return catalogue, Roles(catalogue)


def told(marked: str, intent: IntentName = FLIGHT, language: str = "zh-CN") -> dict[str, str | None]:
    """The slot that each marked value is told to be for."""
    text, entities = spoken(marked)
    return {each.text: each.role for each in demo(language)[1].assigned(text, entities, (intent,))}


ROUTES = (
    "从{a}到{b}", "{a}到{b}", "{a}飞{b}", "从{a}飞往{b}的航班", "由{a}前往{b}", "去{b}，从{a}出发", "回{b}，从{a}走", "{a}出发，到{b}",
    "从{a}出发去{b}", "先从{a}走，再去{b}", "目的地{b}，出发地{a}", "出发城市：{a}，到达城市：{b}", "我要从{a}坐飞机到{b}", "我是从{a}出发的，要去{b}", "{a}至{b}",
)  # fmt: skip
ENGLISH_ROUTES = (
    "from {a} to {b}", "to {b} from {a}", "I'm leaving {a} for {b}", "fly out of {a} to {b}", "departing {a}, destination {b}", "{a} to {b}",
    "I want to go to {b} from {a}", "leaving from {a} and arriving in {b}", "going to {b}, starting in {a}",
)  # fmt: skip


@pytest.mark.parametrize(("language", "route"), [("zh-CN", r) for r in ROUTES] + [("en", r) for r in ENGLISH_ROUTES])
def test_a_route_is_told_for_cities_never_seen_in_an_example(language: str, route: str) -> None:
    catalogue, _ = demo(language)
    names = [name for name in catalogue.entities[EntityName("city")].values if name.replace(" ", "").isalpha()]
    chance = random.Random(route)
    for _ in range(10):
        one, other = chance.sample(names, 2)
        marked = route.format(a=f"[{one}](city)", b=f"[{other}](city)")
        assert told(marked, language=language) == {one: FROM, other: TO}, marked


@pytest.mark.parametrize(
    ("marked", "role"),
    [
        ("去[南极](city)", TO), ("飞[南极](city)", TO), ("回[南极](city)", TO), ("到[南极](city)的机票", TO), ("从[南极](city)出发", FROM), ("[南极](city)出发", FROM),
        ("打[南极](city)走", FROM), ("目的地改成[南极](city)", TO), ("出发城市改成[南极](city)", FROM), ("改成从[南极](city)走", FROM), ("到达城市是[南极](city)", TO),
        ("不对，去[南极](city)", TO), ("出发城市不对，应该是[南极](city)", FROM), ("返程日期改成[后天](date)", "return_date"), ("[后天](date)回来", "return_date"),
        ("[后天](date)出发", "departure_date"), ("出发日期：[后天](date)", "departure_date"), ("日期改成[后天](date)", "departure_date"),
        ("日期错了，改成[后天](date)", "departure_date"), ("[3](number)个人", "passenger_count"), ("人数改成[3](number)", "passenger_count"),
        ("[三](number)张", "passenger_count"), ("[三天](duration)后返回", "return_date"),
    ],
)  # fmt: skip
def test_one_value_is_told_by_its_words(marked: str, role: str) -> None:
    assert list(told(marked).values()) == [role]


@pytest.mark.parametrize(
    ("marked", "role"),
    [
        ("to [Atlantis](city)", TO), ("from [Atlantis](city)", FROM), ("I'm flying out of [Atlantis](city)", FROM), ("the destination is [Atlantis](city)", TO),
        ("change the departure city to [Atlantis](city)", FROM), ("coming back [on Sunday](date)", "return_date"), ("leaving [on Sunday](date)", "departure_date"),
        ("the date should be [Sunday](date)", "departure_date"), ("[three](number) people", "passenger_count"), ("passengers: [3](number)", "passenger_count"),
    ],
)  # fmt: skip
def test_one_english_value_is_told_by_its_words(marked: str, role: str) -> None:
    assert list(told(marked, language="en").values()) == [role]


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        ("[12月1号](date)入住，[12月3号](date)退房", {"12月1号": "check_in_date", "12月3号": "check_out_date"}),
        ("[12月3号](date)离店", {"12月3号": "check_out_date"}), ("住到[12月3号](date)", {"12月3号": "check_out_date"}),
        ("入住日期改成[12月2号](date)", {"12月2号": "check_in_date"}), ("要[两](number)间房", {"两": "room_count"}), ("[两](number)间", {"两": "room_count"}),
    ],
)  # fmt: skip
def test_a_stay_is_told_by_its_words(marked: str, wanted: dict[str, str]) -> None:
    assert told(marked, HOTEL) == wanted


@pytest.mark.parametrize(
    "marked",
    ["[南极](city)", "[南极](city)吧", "[3](number)", "[后天](date)", "就[后天](date)好了", "[南极](city)不错"],
)
def test_nothing_is_told_where_no_word_points_anywhere(marked: str) -> None:
    assert list(told(marked).values()) == [None]


def test_a_number_alone_is_no_number_of_people() -> None:
    assert told("[12345](number)") == {"12345": None}


def test_what_a_value_is_changed_from_or_into_is_left_to_what_it_was() -> None:
    assert told("把[上海](city)改成[深圳](city)") == {"上海": None, "深圳": None}
    assert told("[上海](city)换成[深圳](city)") == {"上海": None, "深圳": None}
    assert told("change [Paris](city) to [Rome](city)", language="en") == {"Paris": None, "Rome": None}


def test_of_two_values_for_one_slot_the_surer_one_keeps_it() -> None:
    assert told("[西宁](city)吧，从[合肥](city)出发")["合肥"] == FROM
    assert told("[西宁](city)吧，从[合肥](city)出发")["西宁"] != FROM


def test_a_value_said_again_is_told_both_times() -> None:
    assert told("从[西宁](city)，不对，从[合肥](city)出发") == {"西宁": FROM, "合肥": FROM}


def test_words_count_for_the_first_intent_that_takes_the_kind() -> None:
    text, entities = spoken("去[北京](city)，[两](number)间")
    found = demo("zh-CN")[1].assigned(text, entities, (HOTEL, FLIGHT))
    assert {each.text: each.role for each in found} == {"北京": None, "两": "room_count"}
    nowhere = demo("zh-CN")[1].assigned(text, entities, (IntentName("greeting"),))
    assert [each.role for each in nowhere] == [None, None]
    assert [each.role for each in demo("zh-CN")[1].assigned(text, entities, ())] == [None, None]


def test_readings_of_one_span_do_not_disturb_each_other() -> None:
    text = "从北京到上海，12月3号走"
    whole = (entity("北京", "city", at=1), entity("上海", "city", at=4), entity("12月3号", "date", at=7))
    parts = (
        *whole,
        entity("12", "number", 12, at=7),
        entity("3", "number", 3, at=10),
        entity("12月3号", "datetime", at=7),
    )
    ordered = tuple(sorted(parts, key=lambda each: (each.start, -each.end)))
    found = {(e.text, e.kind): e.role for e in demo("zh-CN")[1].assigned(text, ordered, (FLIGHT,))}
    assert (found["北京", "city"], found["上海", "city"]) == (FROM, TO)


def test_a_catalogue_without_annotations_goes_by_what_its_slots_are_called() -> None:
    intents = small_catalogue().intents
    bare = Roles(small(intents={FLIGHT: msgspec.structs.replace(intents[FLIGHT], examples=("订机票",))}))
    text, entities = spoken("从[武汉](city)到[广州](city)")
    assert [each.role for each in bare.assigned(text, entities, (FLIGHT,))] == [FROM, TO]
    mute = Roles(small(intents={IntentName("help"): intents[IntentName("help")]}, ambiguities={}, functions={}))
    assert mute.assigned(text, entities, (IntentName("help"),)) == entities


async def test_the_recogniser_tells_roles_of_a_correction_in_hand() -> None:
    ear = await Ear().learn()
    answer = await ear.hear("出发城市改成[武汉](city)，到[广州](city)", Confirming(Frame(FLIGHT)))
    assert roles(answer) == {"武汉": FROM, "广州": TO}
    answer = await ear.hear("从[武汉](city)", Collecting(Frame(FLIGHT), SlotName(TO)))
    assert roles(answer) == {"武汉": FROM}


# --- Names of slots ----------------------------------------------------------------------------------------------

SLOTS = {
    SlotName("a"): Slot(entity=EntityName("city"), title="出发城市"),
    SlotName("b"): Slot(entity=EntityName("date"), title="出发日期"),
    SlotName("c"): Slot(entity=EntityName("date"), title="返程日期", required_when={SlotName("t"): "往返"}),
    SlotName("d"): Slot(entity=EntityName("number"), title="departure date"),
    SlotName("e"): Slot(entity=EntityName("number")),
}


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("出发城市", "a"), ("出发城市是", "a"), ("把出发城市改成", "a"), ("城市：", "a"), ("出发日期改到", "b"), ("返程日期", "c"), ("日期", "b"), ("日期不对，是", "b"),
        ("the departure date to ", "d"), ("my date: ", "d"), ("THE DEPARTURE DATE IS ", "d"), ("the date is wrong, it should be ", "d"),
        ("期", None), ("", None), ("明年", None), ("candidate ", None), ("update ", None), ("我要去", None),
    ],
)  # fmt: skip
def test_a_slot_is_named_by_its_title_or_the_end_of_it(before: str, name: str | None) -> None:
    assert named(before, SLOTS) == name


def test_a_name_that_two_slots_share_names_neither() -> None:
    twins = {SlotName(n): Slot(entity=EntityName("date"), title=t) for n, t in (("x", "入住日期"), ("y", "离店日期"))}
    assert named("日期改成", twins) is None
    assert named("离店日期改成", twins) == "y"
    assert named("日期", {}) is None


@pytest.mark.parametrize(
    "words",
    ["改日期", "把出发日期改一下", "日期错了", "能改一下出发城市吗", "change the departure date", "the date is wrong"],
)
def test_a_change_names_what_the_task_has(words: str) -> None:
    assert Task(("出发城市", "出发日期", "departure date")).is_changed_by(words)
    assert not Task().is_changed_by(words)


@pytest.mark.parametrize(
    "words", ["改口味", "口味错了", "change the flavour", "日期是哪天", "出发城市在哪", "V改V", "改", "日期"]
)
def test_other_words_name_no_change(words: str) -> None:
    assert not Task(("出发城市", "出发日期")).is_changed_by(words)


def test_a_task_takes_values_of_its_kinds() -> None:
    task = Task((), frozenset({EntityName("city")}))
    assert task.takes(())
    assert task.takes((entity("北京", "city"), entity("1", "number", 1)))
    assert not task.takes((entity("1", "number", 1),))


# --- Values out of the text --------------------------------------------------------------------------------------


def test_values_that_name_things_are_levelled_and_words_that_tell_intents_apart_stay() -> None:
    catalogue, _ = demo("zh-CN")
    abstraction = Abstraction(catalogue)

    def levelled(marked: str) -> str:
        text, entities = spoken(marked)
        return abstraction.levelled(text, entities)

    assert levelled("去[东京](city)") == levelled("去[拉萨](city)")
    assert levelled("[大后天](date)走") == levelled("[下周三](date)走")
    assert levelled("改[登录密码](password_type)") == "改登录密码"
    assert levelled("卡号[6222080012345675](bank_card)") == "卡号银行卡号"
    assert levelled("看[流浪地球](text)") == "看流浪地球"
    assert levelled("[tomorrow](date) please") == "tomorrow please"


def test_texts_differing_in_values_alone_have_one_pattern() -> None:
    abstraction = Abstraction(demo("zh-CN")[0])
    patterns = {
        abstraction.pattern(*spoken(f"去[{city}](city)，[{day}](date)"))
        for city, day in (("东京", "明天"), ("拉萨", "周五"))
    }
    assert len(patterns) == 1
    assert abstraction.pattern(*spoken("去[东京](city)")) != abstraction.pattern(*spoken("去[东京](bank)"))


def test_values_in_examples_are_those_annotated_and_those_of_dictionaries() -> None:
    catalogue = small_catalogue()
    intent = catalogue.intent(FLIGHT)
    example = read_example("从[北京](departure_city)到上海，[备注](note)，[什么](nothing)，北京市区")
    spans = Abstraction(catalogue).spans(example, intent)
    assert [example.text[span.start : span.end] for span in spans] == ["北京", "上海", "北京"]
    assert Abstraction(catalogue).spans(read_example("[北京](departure_city)"), None) == ()


def test_a_dictionary_word_inside_a_word_of_an_alphabet_is_none() -> None:
    catalogue, _ = demo("en")
    abstraction = Abstraction(catalogue)
    found = abstraction.spans(read_example("I read Romeo in Rome"), None)
    assert [(span.start, span.kind) for span in found] == [(16, "city")]


def test_one_reading_of_each_place_is_kept() -> None:
    one = (
        entity("12月3号", "date", at=0),
        entity("12月", "date", at=0),
        entity("3", "number", 3, at=3),
        entity("北京", "city", at=6),
    )
    assert [each.text for each in cover(one)] == ["12月3号", "北京"]
    same = (entity("1", "number", 1, at=0), entity("1", "ordinal", 1, at=0))
    assert cover(same, (EntityName("ordinal"),))[0].kind == "ordinal"
    assert cover((Entity(EntityName("city"), 3, 3, "", ""),)) == ()
    assert Span(EntityName("city"), 0, 2) == Span(EntityName("city"), 0, 2)


def test_learning_roles_twice_tells_the_same() -> None:
    catalogue, first = demo("zh-CN")
    text, entities = spoken("先去[上海](city)，[后天](date)从[北京](city)走，[三天](duration)后回来")
    assert Roles(catalogue).assigned(text, entities, (FLIGHT,)) == first.assigned(text, entities, (FLIGHT,))


def test_roles_of_a_learnt_catalogue_are_found_by_the_recogniser_too() -> None:
    ear = asyncio.run(Ear(demo("zh-CN")[0]).learn())
    answer = asyncio.run(ear.hear("帮我买张从[开封](city)去[洛阳](city)的高铁票"))
    assert roles(answer) == {"开封": FROM, "洛阳": TO}
