"""The commands: what they start, what they say, how they end."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.catalogue_files.reading import read_catalogue, read_problems
from adapters.cli.app import create_cli
from application.check_health import PartHealth
from domain.errors import CatalogueInvalid, SettingsInvalid
from tests.doubles.scripted_runtime import ScriptedRuntime

GOOD = """\
language: zh-CN
entities:
  city: {values: {北京: [], 上海: []}}
intents:
  book_flight:
    title: 订机票
    examples: [订机票, 买机票]
    slots:
      city: {entity: city, required: true, ask: 请问城市？}
    response: 已记下{city}。
  goodbye: {title: 再见, examples: [再见], closes: true, response: 再见！}
"""


def huiyi(*arguments: str, runtime: ScriptedRuntime | None = None) -> Result:
    app = create_cli(
        runtime or ScriptedRuntime(), read_problems=read_problems, read_catalogue=read_catalogue, version="1.2.3"
    )
    return CliRunner().invoke(app, arguments, prog_name="huiyi")


def test_the_version_is_one_line() -> None:
    result = huiyi("--version")
    assert (result.exit_code, result.output) == (0, "huiyi 1.2.3\n")


@pytest.mark.parametrize(
    "command", [(), ("serve",), ("demo",), ("chat",), ("catalogue",), ("catalogue", "check"), ("doctor",)]
)
def test_every_help_text_teaches_and_starts_nothing(command: tuple[str, ...]) -> None:
    runtime = ScriptedRuntime()
    result = huiyi(*command, "--help", runtime=runtime)
    assert result.exit_code == 0
    assert "Usage: huiyi" in result.output
    assert command == ("catalogue",) or "  huiyi " in result.output
    assert runtime.started == []


def test_without_a_command_the_help_is_shown() -> None:
    assert "Begin here" in huiyi().output


def test_serve_hands_its_options_on() -> None:
    runtime = ScriptedRuntime()
    assert huiyi("serve", runtime=runtime).exit_code == 0
    assert huiyi("serve", "--host", "::1", "--port", "9000", "--env-file", "a.env", runtime=runtime).exit_code == 0
    assert runtime.started == [
        ("serve", {"host": None, "port": None, "env_file": None}),
        ("serve", {"host": "::1", "port": 9000, "env_file": Path("a.env")}),
    ]


def test_demo_runs_in_chinese_on_port_8000_unless_told_otherwise() -> None:
    runtime = ScriptedRuntime()
    assert huiyi("demo", runtime=runtime).exit_code == 0
    assert huiyi("demo", "--port", "9000", "--language", "en", runtime=runtime).exit_code == 0
    assert runtime.started == [
        ("demo", {"port": 8000, "language": "zh-CN"}),
        ("demo", {"port": 9000, "language": "en"}),
    ]


@pytest.mark.parametrize(
    "arguments", [("serve", "--port", "0"), ("demo", "--language", "fr"), ("sing",), ("serve", "x")]
)
def test_arguments_that_do_not_fit_are_refused_before_anything_starts(arguments: tuple[str, ...]) -> None:
    runtime = ScriptedRuntime()
    assert huiyi(*arguments, runtime=runtime).exit_code == 2
    assert runtime.started == []


@pytest.mark.parametrize("command", ["serve", "demo", "chat", "doctor"])
def test_a_wrong_setting_is_one_line_and_exit_code_two(command: str) -> None:
    runtime = ScriptedRuntime(refusal=SettingsInvalid("unknown setting PROT; did you mean PORT?"))
    result = huiyi(command, runtime=runtime)
    assert result.exit_code == 2
    assert result.stderr == "huiyi: unknown setting PROT; did you mean PORT?\n"
    assert result.stdout == ""


def test_an_error_of_many_lines_is_told_by_its_first() -> None:
    refusal = CatalogueInvalid("my.yaml:3: no such slot 'ctiy'\nmy.yaml:9: a cycle\n\nmy.yaml:12: \x1b[31mred\n")
    result = huiyi("chat", "--catalogue", "my.yaml", runtime=ScriptedRuntime(refusal=refusal))
    assert result.exit_code == 2
    assert result.stderr == "huiyi: my.yaml:3: no such slot 'ctiy' (and 2 more)\n"


def test_an_error_without_words_is_still_a_line() -> None:
    assert huiyi("serve", runtime=ScriptedRuntime(refusal=SettingsInvalid(""))).stderr == "huiyi: unknown error\n"


def test_an_interrupted_command_ends_without_a_traceback() -> None:
    result = huiyi("serve", runtime=ScriptedRuntime(refusal=KeyboardInterrupt()))
    assert (result.exit_code, result.output) == (130, "")


def test_a_good_catalogue_is_summed_up(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD, encoding="utf-8")
    result = huiyi("catalogue", "check", str(file))
    assert result.output == f"ok: 2 intents, 3 examples, 1 slot, 1 entity type, 0 functions in {file}\n"
    assert result.exit_code == 0


def test_every_problem_of_every_catalogue_is_printed_with_file_and_line(tmp_path: Path) -> None:
    good, bad, missing = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "missing.yaml"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text(GOOD.replace("entity: city,", "entity: ctiy,"), encoding="utf-8")
    result = huiyi("catalogue", "check", str(bad), str(good), str(missing))
    assert result.exit_code == 1
    first, *_, last = result.stdout.splitlines()
    assert first.startswith(f"{bad}:9: ")
    assert "ctiy" in first
    assert f"in {good}" in result.stdout
    assert last.startswith(f"{missing}: cannot be read")


def test_catalogue_check_wants_a_file() -> None:
    assert huiyi("catalogue", "check").exit_code == 2


WELL = PartHealth("repository", "ok", "SQLite at var/huiyi.db", required=True)
LAME = PartHealth("knowledge", "degraded", "local", "[2 of 9] documents were read; see the log")
AWAY = PartHealth("duckling", "down", "embedded", "pip install 'huiyi[embedded]'")
UNUSED = PartHealth("model", "not_configured", "none")
DEAD = PartHealth("repository", "down", "MySQL at \x1b[2Jdb:3306", "is it running?", required=True)


def test_doctor_finds_everything_well() -> None:
    runtime = ScriptedRuntime(health=[WELL, UNUSED])
    result = huiyi("doctor", "--env-file", "a.env", runtime=runtime)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "ok: every configured part is well"
    assert runtime.started == [("checking", {"env_file": Path("a.env")})]
    assert runtime.open == 0


def test_doctor_says_what_an_optional_part_needs_and_is_content() -> None:
    result = huiyi("doctor", runtime=ScriptedRuntime(health=[WELL, LAME, AWAY]))
    assert result.exit_code == 0
    assert "[2 of 9] documents were read; see the log" in result.stdout
    assert "pip install 'huiyi[embedded]'" in result.stdout
    assert result.stdout.splitlines()[-1] == "degraded: works without the full help of knowledge, duckling"


def test_doctor_fails_when_a_required_part_is_down() -> None:
    result = huiyi("doctor", runtime=ScriptedRuntime(health=[DEAD, LAME]))
    assert result.exit_code == 1
    row = next(line for line in result.stdout.splitlines() if "repository" in line)
    assert "down (required)" in row
    assert "is it running?" in row
    assert "\x1b" not in result.stdout
    assert result.stdout.splitlines()[-1] == "down: nothing works without repository"
