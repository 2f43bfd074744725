"""The project's own files: which there are, and its Python parsed."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "application", "adapters", "bootstrap")
MIGRATIONS = PurePosixPath("adapters/sql/migrations/versions")


@dataclass(frozen=True)
class Module:
    """One Python file; `path` is relative to the project."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """`domain`, `application`, `bootstrap`, or one adapter such as `adapters/sql`."""
        first, *rest = self.path.parts
        return f"adapters/{rest[0].removesuffix('.py')}" if first == "adapters" and rest else first

    def at(self, node: ast.stmt | ast.expr) -> str:
        """Where a node stands, as editors understand it."""
        return f"{self.path}:{node.lineno}"


@dataclass(frozen=True)
class Import:
    """One imported module, by its full dotted name."""

    module: Module
    node: ast.stmt
    name: str
    in_function: bool

    @property
    def package(self) -> str:
        """The top-level package."""
        return self.name.partition(".")[0]

    @property
    def line(self) -> str:
        """The source line, comment included."""
        return self.module.text.splitlines()[self.node.lineno - 1]

    def __str__(self) -> str:
        return f"{self.module.at(self.node)} imports {self.name}"


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file under these folders, in order of its path."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py") if path.is_file())
    return tuple(_read(path) for path in paths)


@cache
def imports(*folders: str) -> tuple[Import, ...]:
    """Every import of these folders' modules, also those inside functions and for type checkers only."""
    return tuple(found for module in modules(*folders) for found in _imports(module, module.tree, in_function=False))


def tracked_files() -> tuple[PurePosixPath, ...]:
    """Every file that is part of the project, whether or not it is there at the moment."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(PurePosixPath(name) for name in listed.split("\0") if name)


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module, nested ones included."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def classes(module: Module) -> Iterator[ast.ClassDef]:
    """Every class of a module."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))


def bases(node: ast.ClassDef) -> tuple[str, ...]:
    """The last names of a class's bases: `Protocol` of `typing.Protocol`, `Clock` of `clock.Clock[T]`."""
    plain = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return tuple(ast.unparse(base).rpartition(".")[2] for base in plain)


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(PurePosixPath(path.relative_to(ROOT).as_posix()), text, ast.parse(text, str(path)))


def _imports(module: Module, node: ast.AST, *, in_function: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(module, child, alias.name, in_function) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield Import(module, child, "." * child.level + (child.module or ""), in_function)
        inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _imports(module, child, in_function=inside)
