"""The `huiyi` command."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.cli.app import create_cli
from bootstrap import VERSION, collector
from bootstrap.runtime import Program

if TYPE_CHECKING:
    from domain.intents.catalogue import Catalogue


def main() -> None:
    """Run the command that the arguments name."""
    collector.rest()
    create_cli(Program(), read_problems=_read_problems, read_catalogue=_read_catalogue, version=VERSION)()


def _read_problems(path: Path) -> Sequence[str]:
    from adapters.catalogue_files.reading import read_problems  # noqa: PLC0415 - --help has no file to read

    return read_problems(path)


def _read_catalogue(path: Path) -> "Catalogue":
    from adapters.catalogue_files.reading import read_catalogue  # noqa: PLC0415 - --help has no file to read

    return read_catalogue(path)


if __name__ == "__main__":
    main()
