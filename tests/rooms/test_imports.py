"""Who may know whom."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.rooms.sources import ROOMS, ROOT, Import, imports, modules

HOMES = {
    "alembic": {"adapters/sql"},
    "dependency_injector": {"bootstrap"},
    "httpx": {"adapters/cli", "adapters/functions_http", "adapters/rest"},
    "litestar": {"adapters/http", "bootstrap"},
    "sqlalchemy": {"adapters/sql"},
}
"""Packages that shape what imports them, and the only rooms that may."""

CORE = {"domain": {"msgspec", "domain"}, "application": {"msgspec", "domain", "application"}}
"""What the core may import beside the standard library."""

REASONED_LATE_IMPORT = re.compile(r"#\s*noqa:\s*PLC0415\W+\w+")
REASONED_MODULE = re.compile(r"^# ruff: noqa: PLC0415\W+\w+", re.MULTILINE)


def test_import_linter_keeps_every_contract_of_pyproject():
    program = Path(sys.executable).with_name("lint-imports")

    checked = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, f"a rule of [tool.importlinter] is broken:\n{checked.stdout}{checked.stderr}"


def test_every_framework_stays_in_its_home():
    strays = [
        f"{found}: only {', '.join(sorted(HOMES[found.package]))} may; move the code there or put a port between"
        for found in imports(*ROOMS)
        if found.package in HOMES and found.module.room not in HOMES[found.package]
    ]

    assert not strays, "\n".join(strays)


def test_the_core_imports_the_standard_library_msgspec_and_the_core_only():
    strays = [
        f"{found}: {room} may import the standard library and {', '.join(sorted(allowed))}; let a port bring it in"
        for room, allowed in CORE.items()
        for found in imports(room)
        if found.package not in allowed and found.package not in sys.stdlib_module_names
    ]

    assert not strays, "\n".join(strays)


def test_nobody_imports_by_a_relative_name():
    relative = [f"{found}: write the full name" for found in imports(*ROOMS) if found.name.startswith(".")]

    assert not relative, "\n".join(relative)


def test_the_core_imports_nothing_by_name_at_run_time():
    dynamic = [
        f"{found}: the core knows at import time what it needs"
        for found in imports("domain", "application")
        if found.package == "importlib"
    ]

    assert not dynamic, "\n".join(dynamic)


def test_an_import_inside_a_function_gives_its_reason():
    silent = [
        f"{found} inside a function: move it to the top, or say why not after `# noqa: PLC0415`"
        for found in imports(*ROOMS)
        if found.in_function and not _has_reason(found)
    ]

    assert not silent, "\n".join(silent)


def _has_reason(found: Import) -> bool:
    return any(pattern.search(text) for pattern, text in _reasons(found))


def _reasons(found: Import) -> tuple[tuple[re.Pattern[str], str], ...]:
    return ((REASONED_LATE_IMPORT, found.line), (REASONED_MODULE, found.module.text))


def test_nothing_is_of_any_type_in_the_core():
    loose = [
        f"{module.at(node)}: name the type instead of Any"
        for module in modules("domain", "application")
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Name) and node.id == "Any") or (isinstance(node, ast.Attribute) and node.attr == "Any")
    ]

    assert not loose, "\n".join(loose)
