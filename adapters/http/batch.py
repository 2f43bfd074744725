"""Several messages in one request, each answered by itself."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

import msgspec
from litestar.openapi.spec import Example, Reference, Schema
from litestar.params import BodyKwarg
from litestar.typing import FieldDefinition
from msgspec import UNSET, Meta, UnsetType

from adapters.http import door
from adapters.http.bodies import Batch, Message, SealedBatch
from adapters.http.callers import HttpRequest, tongue
from adapters.http.decoding import StrictJson, decoded
from adapters.http.edge import Edge
from adapters.http.errors import ToldFailure
from adapters.http.turn_data import ChatData, shown_reply
from application.handle_turn import TurnRequest

AT_ONCE: Final = 4
"""How many messages of one batch are worked on at a time."""

_Documented: TypeAlias = Annotated[
    Batch,
    BodyKwarg(
        examples=[
            Example(
                value={
                    "items": [
                        {"user_id": "u-1001", "input": "上海今天天气怎么样"},
                        {"user_id": "u-1002", "input": "退票要手续费吗"},
                    ]
                }
            )
        ]
    ),
]


class ItemData(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message: `data`, or else `error_code`, `message` and `details`."""

    success: Annotated[bool, Meta(description="Whether it was served.", examples=[True])]
    data: Annotated[ChatData, Meta(description="The reply, for a message that was served.")] | UnsetType = UNSET
    error_code: (
        Annotated[str, Meta(description="As for a single message.", examples=["VALIDATION_ERROR", "SESSION_NOT_FOUND"])]
        | UnsetType
    ) = UNSET
    message: (
        Annotated[str, Meta(description="For people, in the language of Accept-Language.", examples=["请求内容有误"])]
        | UnsetType
    ) = UNSET
    details: (
        Annotated[
            Mapping[str, str],
            Meta(description="What is wrong, by field path or part.", examples=[{"input": "最多 2000 个字符"}]),
        ]
        | UnsetType
    ) = UNSET


class BatchData(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each message."""

    items: Annotated[list[ItemData], Meta(description="One for each message, in the order of the request.")]


class BatchJson(StrictJson[SealedBatch]):
    """Reads the batch only; the document tells what the messages in it are."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,  # noqa: ARG003 - Litestar calls it by this name
        handler_id: str,
        schema_creator: Any,  # its type is private to Litestar
    ) -> Reference | Schema:
        """The batch with its messages."""
        return super().create_openapi_schema(FieldDefinition.from_annotation(_Documented), handler_id, schema_creator)


class _Numbered(NamedTuple):
    """A message and its place in the batch."""

    place: int
    turn: TurnRequest


async def answered(items: Sequence[msgspec.Raw], request: HttpRequest, edge: Edge) -> list[ItemData]:
    """What became of each message, in their order. Does not raise for what is wrong with one of them."""
    read = [await edge.failures.attempt(request, _read(item, request, edge)) for item in items]
    outcomes: list[ItemData | None] = [
        _failed(told, request) if isinstance(told, ToldFailure) else None for told in read
    ]
    turns = [_Numbered(place, turn) for place, turn in enumerate(read) if not isinstance(turn, ToldFailure)]
    room = asyncio.Semaphore(AT_ONCE)

    async def serve(queue: Iterable[_Numbered]) -> None:
        for place, turn in queue:
            async with room:
                told = await edge.failures.attempt(request, edge.use_cases.handle_turn(turn))
            served = (
                _failed(told, request)
                if isinstance(told, ToldFailure)
                else ItemData(success=True, data=shown_reply(told))
            )
            outcomes[place] = served

    async with asyncio.TaskGroup() as group:
        for queue in _queues(turns):
            group.create_task(serve(queue))
    return [outcome for outcome in outcomes if outcome is not None]


async def _read(item: msgspec.Raw, request: HttpRequest, edge: Edge) -> TurnRequest:
    """The message, made fit for the core. Raises what the door raises."""
    language = tongue(request)
    return door.asked(decoded(item, Message, language), limit=edge.settings.max_input_chars, tongue=language)


def _queues(turns: Iterable[_Numbered]) -> Iterable[list[_Numbered]]:
    """Those of one session in a queue; each of the others in its own."""
    queues: dict[str | int, list[_Numbered]] = {}
    for numbered in turns:
        queues.setdefault(numbered.turn.session_id or numbered.place, []).append(numbered)
    return queues.values()


def _failed(told: ToldFailure, request: HttpRequest) -> ItemData:
    message = told.verdict.message.said(tongue(request))
    return ItemData(success=False, error_code=told.verdict.code, message=message, details=told.details)
