"""A conversation at the terminal: what is said, shown and refused."""

import builtins
import sys
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.catalogue_files.reading import read_catalogue, read_problems
from adapters.cli.app import create_cli
from adapters.cli.chat import hold_chat
from adapters.cli.in_process import in_process
from domain.dialogue.reply import ReplySlot
from domain.dialogue.understanding import Candidate, Cue, Evidence, Segment, Understanding
from domain.errors import ConversationBusy, PartUnavailable
from domain.names import IntentName, SlotName
from tests.doubles.hearing import entity
from tests.doubles.scripted_runtime import ScriptedRuntime, reply

CITY = ReplySlot("北京", "帝都", 0.934, "dictionary", is_validated=True, is_confirmed=False)
ASKS = reply(
    "请问您要去哪个城市？",
    intent=IntentName("book_flight"),
    confidence=0.974,
    tier="local",
    slots={SlotName("departure_city"): CITY},
    missing_slots=(SlotName("arrival_city"), SlotName("departure_date")),
)
READ = Understanding(
    "不是帝都，是火星的票吗",
    (
        Segment(
            "不是帝都",
            (Candidate(IntentName("book_flight"), 0.974), Candidate(IntentName("book_train"), 0.021)),
            (entity("帝都", "city", "北京", at=2, role="departure_city", negated=True),),
        ),
        Segment("是火星的票吗", (), (entity("火星", "city", at=6, valid=False),), "ticket"),
    ),
    (Cue("correct", "不是"), Cue("choose", "第二个", 2)),
    "local",
    True,
    (Evidence("example", "nearest 订机票 0.91"),),
    ("entities:timeout",),
)


def chat(
    said: str | bytes, *options: str, runtime: ScriptedRuntime | None = None, script: dict[str, object] | None = None
) -> Result:
    runtime = runtime or ScriptedRuntime(script)
    app = create_cli(runtime, read_problems=read_problems, read_catalogue=read_catalogue, version="1")
    result = CliRunner().invoke(app, ["chat", *options], input=said, prog_name="huiyi")
    assert runtime.open == 0
    return result


def test_a_piped_conversation_shows_each_reply_and_what_was_made_of_the_message() -> None:
    result = chat("订机票，帝都出发\n\n你好\n", script={"订机票,帝都出发": ASKS})
    assert result.stdout.splitlines() == [
        "请问您要去哪个城市？",
        "  book_flight 0.97 · local · incomplete · departure_city=北京 · 还缺 arrival_city, departure_date · 4 ms",
        "你好",
        "  - · fallback · incomplete · 4 ms",
    ]
    assert (result.exit_code, result.stderr) == (0, "")


def test_messages_are_cleaned_and_belong_to_one_conversation_of_one_user() -> None:
    runtime = ScriptedRuntime()
    chat("\ufeff ＡＢＣ\x1b[2J \r\n查 余额".encode() + b"\xff\n", "--user", "小王", runtime=runtime)
    assert [request.text for request in runtime.turns.requests] == ["ABC[2J", "查 余额\ufffd"]
    assert [request.session_id for request in runtime.turns.requests] == [None, "session-1"]
    assert {request.user_id for request in runtime.turns.requests} == {"小王"}


def test_the_parts_start_as_the_options_say() -> None:
    runtime = ScriptedRuntime()
    chat("", runtime=runtime)
    chat("", "--demo", "--catalogue", "my.yaml", "--env-file", "a.env", runtime=runtime)
    assert runtime.started == [
        ("conversing", {"catalogue": None, "env_file": None, "demo": False}),
        ("conversing", {"catalogue": Path("my.yaml"), "env_file": Path("a.env"), "demo": True}),
    ]


def test_why_shows_everything_behind_the_last_answer() -> None:
    runtime = ScriptedRuntime(understandings={"不是帝都,是火星的票吗": READ})
    result = chat("不是帝都，是火星的票吗\n/why\n", runtime=runtime)
    assert result.stdout.splitlines()[2:] == [
        "  轮次    1  不是帝都,是火星的票吗",
        "  规则    collecting: asked",
        "  层级    local",
        "  片段    不是帝都",
        "  候选    book_flight 0.97, book_train 0.02",
        "  实体    帝都 [2:4] city=北京 (dictionary, 1.00, 被否定) -> departure_city",
        "  片段    是火星的票吗",
        "  歧义    ticket",
        "  实体    火星 [6:8] city=火星 (dictionary, 1.00, 无效)",
        "  线索    correct  不是",
        "  线索    choose 2  第二个",
        "  疑问句  是",
        "  证据    example: nearest 订机票 0.91",
        "  降级    entities:timeout",
    ]


def test_slots_are_shown_filled_and_missing() -> None:
    result = chat("订机票\n/slots\n", "--language", "en", script={"订机票": ASKS})
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in result.stdout.splitlines() if "│" in line]
    assert rows[0] == ["departure_city", "北京", "帝都", "0.93", "dictionary", "yes/no"]
    assert [row[:2] for row in rows[1:]] == [["arrival_city", "missing"], ["departure_date", "missing"]]


