import os
import re
import time
from pathlib import Path
from textwrap import dedent

import pytest

from adapters.catalogue_files.reading import MOST_BYTES, parse_catalogue, read_catalogue, read_problems
from domain.dialogue.phrases import ENGLISH
from domain.errors import CatalogueInvalid
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Ambiguity, Function, Intent
from domain.intents.policies import Policies
from domain.slots.checks import Check
from domain.slots.entity_type import EntityType
from domain.slots.slot import Slot
from domain.values import Value

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "docs" / "catalogue.md"
DEMOS = [ROOT / "deploy" / "catalogues" / name for name in ("demo.zh-CN.yaml", "demo.en.yaml")]

GREETING = """\
intents:
  greet:
    title: 问候
    examples: [你好]
    response: 您好
"""


def problems(text: str) -> list[str]:
    """What is wrong with a text, the file's name left out."""
    with pytest.raises(CatalogueInvalid) as refused:
        parse_catalogue(dedent(text), "f")
    return [line.removeprefix("f:") for line in refused.value.message.splitlines()]


def entity(text: str) -> str:
    """A catalogue with one entity type of which `text` is the inside."""
    return f"entities:\n  thing:\n{text}\n{GREETING}"


def slot(text: str) -> Catalogue:
    """A catalogue with one slot, written in flow style."""
    return parse_catalogue(f"{GREETING}    slots:\n      one: {text}\n      two: {{entity: text}}\n", "f")


@pytest.mark.parametrize("demo", DEMOS, ids=lambda path: path.name)
def test_the_demo_catalogues_have_no_problem(demo: Path):
    assert read_problems(demo) == ()
    assert read_catalogue(demo).intents


def test_the_demo_catalogues_are_twins():
    chinese, english = (read_catalogue(demo) for demo in DEMOS)

    assert english.language == "en"
    assert chinese.language == "zh-CN"
    assert chinese.policies == english.policies
    assert list(chinese.entities) == list(english.entities)
    assert list(chinese.ambiguities) == list(english.ambiguities)
    assert {name: list(intent.slots) for name, intent in chinese.intents.items()} == {
        name: list(intent.slots) for name, intent in english.intents.items()
    }
    assert {name: (f.method, f.url, f.arguments, f.idempotent) for name, f in chinese.functions.items()} == {
        name: (f.method, f.url, f.arguments, f.idempotent) for name, f in english.functions.items()
    }


@pytest.mark.parametrize("demo", DEMOS, ids=lambda path: path.name)
def test_every_intent_of_a_demo_has_fifteen_examples(demo: Path):
    assert {name for name, intent in read_catalogue(demo).intents.items() if len(intent.examples) < 15} == set()


@pytest.mark.parametrize("demo", DEMOS, ids=lambda path: path.name)
def test_a_demo_catalogue_loads_quickly(demo: Path):
    def loading() -> float:
        started = time.perf_counter()
        read_catalogue(demo)
        return time.perf_counter() - started

    assert min(loading() for _ in range(3)) < 0.5  # a third of that where nothing else runs


def test_every_yaml_block_of_the_manual_is_a_sound_catalogue():
    blocks = re.findall(r"^```yaml\n(.*?)^```$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    assert blocks
    for block in blocks:
        assert parse_catalogue(block, "catalogue.md").intents


@pytest.mark.parametrize("kind", [Catalogue, Policies, Intent, Ambiguity, Function, EntityType, Slot, Check])
def test_the_manual_explains_every_key(kind: type[Value]):
    manual = MANUAL.read_text(encoding="utf-8")

    assert [key for key in kind.__struct_fields__ if f"\n| `{key}` |" not in manual] == []


def test_the_manual_names_every_response():
    manual = MANUAL.read_text(encoding="utf-8")

    assert [key for key in ENGLISH if f"`{key}`" not in manual] == []


def test_a_catalogue_comes_from_a_file(tmp_path: Path):
    file = tmp_path / "small.yaml"
    file.write_text(GREETING, encoding="utf-8")

    assert read_problems(file) == ()
    assert read_catalogue(file).language == "zh-CN"
    assert read_catalogue(file).intents["greet"].examples == ("你好",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: the file is empty"),
        (b"# nothing\n", ":1: the file is empty"),
        ("intents:\n  问候: {}".encode("gbk"), ":2: not UTF-8 (save the file in UTF-8)"),
        (b"a: 1\nb: \x01", ":2: not YAML: control characters are not allowed"),
        (b"a: 1\n---\nb: 2\n", ":2: not YAML: but found another document (one file holds one catalogue)"),
        (b"-" * (MOST_BYTES + 1), ": too large: more than 8 MiB"),
    ],
)
def test_a_file_that_is_no_yaml_is_one_clear_line(tmp_path: Path, content: bytes, message: str):
    file = tmp_path / "broken.yaml"
    file.write_bytes(content)

    assert read_problems(file) == (f"{file}{message}",)
    with pytest.raises(CatalogueInvalid, match=re.escape(f"{file}{message}")):
        read_catalogue(file)


