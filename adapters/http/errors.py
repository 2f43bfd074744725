"""The one table from errors to HTTP statuses, and the one place where any exception ends."""

from abc import abstractmethod
from collections.abc import Awaitable, Mapping
from typing import Final, NamedTuple, Protocol, TypeVar

from litestar import Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
    ServiceUnavailableException,
    TooManyRequestsException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from adapters.http import sentences
from adapters.http.callers import HttpRequest, tongue
from adapters.http.envelope import Answers
from adapters.http.languages import Phrase
from domain.errors import (
    CatalogueInvalid,
    Conflict,
    ConversationBusy,
    ConversationConflict,
    DeadlineExceeded,
    HuiyiError,
    IntentNotFound,
    InvalidRequest,
    MessageConflict,
    NotFound,
    PartUnavailable,
    SessionNotFound,
    TurnNotFound,
)

T = TypeVar("T")


class MalformedBody(ClientException):
    """The body is not JSON."""


class HungUp(ClientException):
    """The client left before it was answered."""


class UnsupportedMediaType(ClientException):
    """The body is announced as something else than JSON."""

    status_code = 415


class Verdict(NamedTuple):
    """What a kind of error means over HTTP. `retry_after` is in seconds, 0 for none."""

    status: int
    code: str
    message: Phrase
    retry_after: int = 0


_INVALID: Final = Phrase("请求内容有误", "The request's content is not valid")
_UNAVAILABLE: Final = Phrase(
    "服务暂时不可用，请稍后再试", "The service is unavailable for the moment; try again shortly"
)
_INTERNAL: Final = Verdict(500, "INTERNAL_ERROR", Phrase("服务内部错误", "Something went wrong on our side"))
_GARBLED: Final = Verdict(
    400, "INVALID_REQUEST", Phrase("请求残缺或编码有误", "The request did not arrive in full or is not in UTF-8")
)

VERDICTS: Final[Mapping[type[Exception], Verdict]] = {
    # what the core raises
    InvalidRequest: Verdict(422, InvalidRequest.code, _INVALID),
    CatalogueInvalid: Verdict(422, CatalogueInvalid.code, Phrase("意图目录有误", "The catalogue is not valid")),
    NotFound: Verdict(404, NotFound.code, Phrase("没有找到", "Not found")),
    SessionNotFound: Verdict(404, SessionNotFound.code, Phrase("该用户没有这个会话", "This user has no such session")),
    TurnNotFound: Verdict(404, TurnNotFound.code, Phrase("这个会话没有这一轮", "The session has no such turn")),
    IntentNotFound: Verdict(404, IntentNotFound.code, Phrase("没有这个意图", "There is no such intent")),
    Conflict: Verdict(409, Conflict.code, Phrase("与已有内容冲突", "This contradicts what is stored")),
    MessageConflict: Verdict(
        409,
        MessageConflict.code,
        Phrase("这个 message_id 已用于另一条消息", "This message_id was used for another message"),
    ),
    ConversationConflict: Verdict(
        409,
        ConversationConflict.code,
        Phrase("会话同时被另一条消息更新，请重发", "Another message changed the conversation meanwhile; send it again"),
    ),
    ConversationBusy: Verdict(
        503,
        ConversationBusy.code,
        Phrase("前面的消息还在处理，请稍后再试", "Earlier messages are still being worked on; try again shortly"),
        retry_after=1,
    ),
    PartUnavailable: Verdict(503, PartUnavailable.code, _UNAVAILABLE, retry_after=5),
    DeadlineExceeded: Verdict(504, DeadlineExceeded.code, Phrase("处理超时", "It took too long")),
    # what Litestar and this package raise
    ClientException: Verdict(400, "INVALID_REQUEST", Phrase("无法理解的请求", "The request cannot be understood")),
    MalformedBody: Verdict(400, "INVALID_REQUEST", Phrase("请求体不是有效的 JSON", "The body is not valid JSON")),
    ValidationException: Verdict(422, "VALIDATION_ERROR", _INVALID),
    NotAuthorizedException: Verdict(401, "UNAUTHORIZED", Phrase("需要有效的 X-API-Key", "A valid X-API-Key is needed")),
    PermissionDeniedException: Verdict(403, "PERMISSION_DENIED", Phrase("没有权限", "Permission denied")),
    NotFoundException: Verdict(404, "NOT_FOUND", Phrase("没有这个地址", "There is nothing at this address")),
    MethodNotAllowedException: Verdict(
        405, "METHOD_NOT_ALLOWED", Phrase("这个地址不支持该方法", "This address does not take that method")
    ),
    RequestEntityTooLarge: Verdict(413, "PAYLOAD_TOO_LARGE", Phrase("请求体太大", "The body is too large")),
    UnsupportedMediaType: Verdict(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        Phrase("请使用 Content-Type: application/json", "Send Content-Type: application/json"),
    ),
    TooManyRequestsException: Verdict(
        429, "RATE_LIMIT_EXCEEDED", Phrase("请求太频繁，请稍后再试", "Too many requests; try again shortly"), 1
    ),
    ServiceUnavailableException: Verdict(503, "SERVICE_UNAVAILABLE", _UNAVAILABLE, retry_after=5),
}


