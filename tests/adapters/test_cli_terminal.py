"""The command at a real terminal, and the loop beside it."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.cli.loop_thread import beside
from domain.errors import SettingsInvalid
from tests.doubles.scripted_runtime import Never

PAUSE = 0.1
"""Seconds that a person takes between a word and Ctrl-C, at least. In between, `input` begins to wait for a key;
Python sees a signal that comes right before it only with the next key."""

PROGRAM = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from adapters.cli.app import create_cli
from tests.doubles.scripted_runtime import Never, ScriptedRuntime
runtime = ScriptedRuntime({"wait": Never()}, language="en")
try:
    create_cli(runtime, read_problems=lambda path: (), read_catalogue=None, version="1")(["chat"])
finally:
    print("parts open:", runtime.open)
"""


class Terminal:
    """A program at a terminal of 80 columns: what a person sees, and the keys they press."""

    def __init__(self) -> None:
        self._screen, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        root = str(Path(__file__).parents[2])
        environment = {**os.environ, "TERM": "xterm", "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"}
        arguments = [sys.executable, "-c", PROGRAM]
        self._program = subprocess.Popen(
            arguments, stdin=far, stdout=far, stderr=far, start_new_session=True, env=environment
        )
        os.close(far)
        self._bytes, self.seen, self._read = b"", "", 0

    def press(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def see(self, text: str) -> None:
        """Wait until a text appears that was not waited for before."""
        while (found := self.seen.find(text, self._read)) < 0:
            self._bytes += os.read(self._screen, 4096)
            self.seen = self._bytes.decode(errors="replace")
        self._read = found + len(text)

    def end(self) -> int:
        code = self._program.wait(20)
        self.see("parts open: 0")
        return code

    def close(self) -> None:
        if self._program.poll() is None:
            self._program.kill()
            self._program.wait()
        os.close(self._screen)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    guard = threading.Timer(30, opened._program.kill)
    guard.start()
    yield opened
    guard.cancel()
    opened.close()


def test_a_person_edits_a_line_sees_the_answer_and_leaves_with_ctrl_d(terminal: Terminal) -> None:
    terminal.see("you> ")
    assert "/help lists the commands" in terminal.seen
    terminal.press("book 北京京\x7f\n")
    terminal.see("\x1b[1mbook 北京\x1b[0m")
    terminal.see("fallback · incomplete · 4 ms")
    terminal.see("you> ")
    terminal.press("\x04")
    assert terminal.end() == 0
    assert "Traceback" not in terminal.seen


def test_ctrl_c_at_the_prompt_leaves(terminal: Terminal) -> None:
    terminal.see("you> ")
    terminal.press("half a sent")
    terminal.see("half a sent")
    time.sleep(PAUSE)
    terminal.press("\x03")
    assert terminal.end() == 0
    assert "Traceback" not in terminal.seen


def test_ctrl_c_gives_up_an_answer_that_does_not_come(terminal: Terminal) -> None:
    terminal.see("you> ")
    terminal.press("wait\n")
    terminal.see("wait\r\n")
    time.sleep(PAUSE)
    terminal.press("\x03")
    assert terminal.end() == 0
    assert "Traceback" not in terminal.seen


def test_work_is_given_up_before_its_parts_go_when_the_wait_for_it_is_interrupted() -> None:
    never, story = Never(), []

    @asynccontextmanager
    async def parts() -> AsyncIterator[str]:
        yield "up"
        story.append(f"parts go, work given up: {never.cancelled}")

    async def interrupted() -> None:
        await asyncio.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)
        await never.wait()

    def converse() -> None:
        with beside(parts()) as running:
            assert running.value == "up"
            running.run(interrupted())

    with pytest.raises(KeyboardInterrupt):
        converse()
    assert story == ["parts go, work given up: True"]


def test_what_the_parts_do_in_the_background_goes_on_between_calls() -> None:
    ticked = threading.Event()

    @asynccontextmanager
    async def parts() -> AsyncIterator[None]:
        asyncio.get_running_loop().call_later(0.01, ticked.set)
        yield

    with beside(parts()):
        assert ticked.wait(5)


@pytest.mark.parametrize("when", ["entering", "leaving"])
def test_what_goes_wrong_with_the_parts_is_raised_at_the_terminal(when: str) -> None:
    @asynccontextmanager
    async def parts() -> AsyncIterator[None]:
        if when == "entering":
            raise SettingsInvalid("entering")
        yield
        raise SettingsInvalid("leaving")

    with pytest.raises(SettingsInvalid, match=when), beside(parts()):
        pass
