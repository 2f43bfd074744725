"""Server-sent events: lines that begin with `data:`."""

import re
from collections.abc import Iterator

_LINE_END = re.compile(rb"\r\n|\n|\r")


class DataLines:
    """Takes bytes as they come and gives the data of each complete line.

    Every data line counts as an event of its own: the servers asked here never spread one over several lines, and
    some leave out the empty line between two. Comments, other fields and empty data are passed over.
    """

    def __init__(self) -> None:
        self._pending: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Data of the lines that this chunk completes."""
        self._pending.append(chunk)
        if not _LINE_END.search(chunk) and not self._pending[0].endswith(b"\r"):
            return
        text = b"".join(self._pending)
        # A carriage return at the end may be half of a line end.
        held = b"\r" if text.endswith(b"\r") else b""
        *lines, rest = _LINE_END.split(text.removesuffix(held))
        self._pending = [rest + held]
        for line in lines:
            yield from _data(line)

    def end(self) -> Iterator[str]:
        """Data of a last line that nothing ended."""
        line, self._pending = b"".join(self._pending), []
        yield from _data(line.rstrip(b"\r"))


def _data(line: bytes) -> Iterator[str]:
    name, _, value = line.partition(b":")
    if name == b"data" and (data := value.decode("utf-8", "replace").strip()):
        yield data
