"""Where log lines go, how they look, and what they never hold."""

import json
import logging

import pytest
import structlog

from bootstrap import observability
from bootstrap.settings import Configuration, load

SECRETS = {"API_KEYS": 'key-"quoted"-1', "ADMIN_API_KEYS": "admin-key-2", "FUNCTIONS_TOKEN": "token-三三三"}


def settings(**environment: str) -> Configuration:
    return load(environment={"LOG_FORMAT": "json", **environment})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    written = capsys.readouterr()
    assert written.out == ""
    return [json.loads(line) for line in written.err.splitlines()]


def test_a_line_is_json_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    observability.configure(settings())
    structlog.get_logger("huiyi").info("turn", intent="订机票", ms=3)
    (line,) = lines(capsys)
    assert line.pop("timestamp")
    assert line == {"event": "turn", "intent": "订机票", "ms": 3, "level": "info", "logger": "huiyi"}


def test_a_line_for_people_is_plain_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    observability.configure(settings(LOG_FORMAT="text"))
    structlog.get_logger("huiyi").warning("part_absent", part="embedder")
    written = capsys.readouterr().err
    assert "part_absent" in written
    assert "part=embedder" in written
    assert "\x1b" not in written


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    observability.configure(settings(LOG_LEVEL="WARNING"))
    log = structlog.get_logger("huiyi")
    log.info("quiet")
    log.warning("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_a_conversation_at_the_terminal_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    observability.configure(settings(LOG_LEVEL="DEBUG"), least=logging.WARNING)
    structlog.get_logger("huiyi").info("turn")
    assert lines(capsys) == []


def test_warnings_of_libraries_are_lines_too_and_their_chatter_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    observability.configure(settings())
    logging.getLogger("alembic.runtime.migration").info("Running upgrade")
    logging.getLogger("some.library").warning("%s is old", "it")
    (line,) = lines(capsys)
    assert (line["event"], line["logger"], line["level"]) == ("it is old", "some.library", "warning")


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_struck_out_wherever_they_stand(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    observability.configure(settings(LOG_FORMAT=form, **SECRETS))
    try:
        raise ValueError(f"refused: {SECRETS['FUNCTIONS_TOKEN']}")  # noqa: TRY301
    except ValueError:
        structlog.get_logger("huiyi").exception("failed", key=SECRETS["API_KEYS"])
    logging.getLogger("some.library").warning("sent %s", SECRETS["ADMIN_API_KEYS"])
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert not [secret for secret in (*SECRETS.values(), r"key-\"quoted\"-1") if secret in written]


def test_a_secret_too_short_to_be_one_leaves_lines_readable(capsys: pytest.CaptureFixture[str]) -> None:
    observability.configure(settings(API_KEYS="turn"))
    structlog.get_logger("huiyi").info("turn")
    assert lines(capsys)[0]["event"] == "turn"
