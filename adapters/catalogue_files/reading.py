"""Catalogue files: YAML in UTF-8, checked completely before anything in it is believed."""

from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from adapters.catalogue_files.document import Document
from adapters.catalogue_files.findings import Finding, Unreadable
from adapters.catalogue_files.fitting import Fitting
from domain.errors import CatalogueInvalid
from domain.intents.catalogue import Catalogue
from domain.intents.lint import lint
from domain.intents.problem import Problem

MOST_BYTES: Final = 8 * 1024 * 1024
"""The largest file that is read."""


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in a file; raises CatalogueInvalid, which lists what `read_problems` lists, one a line."""
    return _accepted(_read(path), str(path))


def read_problems(path: Path) -> tuple[str, ...]:
    """Everything wrong with a file as `file:line: message (hint)`, by line; empty for one that can be published.

    A file that is no YAML has one problem; one with keys or types that do not fit is not looked at further.
    """
    result = _read(path)
    return () if isinstance(result, Catalogue) else _told(result, str(path))


def parse_catalogue(text: str, name: str) -> Catalogue:
    """The catalogue in a text; `name` stands for the file in the problems of a CatalogueInvalid."""
    return _accepted(_parse(text), name)


def _accepted(result: Catalogue | tuple[Finding, ...], name: str) -> Catalogue:
    if isinstance(result, Catalogue):
        return result
    raise CatalogueInvalid("\n".join(_told(result, name)))


def _told(findings: tuple[Finding, ...], name: str) -> tuple[str, ...]:
    return tuple(finding.told(name) for finding in sorted(findings, key=lambda finding: finding.line))


def _read(path: Path) -> Catalogue | tuple[Finding, ...]:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return (Finding(0, f"cannot be read: {error.strerror}"),)
    if len(content) > MOST_BYTES:
        return (Finding(0, f"too large: more than {MOST_BYTES // 2**20} MiB"),)
    try:
        return _parse(content.decode())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (Finding(line, "not UTF-8", "save the file in UTF-8"),)


def _parse(text: str) -> Catalogue | tuple[Finding, ...]:
    try:
        document = Document(text)
    except Unreadable as error:
        return (error.finding,)
    fitting = Fitting()
    content = fitting.fit(document.content, Catalogue, ())
    found = [*document.findings, *_located(fitting.problems, document)]
    if found:
        return tuple(found)
    catalogue = msgspec.convert(content, Catalogue)
    return _located([*lint(catalogue), *_bad_time_zone(catalogue)], document) or catalogue


def _located(problems: list[Problem], document: Document) -> tuple[Finding, ...]:
    return tuple(Finding(document.line_of(problem.path), problem.message, problem.hint) for problem in problems)


def _bad_time_zone(catalogue: Catalogue) -> tuple[Problem, ...]:
    """Zones are known to the system rather than to the core, so this one rule lives here."""
    name = catalogue.policies.time_zone
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return (Problem(("policies", "time_zone"), f"unknown time zone {name!r}", "write it like Asia/Shanghai"),)
    return ()
