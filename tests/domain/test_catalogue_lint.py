from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from domain.errors import CatalogueInvalid
from domain.intents.catalogue import Catalogue
from domain.intents.lint import checked, lint
from domain.intents.problem import Problem, did_you_mean


def catalogue(**changes: Any) -> Catalogue:
    """A small catalogue without a flaw, with whole sections replaced."""
    content: dict[str, Any] = {
        "entities": {
            "city": {"values": {"北京": ["帝都"], "上海": []}},
            "trip_type": {"values": {"单程": [], "往返": ["来回"]}},
            "card": {"pattern": r"\d{16}", "sensitive": True},
        },
        "intents": {"book_flight": flight()},
        "functions": {"book_flight": function()},
    }
    return msgspec.convert(content | changes, Catalogue)


def slots(**changes: Any) -> Mapping[str, Any]:
    return {
        "departure_city": {"entity": "city", "required": True},
        "arrival_city": {"entity": "city", "required": True, "checks": [{"differs_from": "departure_city"}]},
        "departure_date": {"entity": "date", "required": True, "checks": [{"not_before": "today"}]},
        "trip_type": {"entity": "trip_type", "default": "单程"},
        "card": {"entity": "card"},
    } | changes


def flight(**changes: Any) -> Mapping[str, Any]:
    return {
        "title": "订机票",
        "examples": ["从[北京](departure_city)出发", "订机票"],
        "slots": slots(),
        "function": "book_flight",
    } | changes


def function(**changes: Any) -> Mapping[str, Any]:
    content = {"url": "${API}/flights", "arguments": {"from": "departure_city"}, "success": "好了，{order_id}"}
    return content | changes


def with_slots(**changes: Any) -> Catalogue:
    return catalogue(intents={"book_flight": flight(slots=slots(**changes))})


def with_intent(**changes: Any) -> Catalogue:
    return catalogue(intents={"book_flight": flight(**changes)})


def with_function(**changes: Any) -> Catalogue:
    return catalogue(functions={"book_flight": function(**changes)})


def only_problem(flawed: Catalogue) -> Problem:
    (problem,) = lint(flawed)
    return problem


FLIGHT = ("intents", "book_flight")
SLOTS = (*FLIGHT, "slots")


def test_a_sound_catalogue_has_no_problem_and_comes_back_itself():
    sound = catalogue()

    assert lint(sound) == ()
    assert checked(sound) is sound


def test_an_unsound_catalogue_is_refused_with_every_problem_on_its_own_line():
    flawed = catalogue(intents={"book_flight": flight(function="book_flite", threshold=2.0)})

    with pytest.raises(CatalogueInvalid) as refused:
        checked(flawed)

    assert refused.value.message.splitlines() == [
        "intents.book_flight.function: unknown function 'book_flite' (did you mean 'book_flight'?)",
        "intents.book_flight.threshold: 2.0 is no probability (it lies between 0 and 1)",
    ]


def test_a_problem_says_where_it_is():
    assert str(Problem(("a", "b", 0, "c"), "wrong")) == "a.b[0].c: wrong"
    assert str(Problem((), "wrong", "do this")) == "catalogue: wrong (do this)"


def test_a_hint_names_the_nearest_name_or_the_few_there_are():
    assert did_you_mean("citty", ["city", "date"]) == "did you mean 'city'?"
    assert did_you_mean("xyz", ["city", "date"]) == "known: city, date"
    assert did_you_mean("xyz", []) == ""
    assert did_you_mean("xyz", map(str, range(9))) == ""


