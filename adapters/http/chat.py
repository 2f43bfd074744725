"""Talking to the service."""

from typing import Annotated, TypeAlias

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg
from litestar.types import ASGIApp

from adapters.http import door
from adapters.http.batch import BatchData, BatchJson, answered
from adapters.http.bodies import Choice, Message, SealedBatch
from adapters.http.callers import HttpRequest, tongue
from adapters.http.decoding import StrictJson
from adapters.http.documenting import documented, documented_events
from adapters.http.edge import Edge
from adapters.http.stream_data import EVENTS
from adapters.http.turn_data import ChatData, shown_reply
from adapters.http.turn_stream import TurnStream
from application.handle_turn import TurnRequest

MessageBody: TypeAlias = Annotated[
    Message, BodyKwarg(examples=[Example(value={"user_id": "u-1001", "input": "我想订一张明天从北京到上海的机票"})])
]
ChoiceBody: TypeAlias = Annotated[
    Choice,
    BodyKwarg(
        examples=[
            Example(value={"session_id": "5b0d6a52c1c94c6e9a5f2f0f3b1c7d10", "user_id": "u-1001", "user_choice": 1})
        ]
    ),
]

BatchBody: TypeAlias = Annotated[SealedBatch, BodyKwarg()]

_REFUSALS = (401, 404, 409, 413, 415, 422, 503, 504)


@post(
    "/interact",
    status_code=200,
    dto=StrictJson[Message],
    return_dto=None,
    summary="Say something",
    operation_id="interact",
    responses=documented(ChatData, "The reply.", *_REFUSALS),
)
async def interact(
    request: HttpRequest,
    data: MessageBody,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """One message of a user and the reply to it.

    A conversation opens with the first message that names no session_id and belongs to its user. What comes of the
    message is said by `status`: a value that fails its check or a business API that fails is a 200 as well.
    """
    turn = door.asked(data, limit=edge.settings.max_input_chars, tongue=tongue(request))
    return edge.answers.success(request, shown_reply(await edge.use_cases.handle_turn(turn)))


@post(
    "/disambiguate",
    status_code=200,
    dto=StrictJson[Choice],
    return_dto=None,
    summary="Answer an offer",
    operation_id="disambiguate",
    responses=documented(ChatData, "The reply.", *_REFUSALS),
)
async def disambiguate(
    request: HttpRequest,
    data: ChoiceBody,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """Pick one of the numbered options of an `ambiguous` reply.

    A number or a title counts as if the user had said it; an intent's name picks that option directly.
    """
    language = tongue(request)
    text, choice = door.chosen(data.user_choice, limit=edge.settings.max_input_chars, tongue=language)
    turn = TurnRequest(
        user_id=door.user(data.user_id, language),
        text=text,
        choice=choice,
        session_id=door.session(data.session_id),
        message_id=door.message(data.message_id, language),
    )
    return edge.answers.success(request, shown_reply(await edge.use_cases.handle_turn(turn)))


@post(
    "/batch",
    status_code=200,
    dto=BatchJson,
    return_dto=None,
    summary="Say several things at once",
    operation_id="batch",
    responses=documented(BatchData, "An answer for each message, in their order.", 401, 413, 415, 422),
)
async def batch(
    request: HttpRequest,
    data: BatchBody,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """Up to twenty messages, each as if it had come by itself.

    A message that is refused or fails has an error in its place, with the code it would have got by itself; the others
    are answered all the same. A few are worked on at a time; those of one session one after the other, as listed.
    """
    return edge.answers.success(request, BatchData(items=await answered(data.items, request, edge)))


@post(
    "/stream",
    status_code=200,
    dto=StrictJson[Message],
    return_dto=None,
    summary="Say something and watch",
    operation_id="stream",
    responses=documented_events(EVENTS, "What happens, as it happens (Server-Sent Events).", *_REFUSALS),
)
async def stream(
    request: HttpRequest,
    data: MessageBody,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """One message as for `interact`, and what becomes of it while it is worked on.

    The events are `start`, any number of `progress` and `partial_response`, then either `response` or `error`, and
    `end`; comments (`: keep-alive`) fill long silences. Pieces of an answer are a foretaste: what counts is the text of
    `response`, which holds more than the answer, or another text where the answer came to nothing. What fails before
    the first event is an ordinary failure. A client that hangs up stops its message, unless it is being saved or acted
    upon: then it is finished.
    """
    turn = door.asked(data, limit=edge.settings.max_input_chars, tongue=tongue(request))
    return TurnStream(request, turn, edge)


chat_routes = Router("/chat", route_handlers=[interact, disambiguate, batch, stream], tags=["chat"])