class FailureLog(Protocol):
    """Where unexpected failures are written down."""

    @abstractmethod
    def __call__(self, error: Exception, *, request_id: str, method: str, path: str) -> None:
        """Record it; must not raise."""


class ToldFailure(NamedTuple):
    """What a client is told of a failure."""

    verdict: Verdict
    details: Mapping[str, str]


class Failures:
    """What clients are told of failures: an expected one is told, any other is logged and hidden."""

    def __init__(self, answers: Answers, log: FailureLog) -> None:
        self._answers = answers
        self._log = log

    def answer(self, request: HttpRequest, error: Exception) -> Response[bytes]:
        """The answer to a request whose route raised the error."""
        verdict, details = self._told(request, error)
        return self._answers.failure(
            request,
            status=verdict.status,
            code=verdict.code,
            message=verdict.message,
            details=details,
            headers=_headers(error, verdict),
        )

    async def attempt(self, request: HttpRequest, work: Awaitable[T]) -> T | ToldFailure:
        """What the work comes to, for an answer that tells of its failure in its midst."""
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - this is where errors end when the answer has begun
            return self._told(request, error)

    def _told(self, request: HttpRequest, error: Exception) -> ToldFailure:
        verdict = verdict_on(error, request.scope["query_string"])
        if verdict is not _INTERNAL:
            return ToldFailure(verdict, _details(request, error))
        name = self._answers.name_of(request)
        self._log(error, request_id=name, method=request.method, path=request.scope["path"])
        return ToldFailure(verdict, {})


def verdict_on(error: Exception, query: bytes = b"") -> Verdict:
    """The table's row for the error's class or the nearest one above it."""
    for kind in type(error).__mro__:
        if kind in VERDICTS:
            return VERDICTS[kind]
    return _GARBLED if _is_the_clients(error, query) else _INTERNAL


def _is_the_clients(error: Exception, query: bytes) -> bool:
    """Two faults of clients that Litestar reports like its own: hanging up while sending, and a query not in UTF-8."""
    if isinstance(error, UnicodeDecodeError):
        return error.object == query
    return isinstance(error, InternalServerException) and "disconnected" in error.detail


def _details(request: HttpRequest, error: Exception) -> Mapping[str, str]:
    if isinstance(error, HuiyiError):
        return error.details
    if isinstance(error, ValidationException):
        return sentences.of_parameters(error, tongue(request))
    extra = error.extra if isinstance(error, HTTPException) else None
    return {str(key): str(value) for key, value in extra.items()} if isinstance(extra, dict) else {}


def _headers(error: Exception, verdict: Verdict) -> dict[str, str]:
    given = error.headers if isinstance(error, HTTPException) else None
    retry = {"Retry-After": str(verdict.retry_after)} if verdict.retry_after else {}
    return {**(given or {}), **retry}
