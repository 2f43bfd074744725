"""The service on a small catalogue, set up in a folder of the test's own."""

from pathlib import Path

from bootstrap.container import Container
from bootstrap.settings import Configuration, load

CATALOGUE = """\
language: zh-CN
intents:
  check_balance:
    title: 查余额
    examples: [查余额, 我想查一下余额, 余额还有多少]
    function: check_balance
  help:
    title: 帮助
    examples: [帮助, 你能做什么, 怎么用]
    response: 我能查余额。
functions:
  check_balance:
    url: ${FUNCTIONS_BASE_URL}/balance
    idempotent: true
    success: 余额{balance}元。
"""


def settings_in(folder: Path, **changes: str) -> Configuration:
    """Everything in `folder`, no optional part, and the changes in capitals."""
    file = folder / "catalogue.yaml"
    if not file.exists():
        file.write_text(CATALOGUE, encoding="utf-8")
    base = {"PROFILE": "bare", "DATA_DIR": str(folder / "data"), "CATALOGUE_FILE": str(file)}
    return load(environment={}, changes={**base, **changes})


def container_in(folder: Path, **changes: str) -> Container:
    """The parts of such a service, none of them made yet."""
    return Container(configuration=settings_in(folder, **changes))
