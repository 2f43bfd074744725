"""`huiyi db`: what it says of the tables, and what it does to them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.catalogue_files.reading import read_catalogue, read_problems
from adapters.cli.app import create_cli
from domain.errors import RepositoryUnavailable, SettingsInvalid
from tests.doubles.scripted_runtime import ScriptedRuntime


def huiyi_db(*arguments: str, runtime: ScriptedRuntime) -> Result:
    app = create_cli(runtime, read_problems=read_problems, read_catalogue=read_catalogue, version="1")
    result = CliRunner().invoke(app, ("db", *arguments), prog_name="huiyi")
    assert runtime.open == 0
    return result


@pytest.mark.parametrize("command", [(), ("status",), ("upgrade",), ("downgrade",)])
def test_every_help_text_teaches_and_opens_nothing(command: tuple[str, ...]) -> None:
    runtime = ScriptedRuntime()
    result = huiyi_db(*command, "--help", runtime=runtime)
    assert result.exit_code == 0
    assert "  huiyi db " in result.output
    assert runtime.started == []


def test_status_tells_engine_place_and_both_revisions() -> None:
    runtime = ScriptedRuntime(tables_at="0002")
    result = huiyi_db("status", "--env-file", "a.env", runtime=runtime)
    assert result.stdout.splitlines() == [
        "database  mysql at db:3306, database [2Jhuiyi",
        "current   0002",
        "head      0002",
        "ok: the tables are those of this release",
    ]
    assert result.exit_code == 0
    assert runtime.started == [("storing", {"env_file": Path("a.env")})]


@pytest.mark.parametrize(
    ("at", "current", "advice"),
    [
        (None, "none", "empty: huiyi db upgrade makes the tables"),
        ("0001", "0001", "behind: huiyi db upgrade brings the tables up to date"),
        ("0009", "0009", "unknown: another release made the tables"),
    ],
)
def test_status_says_what_to_do_about_other_tables_and_fails(at: str | None, current: str, advice: str) -> None:
    runtime = ScriptedRuntime(tables_at=at)
    result = huiyi_db("status", runtime=runtime)
    assert result.exit_code == 1
    assert f"current   {current}\n" in result.stdout
    assert result.stdout.splitlines()[-1].startswith(advice)
    assert runtime.tables.at == at


def test_upgrade_brings_the_tables_to_the_head_and_finds_nothing_to_do_there() -> None:
    runtime = ScriptedRuntime(tables_at="0001")
    first, second = (huiyi_db("upgrade", runtime=runtime) for _ in range(2))
    assert first.stdout == "ok: the tables of mysql at db:3306, database [2Jhuiyi went from 0001 to 0002\n"
    assert second.stdout == "ok: nothing to do, the tables of mysql at db:3306, database [2Jhuiyi are at 0002\n"
    assert (first.exit_code, second.exit_code) == (0, 0)


@pytest.mark.parametrize(
    ("at", "arguments", "after"),
    [("0002", (), "0001"), ("0001", (), None), ("0002", ("0001",), "0001"), ("0002", ("base",), None)],
)
def test_downgrade_goes_back_by_one_or_as_far_as_told(at: str, arguments: tuple[str, ...], after: str | None) -> None:
    runtime = ScriptedRuntime(tables_at=at)
    result = huiyi_db("downgrade", *arguments, "--yes", runtime=runtime)
    assert result.exit_code == 0
    assert f"went from {at} to {after or 'none'}" in result.stdout
    assert runtime.tables.at == after


def test_downgrade_wants_a_yes_before_it_opens_anything() -> None:
    runtime = ScriptedRuntime(tables_at="0002")
    result = huiyi_db("downgrade", "0001", runtime=runtime)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("huiyi: a downgrade may lose data")
    assert "--yes" in result.stderr
    assert (runtime.tables.at, runtime.started) == ("0002", [])


def test_downgrade_of_an_empty_database_has_nothing_to_do() -> None:
    result = huiyi_db("downgrade", "--yes", runtime=ScriptedRuntime())
    assert result.exit_code == 0
    assert "nothing to do" in result.stdout
    assert "are at none" in result.stdout


def test_a_revision_that_is_none_is_refused_in_one_line() -> None:
    result = huiyi_db("downgrade", "0009", "--yes", runtime=ScriptedRuntime(tables_at="0002"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "huiyi: no such revision: 0009\n"


@pytest.mark.parametrize("command", [("status",), ("upgrade",), ("downgrade", "--yes")])
@pytest.mark.parametrize(
    "refusal", [SettingsInvalid("unknown setting PROT"), RepositoryUnavailable("the storage does not answer: X")]
)
def test_what_cannot_be_done_is_one_line_and_exit_code_two(command: tuple[str, ...], refusal: Exception) -> None:
    result = huiyi_db(*command, runtime=ScriptedRuntime(refusal=refusal))
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"huiyi: {refusal}\n")
