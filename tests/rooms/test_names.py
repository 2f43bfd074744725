"""What things may be called, and where they may lie."""

import re

from tests.rooms.sources import ROOMS, modules, tracked_files

TOP_LEVEL = {
    "domain", "application", "adapters", "bootstrap", "deploy", "tests", "docs",
    "pyproject.toml", "requirements.lock", "justfile", "Containerfile", "compose.yaml",
    "README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE",
}  # fmt: skip

SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "base", "manager", "misc", "service"}
"""Names under which anything fits, and in the end everything lies."""

TWIN = re.compile(
    r"^(?:enhanced|new|simple|better|improved|old|legacy)_|_(?:enhanced|new|old|legacy|v\d+)$|^v\d+(?:_|$)"
)


def test_no_module_has_a_name_that_says_nothing():
    empty = [
        f"{module.path}: name it for what it does"
        for module in modules(*ROOMS, "tests", "deploy")
        if SAYS_NOTHING & {*module.path.parts[:-1], module.path.stem}
    ]

    assert not empty, "\n".join(empty)


def test_no_module_is_the_twin_of_another():
    twins = [
        f"{module.path}: change the original and delete this one"
        for module in modules(*ROOMS, "tests", "deploy")
        if any(TWIN.search(part) for part in (*module.path.parts[:-1], module.path.stem))
    ]

    assert not twins, "\n".join(twins)


def test_the_top_level_holds_nothing_unexpected():
    found = {path.parts[0] for path in tracked_files()}
    strays = sorted(name for name in found - TOP_LEVEL if not name.startswith("."))

    assert not strays, f"{', '.join(strays)}: put it into a room, into docs or into deploy"
