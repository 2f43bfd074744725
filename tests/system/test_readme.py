"""What the READMEs show is what happens."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.catalogue_files.reading import parse_catalogue
from tests.benchmarks.processes import ROOT, free_port, running

READMES = ("README.md", "README.zh-CN.md")
HUIYI = str(Path(sys.executable).with_name("huiyi"))
CHANGING = re.compile(r"\d{4}年\d+月\d+日（周.）|\d{4}-\d\d-\d\d|FL\d+|\d+ ms|\d\.\d\d(?= ·)")
"""Dates, order numbers, times and probabilities."""


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = free_port()
    with running(
        [HUIYI, "demo", "--port", str(port)],
        f"http://127.0.0.1:{port}/health/ready",
        folder=tmp_path_factory.mktemp("demo"),
    ):
        yield port


@pytest.mark.parametrize("document", READMES)
def test_the_first_program_books_a_flight(document: str, demo: int, tmp_path: Path) -> None:
    (program,) = blocks(document, "python")
    file = tmp_path / "first.py"
    file.write_text(program.replace("127.0.0.1:8000", f"127.0.0.1:{demo}"), "utf-8")
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=60, check=True)
    first, *_, last = done.stdout.splitlines()
    assert first == "book_flight 北京 上海"
    assert re.fullmatch(r"completed FL\d+", last)


@pytest.mark.parametrize("document", READMES)
def test_the_first_conversation_goes_as_shown(document: str, tmp_path: Path) -> None:
    (shown,) = (block for block in blocks(document, "text") if "您> " in block)
    said = [line.removeprefix("您> ") for line in shown.splitlines() if line.startswith("您> ")]
    answered = [line for line in shown.splitlines() if not line.startswith("您> ")]
    done = subprocess.run(
        [HUIYI, "chat", "--demo"],
        input="\n".join(said),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=tmp_path,
    )
    assert [CHANGING.sub("", line) for line in done.stdout.splitlines()] == [
        CHANGING.sub("", line) for line in answered
    ]


@pytest.mark.parametrize("document", [*READMES, "docs/catalogue.md"])
def test_every_whole_catalogue_shown_is_a_good_one(document: str) -> None:
    whole = [block for block in blocks(document, "yaml") if re.search(r"^intents:", block, re.MULTILINE)]
    assert whole
    for number, text in enumerate(whole):
        parse_catalogue(text, f"{document}[{number}]")


@pytest.mark.parametrize("document", READMES)
def test_every_file_the_reader_is_sent_to_is_there(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists() or target in ("departure_date", "departure_city", "arrival_city"), target


def test_the_two_commands_are_recipes() -> None:
    recipes = (ROOT / "justfile").read_text("utf-8")
    for document in READMES:
        commands = [line for block in blocks(document, "sh") for line in block.splitlines() if "just " in line]
        assert commands[:1] == ["pip install rust-just && just demo"]
        assert "pip install rust-just && just test" in commands
    assert re.search(r"^demo \*args: setup", recipes, re.MULTILINE)
    assert re.search(r"^test \*args: setup", recipes, re.MULTILINE)
