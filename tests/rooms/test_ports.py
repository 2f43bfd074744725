"""Every port is small, abstract and explained, and every adapter of it passes its contract."""

import ast
import re
from collections.abc import Mapping

import pytest

from tests.rooms.sources import ROOT, Module, bases, classes, modules

MOST_METHODS = 5
CONTRACTS = ROOT / "tests" / "contracts"
FILES = tuple(module for module in modules("domain/ports") if module.path.stem != "__init__")


def _protocols(module: Module) -> list[ast.ClassDef]:
    return [node for node in classes(module) if "Protocol" in bases(node)]


def _methods(port: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in port.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _in_snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


PORTS: Mapping[str, ast.ClassDef] = {port.name: port for module in FILES for port in _protocols(module)}


def suite_of(port: str) -> str:
    """The text of the contract of a port and of what runs it; adapters are named in it."""
    suite = CONTRACTS / f"test_{_in_snake_case(port)}_contract.py"
    harnesses = (path for path in CONTRACTS.glob("*.py") if not path.name.startswith("test_"))
    return "\n".join(path.read_text(encoding="utf-8") for path in (suite, *harnesses) if path.exists())


@pytest.mark.parametrize("module", FILES, ids=lambda module: module.path.stem)
def test_a_port_file_holds_one_protocol_and_is_named_after_it(module: Module):
    names = [port.name for port in _protocols(module)]

    assert len(names) == 1, f"{module.path} holds {names}: one Protocol a file"
    assert _in_snake_case(names[0]) == module.path.stem, f"{module.path}: call it {_in_snake_case(names[0])}.py"


@pytest.mark.parametrize("port", PORTS.values(), ids=PORTS)
def test_a_port_has_few_methods(port: ast.ClassDef):
    public = [method.name for method in _methods(port) if not method.name.startswith("_")]

    assert 1 <= len(public) <= MOST_METHODS, f"{port.name} has {len(public)} methods: split it by who needs which"


@pytest.mark.parametrize("port", PORTS.values(), ids=PORTS)
def test_no_method_of_a_port_can_be_forgotten(port: ast.ClassDef):
    concrete = [
        method.name
        for method in _methods(port)
        if not any(ast.unparse(each).rpartition(".")[2] == "abstractmethod" for each in method.decorator_list)
    ]

    assert not concrete, f"{port.name}: put @abstractmethod on {', '.join(concrete)}; it would return None in silence"


@pytest.mark.parametrize("port", PORTS.values(), ids=PORTS)
def test_a_port_and_its_methods_say_what_they_promise(port: ast.ClassDef):
    silent = [node.name for node in (port, *_methods(port)) if not ast.get_docstring(node)]

    assert not silent, f"{port.name}: say result, absence, errors and order of {', '.join(silent)} in a docstring"


@pytest.mark.parametrize("port", PORTS)
def test_every_port_has_a_contract_suite(port: str):
    suite = CONTRACTS / f"test_{_in_snake_case(port)}_contract.py"

    assert suite.exists(), f"write {suite.relative_to(ROOT)}: what every adapter of {port} must do"


def _adapters() -> list[tuple[str, str, str]]:
    """Every class of an adapter that subclasses a port: where, its name, the port."""
    found = ((module, node, port) for module in modules("adapters") for node in classes(module) for port in bases(node))
    return [(module.at(node), node.name, port) for module, node, port in found if port in PORTS]


@pytest.mark.parametrize(("place", "adapter", "port"), _adapters(), ids=[name for _, name, _ in _adapters()])
def test_every_adapter_passes_the_contract_of_its_port(place: str, adapter: str, port: str):
    registered = re.search(rf"\b{adapter}\b", suite_of(port))

    assert registered, f"{place}: register {adapter} in tests/contracts/test_{_in_snake_case(port)}_contract.py"


def test_every_port_has_an_adapter():
    unused = sorted(set(PORTS) - {port for _, _, port in _adapters()})

    assert not unused, f"nothing implements {', '.join(unused)}: delete the port or subclass it explicitly"


def test_no_contract_suite_looks_behind_its_port():
    peeking = [
        f"{module.at(node)}: let the harness hide the engine instead of asking for its class"
        for module in modules("tests/contracts")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "isinstance"
        and any(re.search(rf"\b{name}\b", ast.unparse(node.args[1])) for _, name, _ in _adapters())
    ]

    assert not peeking, "\n".join(peeking)