def test_a_missing_file_and_a_folder_are_one_clear_line(tmp_path: Path):
    assert read_problems(tmp_path / "no.yaml") == (
        f"{tmp_path / 'no.yaml'}: cannot be read: No such file or directory",
    )
    assert read_problems(tmp_path) == (f"{tmp_path}: cannot be read: Is a directory",)


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("intents:\n  a:\n    examples:\n      - 好\n      - [北京](city)出发\n", 5, "begins with a sign"),
        ("a: 1\nb: {x} 好\n", 2, "begins with a sign"),
        ("a:\n\t- b\n", 2, "spaces, not tabs"),
        ("a: b: c\n", 1, "holds ': '"),
        ("a: *b\n", 1, "needs quotes"),
        ("a: 'x\n", 2, ""),
    ],
)
def test_common_slips_in_yaml_get_a_line_and_a_hint(text: str, line: int, hint: str):
    (problem,) = problems(text)

    assert problem.startswith(f"{line}: not YAML: ")
    assert hint in problem


def test_only_the_words_of_yaml_1_2_are_anything_but_text():
    thing = entity("    values: [是, 否, no, on, off, yes, 12:30, 2026-11-25, 1_000, 0b1, N, =]")

    values = parse_catalogue(thing, "f").entities["thing"].values
    assert list(values) == ["是", "否", "no", "on", "off", "yes", "12:30", "2026-11-25", "1_000", "0b1", "N", "="]


@pytest.mark.parametrize(
    ("written", "default"),
    [
        ("12", 12),
        ("-3", -3),
        ("+0012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5e1", 5.0),
        ("-.inf", float("-inf")),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("no", "no"),
    ],
)
def test_scalars_mean_what_the_core_rules_say(written: str, default: object):
    value = slot(f"{{entity: text, default: {written}}}").intents["greet"].slots["one"].default

    assert value == default
    assert type(value) is type(default)


def test_keys_are_texts_whatever_they_look_like():
    catalogue = parse_catalogue(entity("    values: {12306: [铁路], true: [真], null: [空]}"), "f")

    assert list(catalogue.entities["thing"].values) == ["12306", "true", "null"]


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("[单程, 往返]", {"单程": (), "往返": ()}),
        ("{单程: 一趟, 往返: [来回, 双程]}", {"单程": ("一趟",), "往返": ("来回", "双程")}),
        ("{单程: , 往返: []}", {"单程": (), "往返": ()}),
    ],
)
def test_synonyms_may_be_left_out_or_stand_alone(written: str, values: dict[str, tuple[str, ...]]):
    assert parse_catalogue(entity(f"    values: {written}"), "f").entities["thing"].values == values


def test_one_thing_where_a_list_belongs_is_a_list_of_one():
    declared = slot("{entity: text, ask: 什么？, required_unless: two, checks: {matches: .+}, suggest: 好}")

    one = declared.intents["greet"].slots["one"]
    assert (one.ask, one.required_unless, one.suggest) == ("什么？", ("two",), ("好",))
    assert [check.rule for check in one.checks] == ["matches"]


def test_a_key_with_nothing_behind_it_has_its_default():
    catalogue = parse_catalogue(f"language:\nentities:\n{GREETING}    slots:\n    counter_examples:\npolicies:\n", "f")

    assert catalogue == parse_catalogue(GREETING, "f")


def test_unknown_keys_and_misfits_are_found_all_at_once_and_in_order():
    found = problems("""\
        languag: zh-CN
        intents:
          greet:
            title: 123
            exmples: [你好]
            examples: [你好, [您好]]
            priority: high
            threshold: {a: 1}
            slots: [x]
            response: [您好, 7]
          other: nothing
        functions:
          f: {method: FETCH, url: 'http://x', success: 好, arguments: 5}
        entities:
          thing: {match: [exct], check: luhm, values: [1, a]}
          empty:
            values: 好
            sensitive: maybe
        """)

    assert found == [
        "1: unknown key 'languag' (did you mean 'language'?)",
        "4: expected a text, got a whole number (put a text into quotes)",
        "5: unknown key 'exmples' (did you mean 'examples'?)",
        "6: expected a text, got a list (put a text into quotes)",
        "7: expected a whole number, got a text",
        "8: expected a number or nothing, got a mapping",
        "9: expected a mapping, got a list",
        "10: expected a text, got a whole number (put a text into quotes)",
        "11: expected a mapping, got 'nothing' (its keys: title, label, description, examples, counter_examples, "
        "priority, threshold, digression, hand_off, closes, slots, confirm, function, response)",
        "13: 'FETCH' is not one of GET, POST, PUT, PATCH, DELETE (did you mean 'PATCH'?)",
        "13: expected a mapping, got 5",
        "15: 'exct' is not one of exact, fuzzy, pinyin (did you mean 'exact'?)",
        "15: 'luhm' is not one of luhn, id_card, mobile (did you mean 'luhn'?)",
        "15: expected a text, got a whole number (put a text into quotes)",
        "17: expected a mapping, got '好'",
        "18: expected true or false, got a text",
    ]


