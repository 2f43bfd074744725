"""The process that holds the Duckling engine: frames of JSON in on standard input, out on standard output.

It imports nothing of the project, so that it starts fast and stays small. A frame is a length (four bytes,
big-endian) and that many bytes. The first frame out says `{"ready": true}` or why not. It ends when its
standard input ends, hence also when its parent dies.

The reference time of a request is the user's wall clock, sent as if it were UTC: the engine then needs no
time zone database, and its values are wall-clock values too.
"""

import ctypes
import json
import os
import signal
import struct
import sys
import tempfile
from collections.abc import Callable
from typing import BinaryIO, TypeAlias, TypedDict

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Parse: TypeAlias = Callable[[str, str, list[str], int], Json]


class Request(TypedDict):
    """One text to read. `now` is the user's wall clock in seconds since 1970, as if it were UTC."""

    text: str
    locale: str
    dims: list[str]
    now: int


WEAK_READINGS = False
_LENGTH = struct.Struct(">I")
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until standard input ends."""
    _die_with_parent()
    incoming, outgoing = sys.stdin.buffer, _private_output()
    try:
        parse = load_engine()
    except (ImportError, OSError, RuntimeError) as error:
        _send(outgoing, {"error": f"{type(error).__name__}: {error}"})
        return
    _send(outgoing, {"ready": True})
    serve(incoming, outgoing, parse)


def serve(incoming: BinaryIO, outgoing: BinaryIO, parse: Parse) -> None:
    """Answer each request with `{"entities": [...]}` or `{"error": reason}`."""
    while (request := _receive(incoming)) is not None:
        try:
            answer: Json = {"entities": parse(request["text"], request["locale"], request["dims"], request["now"])}
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  the engine's panics derive from BaseException
            answer = {"error": f"{type(error).__name__}: {error}"}
        _send(outgoing, answer)


def load_engine() -> Parse:
    """Start the Haskell runtime and return its parser; raises ImportError where the wheel is not installed."""
    import duckling.duckling as engine  # noqa: PLC0415  a missing wheel must be reported, not crash the module

    engine.init()
    with tempfile.TemporaryDirectory() as no_zones:
        zones = engine.load_time_zones(no_zones)

    def parse(text: str, locale: str, dims: list[str], now: int) -> Json:
        language = engine.default_locale_lang(engine.parse_lang(locale[:2]))
        reference = engine.parse_ref_time(zones, "UTC", now)
        context = engine.Context(reference, engine.parse_locale(locale, language))
        raw = engine.parse_text(text, context, engine.parse_dimensions(dims), WEAK_READINGS)
        entities: Json = json.loads(raw.encode("latin-1").decode("utf-8"))
        return entities

    return parse


def _private_output() -> BinaryIO:
    """Keep standard output for frames: whatever the engine prints goes to standard error."""
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return private


def _die_with_parent() -> None:
    """Ask Linux for a SIGKILL when the parent dies, even in the middle of a parse."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _receive(incoming: BinaryIO) -> Request | None:
    header = incoming.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    request: Request = json.loads(incoming.read(_LENGTH.unpack(header)[0]))
    return request


def _send(outgoing: BinaryIO, message: Json) -> None:
    body = json.dumps(message, ensure_ascii=False).encode()
    outgoing.write(_LENGTH.pack(len(body)) + body)
    outgoing.flush()


if __name__ == "__main__":
    main()