def test_there_may_be_no_slots_and_nothing_to_explain() -> None:
    result = chat("/why\n/slots\n你好\n/slots\n", "--language", "en")
    assert result.stdout.splitlines() == [
        "Nothing has been answered yet.",
        "Nothing has been answered yet.",
        "你好",
        "  - · fallback · incomplete · 4 ms",
        "No slots.",
    ]


def test_new_begins_another_conversation() -> None:
    runtime = ScriptedRuntime()
    result = chat("一\n/new\n/why\n二\n三\n", runtime=runtime)
    assert [request.session_id for request in runtime.turns.requests] == [None, None, "session-2"]
    assert "新的对话。\n还没有回答过。\n" in result.stdout


@pytest.mark.parametrize("leave", ["/quit", "/exit", "／QUIT"])
def test_quit_leaves_at_once(leave: str) -> None:
    runtime = ScriptedRuntime()
    assert chat(f"一\n{leave}\n二\n", runtime=runtime).exit_code == 0
    assert [request.text for request in runtime.turns.requests] == ["一"]


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "开始新的对话"), ("en", "begin a new conversation")])
def test_help_lists_every_command_in_the_language_of_the_catalogue(language: str, word: str) -> None:
    result = chat("/help\n", runtime=ScriptedRuntime(language=language))
    assert word in result.stdout
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["/why", "/slots", "/new", "/help", "/quit"]


def test_what_cannot_be_answered_is_one_line_each_and_the_conversation_goes_on() -> None:
    script = {
        "忙": ConversationBusy("earlier messages\nare being worked on"),
        "坏": PartUnavailable("nlu", "no\x1b[0m nlu"),
    }
    result = chat("忙\n坏\n/sing\n好\n", script=script)
    assert result.stderr.splitlines() == [
        "huiyi: earlier messages (and 1 more)",
        "huiyi: no[0m nlu",
        "huiyi: 没有命令 /sing，/help 列出所有命令。",
    ]
    assert result.stdout.splitlines()[0] == "好"
    assert result.exit_code == 1


def test_a_message_that_is_too_long_is_refused_rather_than_cut() -> None:
    runtime = ScriptedRuntime()
    result = chat(f"{'长' * 2000}\n{'长' * 2001}\n", runtime=runtime)
    assert len(runtime.turns.requests) == 1
    assert result.stderr == "huiyi: 太长：最多 2000 个字符。\n"
    assert result.exit_code == 1


def test_a_reply_cannot_steer_the_terminal_nor_be_folded_in_a_pipe() -> None:
    text = "[bold]" + "很长" * 200 + "\x1b]0;title\x07\n第二行"
    assert chat("说\n", script={"说": reply(text)}).stdout.startswith("[bold]" + "很长" * 200 + "]0;title\n第二行\n")


@pytest.mark.parametrize(
    "options", [("--url", "http://x", "--demo"), ("--url", "http://x", "--env-file", "a"), ("--api-key", "k")]
)
def test_options_that_contradict_each_other_are_refused(options: tuple[str, ...]) -> None:
    runtime = ScriptedRuntime()
    result = chat("", *options, runtime=runtime)
    assert result.exit_code == 2
    assert result.stderr.startswith("huiyi: --")
    assert runtime.started == []


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str | BaseException]:
    """A person at the keyboard: what is typed, or the exception that a key stands for."""
    typed: list[str | BaseException] = []

    def pressed(prompt: str) -> str:
        sys.stdout.write(prompt)
        key = typed.pop(0)
        if isinstance(key, BaseException):
            raise key
        return key

    monkeypatch.setattr(builtins, "input", pressed)
    monkeypatch.setattr("adapters.cli.chat.is_typed", lambda: True)
    return typed


def test_a_person_is_greeted_prompted_and_leaves_with_ctrl_d(keys: list[str | BaseException]) -> None:
    keys[:] = ["你好", EOFError()]
    result = chat("")
    assert result.exit_code == 0
    greeting, reply_line, *_, last = result.stdout.split("\n")
    assert "/help" in greeting
    assert reply_line == "您> 你好"
    assert last == ""


def test_a_person_leaves_with_ctrl_c_without_complaint(keys: list[str | BaseException]) -> None:
    keys[:] = ["hello", KeyboardInterrupt()]
    result = chat("", runtime=ScriptedRuntime(language="en"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("you> \n")


def test_ctrl_c_in_a_pipe_ends_the_program_and_leaves_every_part() -> None:
    class Interrupted(BytesIO):
        def __next__(self) -> bytes:
            raise KeyboardInterrupt

    runtime = ScriptedRuntime()
    partner = in_process(runtime.conversing(catalogue=None, env_file=None, demo=False), user="u")
    with pytest.raises(KeyboardInterrupt):
        hold_chat(partner, language=None, stdin=Interrupted(), complain=print)
    assert runtime.open == 0