@pytest.mark.parametrize(
    ("flawed", "path", "message"),
    [
        (with_slots(card={"entity": "citty"}), (*SLOTS, "card", "entity"), "unknown entity 'citty'"),
        (with_intent(function="fly"), (*FLIGHT, "function"), "unknown function 'fly'"),
        (with_intent(examples=["从[北京](from)出发"]), (*FLIGHT, "examples", 0), "unknown slot 'from'"),
        (
            with_slots(card={"entity": "card", "required_when": {"trip": "往返"}}),
            (*SLOTS, "card", "required_when", "trip"),
            "unknown slot 'trip'",
        ),
        (
            with_slots(card={"entity": "card", "required_unless": ["trip_type", "trip"]}),
            (*SLOTS, "card", "required_unless", 1),
            "unknown slot 'trip'",
        ),
        (
            with_slots(back={"entity": "date", "relative_to": "departure"}),
            (*SLOTS, "back", "relative_to"),
            "unknown slot 'departure'",
        ),
        (
            with_slots(card={"entity": "card", "checks": [{"matches": "x"}, {"differs_from": "kard"}]}),
            (*SLOTS, "card", "checks", 1, "differs_from"),
            "unknown slot 'kard'",
        ),
        (
            with_slots(back={"entity": "date", "checks": [{"not_before": "departure"}]}),
            (*SLOTS, "back", "checks", 0, "not_before"),
            "unknown slot 'departure'",
        ),
        (
            with_slots(back={"entity": "date", "checks": [{"not_after": "2026-13-01"}]}),
            (*SLOTS, "back", "checks", 0, "not_after"),
            "unknown slot '2026-13-01'",
        ),
        (
            with_function(arguments={"to": "arival_city"}),
            ("functions", "book_flight", "arguments", "to"),
            "unknown slot 'arival_city'",
        ),
        (
            catalogue(
                ambiguities={"票": {"examples": ["买票"], "candidates": ["book_flight", "book_trian"], "ask": "哪种"}}
            ),
            ("ambiguities", "票", "candidates", 1),
            "unknown intent 'book_trian'",
        ),
    ],
)
def test_a_name_that_nothing_bears_is_a_problem_with_a_hint(
    flawed: Catalogue, path: tuple[str | int, ...], message: str
):
    problem = only_problem(flawed)

    assert (problem.path, problem.message) == (path, message)
    assert problem.hint


def test_an_annotation_in_an_ambiguity_names_a_slot_of_a_candidate():
    offer = {
        "candidates": ["book_flight", "book_train"],
        "ask": "怎么去",
        "examples": ["去[北京](to)", "去[上海](stop)"],
    }
    train = flight(examples=["订车票"], slots=slots(stop={"entity": "city"}))
    flawed = catalogue(intents={"book_flight": flight(), "book_train": train}, ambiguities={"go": offer})

    problem = only_problem(flawed)

    assert (problem.path, problem.message) == (("ambiguities", "go", "examples", 0), "unknown slot 'to'")


def test_bounds_of_dates_need_no_slot():
    back = {"entity": "date", "checks": [{"not_before": "2026-01-01"}, {"not_after": "today"}]}

    assert lint(with_slots(back=back)) == ()


def test_an_ambiguity_with_one_candidate_asks_nothing():
    flawed = catalogue(ambiguities={"票": {"examples": ["买票"], "candidates": ["book_flight"], "ask": "哪种"}})

    assert only_problem(flawed).path == ("ambiguities", "票", "candidates")


def test_arguments_of_a_function_that_nobody_calls_are_left_alone():
    unused = catalogue(functions={"book_flight": function(), "spare": function(arguments={"x": "whatever"})})

    assert lint(unused) == ()


def test_a_function_of_two_intents_takes_the_slots_of_either():
    other = flight(examples=["改签"], slots={"order": {"entity": "text"}})
    shared = catalogue(
        intents={"book_flight": flight(), "change": other},
        functions={"book_flight": function(arguments={"from": "departure_city", "order": "order"})},
    )

    assert lint(shared) == ()


def test_a_bracket_that_looks_like_an_annotation_is_one_or_a_problem():
    problem = only_problem(with_intent(examples=["从[北京](departure city)出发"]))

    assert problem.path == (*FLIGHT, "examples", 0)
    assert problem.message == "malformed annotation"


@pytest.mark.parametrize(
    ("changes", "cycle"),
    [
        (
            {
                "a": {"entity": "trip_type", "required_when": {"b": "往返"}},
                "b": {"entity": "trip_type", "required_when": {"a": "往返"}},
            },
            {"a", "b"},
        ),
        (
            {
                "a": {"entity": "date", "relative_to": "b"},
                "b": {"entity": "date", "checks": [{"not_before": "c"}]},
                "c": {"entity": "date", "checks": [{"not_before": "a"}]},
            },
            {"a", "b", "c"},
        ),
        ({"a": {"entity": "date", "relative_to": "a"}}, {"a"}),
    ],
)
def test_slots_that_wait_for_each_other_are_a_problem(changes: Mapping[str, Any], cycle: set[str]):
    problem = only_problem(with_slots(**changes))

    start = problem.path[-1]
    assert set(problem.message.removeprefix("slots depend on each other: ").split(" -> ")) == cycle
    assert problem.message.endswith(f" -> {start}")


def test_either_of_two_slots_may_spare_the_other():
    either = with_slots(
        phone={"entity": "phone", "required": True, "required_unless": ["email"]},
        email={"entity": "email", "required": True, "required_unless": ["phone"]},
    )

    assert lint(either) == ()


