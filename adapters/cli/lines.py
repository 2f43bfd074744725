"""What the user types, or a pipe sends, line by line."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import BinaryIO


def is_typed() -> bool:
    """Whether a person sits at both ends: only then is anything decorated."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def typed_lines(prompt: str) -> Iterator[str]:
    """Lines from the keyboard, with editing and history, until Ctrl-D."""
    with suppress(ImportError):
        # `input` edits lines once this is there; some systems lack it.
        import_module("readline")
    try:
        while True:
            yield input(prompt)
    except EOFError:
        sys.stdout.write("\n")


def piped_lines(stream: BinaryIO) -> Iterator[str]:
    """Lines of a file or pipe in UTF-8; bytes that are none become replacement characters."""
    for line in stream:
        yield line.decode(errors="replace")
