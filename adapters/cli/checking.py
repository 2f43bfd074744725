"""What there is to say about a catalogue file."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import typer

from domain.intents.catalogue import Catalogue


def check_files(
    files: Iterable[Path],
    *,
    read_problems: Callable[[Path], Sequence[str]],
    read_catalogue: Callable[[Path], Catalogue],
) -> bool:
    """Print each file's problems, or what is in it. True when there was no problem. Raises CatalogueInvalid."""
    good = True
    for file in files:
        problems = read_problems(file)
        for problem in problems:
            typer.echo(problem)
        if not problems:
            typer.echo(f"ok: {_contents(read_catalogue(file))} in {file}")
        good = good and not problems
    return good


def _contents(catalogue: Catalogue) -> str:
    intents = catalogue.intents.values()
    counts = {
        ("intent", "intents"): len(intents),
        ("example", "examples"): sum(len(intent.examples) for intent in intents),
        ("slot", "slots"): sum(len(intent.slots) for intent in intents),
        ("entity type", "entity types"): len(catalogue.entities),
        ("function", "functions"): len(catalogue.functions),
    }
    return ", ".join(f"{count} {one if count == 1 else many}" for (one, many), count in counts.items())