@pytest.mark.parametrize(
    ("check", "path", "message"),
    [
        ({}, (), "a check declares exactly one rule"),
        ({"say": "不行"}, (), "a check declares exactly one rule"),
        ({"within_days": 3, "not_before": "today"}, (), "a check declares exactly one rule"),
        ({"differs_from": "when"}, ("differs_from",), "slot 'when' cannot differ from itself"),
        ({"matches": "("}, ("matches",), "not a regular expression: missing ), unterminated subpattern at position 0"),
        ({"between": [1, 9]}, ("between",), "between is for numbers, not for entity 'date'"),
    ],
)
def test_a_check_that_cannot_work_is_a_problem(check: Mapping[str, Any], path: tuple[str, ...], message: str):
    problem = only_problem(with_slots(when={"entity": "date", "checks": [check]}))

    assert problem.path == (*SLOTS, "when", "checks", 0, *path)
    assert problem.message == message


@pytest.mark.parametrize("rule", [{"not_before": "today"}, {"not_after": "today"}, {"within_days": 3}])
def test_a_check_of_dates_is_for_dates(rule: Mapping[str, Any]):
    problem = only_problem(with_slots(to={"entity": "city", "checks": [rule]}))

    assert problem.message.endswith("is for dates, not for entity 'city'")


def test_the_bounds_of_a_range_are_in_order():
    problem = only_problem(with_slots(count={"entity": "number", "checks": [{"between": [9, 1]}]}))

    assert problem.path == (*SLOTS, "count", "checks", 0, "between")


def test_only_dates_are_relative_to_dates():
    first, second = lint(with_slots(card={"entity": "card", "relative_to": "trip_type"}))

    assert first.message == "relative_to joins dates, and slot 'card' is of entity 'card'"
    assert second.message == "relative_to joins dates, and slot 'trip_type' is of entity 'trip_type'"


@pytest.mark.parametrize(
    ("slot", "path", "hint"),
    [
        ({"entity": "trip_type", "default": "往反"}, ("default",), "did you mean '往返'?"),
        ({"entity": "trip_type", "default": "来回"}, ("default",), "write '往返', which it is a synonym of"),
        ({"entity": "trip_type", "default": 1}, ("default",), "known: 单程, 往返"),
        ({"entity": "city", "suggest": ["北京", "帝都", "上诲"]}, ("suggest", 2), "did you mean '上海'?"),
        (
            {"entity": "date", "required_when": {"trip_type": "来回"}},
            ("required_when", "trip_type"),
            "write '往返', which it is a synonym of",
        ),
    ],
)
def test_a_value_that_its_entity_does_not_have_is_a_problem(slot: Mapping[str, Any], path: tuple[str, ...], hint: str):
    problem = only_problem(with_slots(new=slot))

    assert problem.path == (*SLOTS, "new", *path)
    assert "is no value of entity" in problem.message
    assert problem.hint == hint


@pytest.mark.parametrize(
    ("entity", "content", "message"),
    [
        ("number", "一", "'一' is not a number"),
        ("number", True, "True is not a number"),
        ("date", "明天", "'明天' is not a date"),
    ],
)
def test_a_default_of_a_built_in_kind_is_written_in_normalised_form(entity: str, content: Any, message: str):
    problem = only_problem(with_slots(new={"entity": entity, "default": content}))

    assert (problem.path, problem.message) == ((*SLOTS, "new", "default"), message)


@pytest.mark.parametrize(
    ("entity", "content"), [("number", 1), ("money", 0.5), ("date", "2026-11-25"), ("text", "无"), ("card", "x")]
)
def test_defaults_in_normalised_form_are_fine(entity: str, content: Any):
    assert lint(with_slots(new={"entity": entity, "default": content})) == ()


def test_suggestions_of_built_in_kinds_are_free_words():
    assert lint(with_slots(when={"entity": "date", "suggest": ["明天", "后天"]})) == ()


@pytest.mark.parametrize("inside", [{"title": "空"}, {"check": "luhn", "suffixes": ["市"]}])
def test_an_entity_needs_something_to_match(inside: Mapping[str, Any]):
    problem = only_problem(catalogue(entities=entities(empty=inside)))

    assert problem.path == ("entities", "empty")


def test_the_pattern_of_an_entity_is_a_regular_expression():
    problem = only_problem(catalogue(entities=entities(bad={"pattern": "[a"})))

    assert problem.path == ("entities", "bad", "pattern")


def entities(**more: Any) -> Mapping[str, Any]:
    declared: Mapping[str, Any] = msgspec.to_builtins(catalogue().entities)
    return {**declared, **more}


def test_a_catalogue_without_intents_is_a_problem():
    assert only_problem(catalogue(intents={})).message == "the catalogue declares no intent"


