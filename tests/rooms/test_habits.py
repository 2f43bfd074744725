"""Habits that neither the linter nor the type checker can see."""

import ast
import re

from tests.rooms.sources import ROOMS, Module, functions, imports, modules

EDGE = ("adapters/http/",)
"""The only place that may catch what nobody foresaw."""

EXCEPTION = re.compile(
    r"#\s*(?:ruff:\s*)?(?:noqa:\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\])(?P<reason>.*)"
)
BLANKET = re.compile(r"#\s*(?:noqa(?!:)|type:\s*ignore(?!\[))")


def test_every_lint_exception_names_its_rule_and_gives_its_reason():
    silent = [
        f"{module.path}:{number}: say after the rule why it does not apply here"
        for module in modules(*ROOMS, "deploy")
        for number, line in enumerate(module.text.splitlines(), start=1)
        if BLANKET.search(line) or ((found := EXCEPTION.search(line)) and not re.search(r"\w\w", found["reason"]))
    ]

    assert not silent, "\n".join(silent)


def test_only_the_http_edge_catches_everything():
    nets = [
        f"{module.path}:{handler.lineno}: catch what you expect; only the HTTP edge may catch the rest"
        for module in modules(*ROOMS, "deploy")
        for handler in ast.walk(module.tree)
        if isinstance(handler, ast.ExceptHandler)
        and _catches_everything(module, handler)
        and not str(module.path).startswith(EDGE)
    ]

    assert not nets, "\n".join(nets)


def _catches_everything(module: Module, handler: ast.ExceptHandler) -> bool:
    """Exception always does; BaseException and a bare handler do unless they raise again or give their reason."""
    caught = re.findall(r"\w+", ast.unparse(handler.type)) if handler.type is not None else ["BaseException"]
    if "Exception" in caught:
        return True
    return "BaseException" in caught and not _raises_again(handler) and not _is_reasoned(module, handler)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and (last.exc is None or ast.unparse(last.exc) == handler.name)


def _is_reasoned(module: Module, handler: ast.ExceptHandler) -> bool:
    found = EXCEPTION.search(module.text.splitlines()[handler.lineno - 1])
    return found is not None and re.search(r"\w\w", found["reason"]) is not None


def test_no_test_replaces_a_part_by_a_mock():
    mocks = [
        f"{found}: use a real embedded adapter, or a double that passes the port's contract"
        for found in imports("tests")
        if found.name.startswith(("unittest", "mock", "pytest_mock"))
    ]
    mocks += [
        f"{module.at(node)}: {node.name} asks for mocker; use a double that passes the port's contract"
        for module in modules("tests")
        for node in functions(module)
        if any(argument.arg == "mocker" for argument in node.args.args)
    ]

    assert not mocks, "\n".join(mocks)


def test_every_test_has_a_name_that_reads_as_a_sentence():
    terse = [
        f"{module.at(node)}: {node.name} says too little; name what is true when it passes"
        for module in modules("tests")
        for node in functions(module)
        if node.name.startswith("test_") and len(node.name.split("_")) < 3
    ]

    assert not terse, "\n".join(terse)


def test_the_core_is_silent():
    loud = [
        f"{found}: logs, traces and metrics are decorators in adapters/telemetry"
        for found in imports("domain", "application")
        if found.package in {"logging", "structlog", "opentelemetry", "prometheus_client", "warnings"}
    ]

    assert not loud, "\n".join(loud)
