"""What the OpenAPI document says about answers."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Final

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from adapters.http.envelope import Envelope, Failure

_FAILURES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("INVALID_REQUEST", "The request cannot be understood: the body is not JSON, or it did not arrive in full."),
    401: ("UNAUTHORIZED", "Keys are configured and X-API-Key holds none of them."),
    404: ("SESSION_NOT_FOUND", "There is no such session, or it belongs to another user."),
    409: ("CONFLICT", "The message_id was used with another body, or the conversation changed meanwhile."),
    413: ("PAYLOAD_TOO_LARGE", "The body is too large."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The body is announced as something else than application/json."),
    422: ("VALIDATION_ERROR", "A field is missing, unknown or not valid; `details` names it."),
    500: ("INTERNAL_ERROR", "Something went wrong; give the request_id to whoever runs the service."),
    503: ("SERVICE_UNAVAILABLE", "A part the service needs does not answer; Retry-After says when to try again."),
    504: ("TIMEOUT", "It took too long."),
}

_WHEN: Final = "2026-11-24T01:00:00Z"


def documented(data: type[msgspec.Struct], description: str, *failures: int) -> dict[int, ResponseSpec]:
    """The responses of a route: 200 with `data`, these failures, 400 and 500."""
    answered = ResponseSpec(data_container=Envelope[data], generate_examples=False, description=description)  # type: ignore[valid-type]  # a type made at run time, for the document only
    return {200: answered, **{status: _failure(status) for status in (400, *failures, 500)}}


def documented_events(
    events: Mapping[str, type[msgspec.Struct]], description: str, *failures: int
) -> dict[int, ResponseSpec]:
    """The responses of a route that answers with these events: 200 with all of them, these failures, 400 and 500."""
    answered = ResponseSpec(
        data_container=reduce(or_, events.values()),
        generate_examples=False,
        description=f"{description} The data by event: {', '.join(f'{k} {v.__name__}' for k, v in events.items())}.",
        media_type="text/event-stream",
    )
    return {200: answered, **{status: _failure(status) for status in (400, *failures, 500)}}


def _failure(status: int) -> ResponseSpec:
    code, description = _FAILURES[status]
    example = {
        "success": False,
        "code": status,
        "error_code": code,
        "message": description,
        "details": {},
        "timestamp": _WHEN,
        "request_id": "req-7f3a",
    }
    return ResponseSpec(
        data_container=Failure, generate_examples=False, description=description, examples=[Example(value=example)]
    )