def test_an_intent_without_examples_is_unreachable():
    problem = only_problem(with_intent(examples=[]))

    assert problem.message == "intent 'book_flight' is unreachable: it has no examples"


def test_an_example_needs_a_word():
    problem = only_problem(with_intent(examples=["订机票", "？！"]))

    assert (problem.path, problem.message) == ((*FLIGHT, "examples", 1), "an example without a word")


def test_an_intent_must_come_to_something():
    problem = only_problem(with_intent(function=None))

    assert problem.message == "intent 'book_flight' does nothing in the end"


@pytest.mark.parametrize("outcome", [{"response": "好"}, {"response": ["好", "行"]}, {"hand_off": True}])
def test_a_response_or_a_person_will_do(outcome: Mapping[str, Any]):
    assert lint(with_intent(function=None, **outcome)) == ()


def test_the_same_words_in_two_intents_are_a_problem_however_they_are_written():
    rail = flight(examples=["订车票", "请从帝都出发吧！"])
    flawed = catalogue(
        intents={"book_flight": flight(examples=["从[帝都](departure_city)出发", "从帝都出发。"]), "book_train": rail}
    )

    problem = only_problem(flawed)

    assert problem.path == ("intents", "book_train", "examples", 1)
    assert problem.message == "example '请从帝都出发吧！' also belongs to intent 'book_flight'"


def test_the_same_words_in_two_ambiguities_are_a_problem():
    ticket = {"examples": ["买票"], "candidates": ["book_flight", "book_train"], "ask": "哪种"}
    flawed = catalogue(
        intents={"book_flight": flight(), "book_train": flight(examples=["订车票"])},
        ambiguities={"买票": ticket, "票": ticket},
    )

    assert only_problem(flawed).message == "example '买票' also belongs to ambiguity '买票'"


def test_an_example_is_no_counter_example():
    problem = only_problem(with_intent(counter_examples=["订火车票", "订机票！"]))

    assert problem.path == (*FLIGHT, "counter_examples", 1)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"timeout": "30"}, "timeout"),
        ({"timeout": "1 min"}, "timeout"),
        ({"timeout": "0s"}, "timeout"),
        ({"url": "flights"}, "url"),
        ({"url": "ftp://host/x"}, "url"),
        ({"url": "https://host/{x}"}, "url"),
        ({"url": "${API/x"}, "url"),
        ({"retries": -1}, "retries"),
    ],
)
def test_a_function_that_cannot_be_called_is_a_problem(changes: Mapping[str, Any], key: str):
    assert only_problem(with_function(**changes)).path == ("functions", "book_flight", key)


@pytest.mark.parametrize("timeout", ["30s", "500ms", "0.5s"])
@pytest.mark.parametrize("url", ["https://host:8080/a/${ID}?x=1", "${API}", "http://127.0.0.1/x"])
def test_usual_addresses_and_timeouts_are_fine(timeout: str, url: str):
    assert lint(with_function(timeout=timeout, url=url)) == ()


@pytest.mark.parametrize("text", ["{", "}", "{}", "{a", "a}", "{{a}}", "{a b}"])
def test_a_brace_that_belongs_to_no_variable_is_a_problem(text: str):
    assert only_problem(with_function(success=text)).path == ("functions", "book_flight", "success")
    assert only_problem(with_function(failure=["好", text])).path == ("functions", "book_flight", "failure", 1)
    assert only_problem(with_intent(response=text)).path == (*FLIGHT, "response")
    assert only_problem(catalogue(responses={"greet": text})).path == ("responses", "greet")


@pytest.mark.parametrize("arguments", [{"from": "departure_city"}, {"number": "card"}])
def test_a_success_that_repeats_a_sensitive_value_is_a_problem(arguments: Mapping[str, str]):
    name = "number" if "number" in arguments else "card"
    problem = only_problem(with_function(success=["好", "{from} {" + name + "}"], arguments=arguments))

    assert problem.path == ("functions", "book_flight", "success")
    assert problem.message == "{" + name + "} is sensitive"


@pytest.mark.parametrize(
    ("policies", "key"),
    [
        ({"accept": 60}, "accept"),
        ({"ambiguous": -0.1}, "ambiguous"),
        ({"margin": 1.5}, "margin"),
        ({"choices": 1}, "choices"),
        ({"reprompts": 0}, "reprompts"),
        ({"unknowns": 0}, "unknowns"),
        ({"suspended": -1}, "suspended"),
        ({"idle_minutes": 0}, "idle_minutes"),
    ],
)
def test_a_policy_out_of_range_is_a_problem(policies: Mapping[str, Any], key: str):
    assert only_problem(catalogue(policies=policies)).path == ("policies", key)
