"""The events of a stream."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from adapters.http.envelope import RequestId
from adapters.http.turn_data import ChatData
from application.progress import Stage

KEEP_ALIVE: Final = b": keep-alive\n\n"


class StartData(msgspec.Struct, frozen=True, kw_only=True):
    """The event `start`: the message is being worked on."""

    request_id: RequestId
    session_id: Annotated[
        str | None, Meta(description="The conversation; null while it is not known, for one that opens.")
    ]


class ProgressData(msgspec.Struct, frozen=True, kw_only=True):
    """The event `progress`: a stage has begun."""

    stage: Annotated[
        Stage,
        Meta(description="`saving` and `acting` come once for each save and each function call.", examples=["acting"]),
    ]


class PieceData(msgspec.Struct, frozen=True, kw_only=True):
    """The event `partial_response`: the next piece of an answer from the documents."""

    text: Annotated[str, Meta(description="To be put after the pieces before it.", examples=["起飞前 24 小时"])]


class ErrorData(msgspec.Struct, frozen=True, kw_only=True):
    """The event `error`: the message could not be served."""

    error_code: Annotated[str, Meta(description="As in an ordinary failure.", examples=["TIMEOUT"])]
    message: Annotated[str, Meta(description="For people, in the language of Accept-Language.", examples=["处理超时"])]
    details: Annotated[
        Mapping[str, str],
        Meta(description="What is wrong, by field path or part.", examples=[{"part": "repository"}]),
    ]


class EndData(msgspec.Struct, frozen=True, kw_only=True):
    """The event `end`: nothing more comes."""


EVENTS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "start": StartData,
    "progress": ProgressData,
    "partial_response": PieceData,
    "response": ChatData,
    "error": ErrorData,
    "end": EndData,
}
"""The events and what each carries."""

_NAMES: Final = {kind: name for name, kind in EVENTS.items()}
_ENCODE: Final = msgspec.json.Encoder().encode


def event(data: msgspec.Struct) -> bytes:
    """What goes over the wire."""
    return b"event: %s\ndata: %s\n\n" % (_NAMES[type(data)].encode(), _ENCODE(data))
