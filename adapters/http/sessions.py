"""Looking at conversations and deleting them."""

from typing import Annotated, TypeAlias

from litestar import Router, delete, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from litestar.types import ASGIApp

from adapters.http import door
from adapters.http.callers import HttpRequest, tongue
from adapters.http.documenting import documented
from adapters.http.edge import Edge
from adapters.http.session_data import DeletedData, SessionData, TurnsData, shown_session, shown_turns
from adapters.http.why_data import WhyData, shown_why

_LARGEST = 2**31 - 1
_RECENT = 5

SessionParameter: TypeAlias = Annotated[str, PathParameter(description="The session's id.")]
UserParameter: TypeAlias = Annotated[
    str, QueryParameter(min_length=1, max_length=128, description="The user whom the session belongs to.")
]
NumberParameter: TypeAlias = Annotated[int, PathParameter(ge=1, le=_LARGEST, description="The turn's number, from 1.")]
AfterParameter: TypeAlias = Annotated[
    int, QueryParameter(ge=0, le=_LARGEST, description="Only turns with a higher number.")
]
LimitParameter: TypeAlias = Annotated[int, QueryParameter(ge=1, le=200, description="So many turns at most.")]


@get(
    "/",
    summary="Where a conversation stands",
    operation_id="readSession",
    responses=documented(SessionData, "The session.", 401, 404, 422, 503),
)
async def read_session(
    *,
    request: HttpRequest,
    session_id: SessionParameter,
    user_id: UserParameter,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """The conversation's state, the slots of the task at hand (sensitive values masked) and what waits."""
    session, user = door.session(session_id), door.user(user_id, tongue(request))
    conversation = await edge.use_cases.read_conversation(session, user)
    after = max(conversation.turns - _RECENT, 0)
    recent = await edge.use_cases.read_conversation.turns(session, user, after=after, limit=_RECENT)
    return edge.answers.success(request, shown_session(conversation, recent))


@delete(
    "/",
    status_code=200,
    summary="Delete a conversation",
    operation_id="deleteSession",
    responses=documented(DeletedData, "It is gone.", 401, 404, 422, 503),
)
async def delete_session(
    *,
    request: HttpRequest,
    session_id: SessionParameter,
    user_id: UserParameter,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """Removes the conversation and its turns for good."""
    session = door.session(session_id)
    await edge.use_cases.delete_conversation(session, door.user(user_id, tongue(request)))
    return edge.answers.success(request, DeletedData(session_id=session))


@get(
    "/turns",
    summary="The turns of a conversation",
    operation_id="readTurns",
    responses=documented(TurnsData, "A page of turns.", 401, 404, 422, 503),
)
async def read_turns(
    *,
    request: HttpRequest,
    session_id: SessionParameter,
    user_id: UserParameter,
    edge: NamedDependency[Edge],
    after: AfterParameter = 0,
    limit: LimitParameter = 50,
) -> ASGIApp:
    """What was said and answered, oldest first; sensitive values masked."""
    session, user = door.session(session_id), door.user(user_id, tongue(request))
    turns = await edge.use_cases.read_conversation.turns(session, user, after=after, limit=limit)
    return edge.answers.success(request, shown_turns(session, turns, limit=limit))


@get(
    "/turns/{number:int}/why",
    summary="Why a turn went as it did",
    operation_id="explainTurn",
    responses=documented(WhyData, "The evidence.", 401, 404, 422, 503),
)
async def explain_turn(
    *,
    request: HttpRequest,
    session_id: SessionParameter,
    number: NumberParameter,
    user_id: UserParameter,
    edge: NamedDependency[Edge],
) -> ASGIApp:
    """What was understood, by which stage, on what evidence, against which thresholds, and which rule decided."""
    session, user = door.session(session_id), door.user(user_id, tongue(request))
    turn = await edge.use_cases.read_conversation.turn(session, user, number)
    published = await edge.use_cases.catalogue(turn.catalogue_version)
    return edge.answers.success(request, shown_why(turn, published.catalogue))


session_routes = Router(
    "/sessions/{session_id:str}",
    route_handlers=[read_session, delete_session, read_turns, explain_turn],
    tags=["sessions"],
)
