"""`huiyi demo`: the service on the demo's catalogue, and the demo's business API in a process of its own."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bootstrap.listening import Address, answers, free_address
from domain.errors import PartUnavailable, SettingsInvalid

ROOT: Final = Path(__file__).parents[1]
STARTING_SECONDS: Final = 10.0
ENDING_SECONDS: Final = 5.0

_SAID: Final[Mapping[str, str]] = {
    "zh-CN": "我想订一张明天从北京到上海的机票",
    "en": "I want to book a flight from Boston to Denver tomorrow",
}
_GREETINGS: Final[Mapping[str, str]] = {
    "zh-CN": """\
会意演示已就绪：{url}（接口文档 {url}/docs），按 Ctrl-C 停止
试着说一句话：
  {example}
或者在另一个终端里聊一聊：
  huiyi chat --url {url}""",
    "en": """\
The Huiyi demo is ready at {url} (its API: {url}/docs); Ctrl-C stops it
Say something:
  {example}
Or talk to it in another terminal:
  huiyi chat --url {url}""",
}


def demo_changes(language: str, api_url: str) -> dict[str, str]:
    """The settings of the demo in a language. Raises SettingsInvalid when its files are not there."""
    deploy = demo_folder()
    return {
        "DATA_DIR": "var/demo",
        "CATALOGUE_FILE": str(deploy / "catalogues" / f"demo.{language}.yaml"),
        "KNOWLEDGE_DIR": str(deploy / "knowledge" / language),
        "FUNCTIONS_BASE_URL": api_url,
    }


def demo_folder() -> Path:
    """Where the demo's files are. Raises SettingsInvalid, in one line, when this is an installation without them."""
    folder = ROOT / "deploy"
    if not (folder / "demo_api" / "app.py").is_file():
        raise SettingsInvalid(f"the demo needs the project's deploy folder, which is not at {folder}")
    return folder


def greeting_of_demo(language: str, prefix: str, url: str) -> str:
    """What to try first."""
    body = f'{{"user_id": "me", "input": "{_SAID[language]}"}}'
    example = f"curl -s {url}{prefix}/chat/interact -H 'Content-Type: application/json' -d '{body}'"
    return _GREETINGS[language].format(url=url, example=example)


@contextmanager
def demo_api() -> Iterator[Address]:
    """The demo's business API on a free port, inside the block; it ends with this process too, however that ends.

    It may not answer yet: `answering` waits for that.
    """
    app = demo_folder() / "demo_api" / "app.py"
    address = free_address("127.0.0.1", 0)
    # The child lives as long as the pipe to its standard input. In a session of its own Ctrl-C does not reach it: it is
    # needed until the last request is answered.
    with subprocess.Popen(  # noqa: S603 - this Python, on files of this project
        [sys.executable, "-P", "-m", "bootstrap.demo_api", str(app), str(address.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    ) as child:
        try:
            yield address
        finally:
            _end(child)


async def answering(address: Address) -> None:
    """Return when the API takes connections. Raises PartUnavailable when it does not come to that."""
    try:
        async with asyncio.timeout(STARTING_SECONDS):
            await answers(address)
    except TimeoutError as error:
        raise PartUnavailable("demo_api", "the demo's business API does not start") from error


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