def test_what_is_missing_is_named():
    assert problems("intents:\n  greet:\n  bye:\n    title: 再见\n") == [
        "2: 'title' is missing",
        "2: 'examples' is missing",
        "3: 'examples' is missing",
    ]
    assert problems("null") == ["1: 'intents' is missing"]
    assert problems("just words")[0].startswith("1: expected a mapping, got 'just words' (its keys: language")


def test_a_misfit_that_is_no_part_of_a_list_is_named_itself():
    assert problems(f"{GREETING}    slots:\n      n: {{entity: number, checks: {{between: [1, 2, 3]}}}}\n") == [
        "7: expected a list of length 2, got 3"
    ]


def test_a_key_written_twice_is_a_problem():
    assert problems(f"{GREETING}    title: 又\n    closes: true\n    closes: false\n") == [
        "6: 'title' is written twice (first in line 3)",
        "8: 'closes' is written twice (first in line 7)",
    ]


@pytest.mark.parametrize("key", ["[a, b]", "{a: 1}", "''"])
def test_a_key_is_a_plain_text(key: str):
    assert problems(f"{GREETING}    ? {key}\n    : 1\n") == ["6: a key must be a plain text"]


def test_merge_keys_are_refused():
    assert problems(f"a: &a {{title: x}}\n{GREETING}    <<: *a\n") == [
        "1: unknown key 'a' (known: ambiguities, entities, functions, intents, language, policies, responses)",
        "7: merge keys are no part of YAML 1.2 (repeat the keys)",
    ]


@pytest.mark.parametrize(
    "tagged",
    [
        "!!python/object/apply:os.system ['exit 1']",
        "!!python/name:os.system ''",
        "!mine x",
        "!!int x",
        "!!float [1]",
        "!!set {a}",
        "!!binary aGk=",
        "!!bool maybe",
    ],
)
def test_no_tag_makes_anything_of_a_text(tagged: str):
    (problem,) = problems(f"{GREETING}    description: {tagged}\n")

    assert re.fullmatch(r"6: tag '.*' does not fit here \(no tags are needed\)", problem)


def test_a_number_that_is_too_long_to_be_read_is_a_problem():
    assert problems(f"{GREETING}    priority: {'9' * 5000}\n") == [
        "6: 99999999999999999999… is too long for a number (put a text into quotes)"
    ]


def test_a_part_written_once_may_be_used_twice():
    catalogue = parse_catalogue(f"{GREETING}    slots:\n      a: &a {{entity: text}}\n      b: *a\n", "f")

    assert catalogue.intents["greet"].slots["a"] == catalogue.intents["greet"].slots["b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 200_000, "1: nested too deeply (40 levels are read)"),
        ("a: " + "{x: " * 100_000, "1: nested too deeply (40 levels are read)"),
        ("a: &a [*a]", "1: the aliases unfold into too much (repeat less of it)"),
        (
            "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)),
            "1: the aliases unfold into too much (repeat less of it)",
        ),
    ],
    ids=["brackets", "braces", "itself", "laughs"],
)
def test_a_bomb_goes_off_nowhere(text: str, message: str):
    started = time.perf_counter()

    assert problems(text) == [message]
    assert time.perf_counter() - started < 5


def test_what_the_core_complains_of_gets_a_line_too():
    assert problems("""\
        entities:
          city: {values: [北京]}
        intents:
          fly:
            title: 订机票
            examples:
              - 订机票
              - "[北京](form)出发"
            function: book
            slots:
              from:
                entity: city
                required_unless: too
                checks:
                  - differs_from: from
        policies: {accept: 1.2, time_zone: Asia/Peking}
        """) == [
        "8: unknown slot 'form' (did you mean 'from'?)",
        "9: unknown function 'book'",
        "13: unknown slot 'too' (known: from)",
        "15: slot 'from' cannot differ from itself",
        "16: 1.2 is no probability (it lies between 0 and 1)",
        "16: unknown time zone 'Asia/Peking' (write it like Asia/Shanghai)",
    ]


@pytest.mark.parametrize("zone", ["", "../etc/passwd", "Asia"])
def test_a_time_zone_is_a_name_that_the_system_knows(zone: str):
    (problem,) = problems(f"{GREETING}policies: {{time_zone: '{zone}'}}\n")

    assert problem.startswith(f"6: unknown time zone {zone!r}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_clear_line(tmp_path: Path):
    file = tmp_path / "secret.yaml"
    file.write_text(GREETING, encoding="utf-8")
    file.chmod(0)

    assert read_problems(file) == (f"{file}: cannot be read: Permission denied",)
