"""What was measured, beside what it is held to."""

import sys
from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """A line of the table, and whether its bound is held."""

    cells: tuple[str, ...]
    held: bool = True


def row(what: str, value: float, unit: str, bound: float | None = None, *, least: bool = False) -> Row:
    """A measurement; `bound` is the most allowed, or the least wanted."""
    if bound is None:
        return Row((what, f"{value:.2f} {unit}", ""))
    held = value >= bound if least else value <= bound
    return Row((what, f"{value:.2f} {unit}", f"{'>=' if least else '<='} {bound:g}"), held)


def show(rows: Sequence[Row]) -> bool:
    """Print the table; whether every bound is held."""
    first, *others = [max(map(len, column)) for column in zip(*(row.cells for row in rows), strict=True)]
    for cells, held in rows:
        values = (f"{cell:>{width}}" for cell, width in zip(cells[1:], others, strict=True))
        sys.stdout.write("  ".join((f"{cells[0]:{first}}", *values, "" if held else "MISSED")).rstrip() + "\n")
    return all(row.held for row in rows)
