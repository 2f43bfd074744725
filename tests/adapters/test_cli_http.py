"""A conversation with a service that runs elsewhere."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner, Result

from adapters.cli.app import create_cli
from adapters.cli.in_process import in_process
from adapters.cli.over_http import OverHttp, over_http
from adapters.http.turn_data import shown_reply
from adapters.http.why_data import shown_why
from application.handle_turn import TurnRequest
from domain.dialogue.reply import ReplySlot
from domain.dialogue.understanding import Candidate, Cue, Evidence, Segment, Understanding
from domain.errors import (
    Conflict,
    DeadlineExceeded,
    HuiyiError,
    InvalidRequest,
    NotFound,
    PartUnavailable,
    SessionNotFound,
)
from tests.doubles.hearing import entity
from tests.doubles.scripted_runtime import ScriptedRuntime, reply
from tests.doubles.small_catalogue import small_catalogue

TURN = {
    "response": "请问您要去哪个城市？",
    "session_id": "s/1",
    "turn": 1,
    "status": "incomplete",
    "intent": "book_flight",
    "confidence": 0.97,
    "tier": "local",
    "slots": {
        "departure_city": {
            "value": "北京", "original_text": "帝都", "confidence": 0.93, "source": "dictionary",
            "is_validated": True, "is_confirmed": False, "field_of_a_later_version": 1,
        }
    },
    "missing_slots": ["arrival_city"],
    "processing_time_ms": 4.2,
    "catalogue_version": 3,
}  # fmt: skip
WHY = {
    "session_id": "s/1",
    "turn": 1,
    "input": "订机票",
    "rule": "collecting: asked",
    "tier": "local",
    "segments": [
        {
            "text": "订机票",
            "candidates": [{"intent": "book_flight", "confidence": 0.97, "threshold": 0.6}],
            "entities": [],
            "ambiguity": None,
        }
    ],
    "cues": [],
    "field_of_a_later_version": 1,
}


def huiyi(said: str, *options: str) -> Result:
    runtime = ScriptedRuntime(refusal=AssertionError("nothing starts here"))
    app = create_cli(runtime, read_problems=lambda _: (), read_catalogue=lambda _: None, version="1")
    return CliRunner().invoke(app, ["chat", *options], input=said, prog_name="huiyi")


class Service(ThreadingHTTPServer):
    """Answers like the API, and notes what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[tuple[str, str, str | None, object]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(body, TURN)

    def do_GET(self) -> None:
        self.answer(None, WHY)

    def answer(self, asked: object, data: object) -> None:
        self.server.asked.append((self.command, self.path, self.headers["X-API-Key"], asked))
        content = json.dumps({"success": True, "code": 200, "message": "ok", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as started:
        thread = threading.Thread(target=started.serve_forever, args=(0.01,))
        thread.start()
        yield started
        started.shutdown()
        thread.join()


def test_a_conversation_over_http(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    file = tmp_path / "key.txt"
    file.write_text("secret\n", encoding="utf-8")
    result = huiyi("订机票\n帝都\n/why\n", "--url", f"{service.url}/", "--api-key", f"@{file}", "--user", "小王")
    assert (result.stderr, result.exit_code) == ("", 0)
    shown = [
        "请问您要去哪个城市？",
        "  book_flight 0.97 · local · incomplete · departure_city=北京 · 还缺 arrival_city · 4 ms",
    ]
    assert result.stdout.splitlines() == [
        *shown,
        *shown,
        "  轮次  1  订机票",
        "  规则  collecting: asked",
        "  层级  local",
        "  片段  订机票",
        "  候选  book_flight 0.97 (>= 0.60)",
    ]
    interact, key = "/api/v1/chat/interact", "secret"
    assert service.asked == [
        ("POST", interact, key, {"user_id": "小王", "input": "订机票"}),
        ("POST", interact, key, {"user_id": "小王", "input": "帝都", "session_id": "s/1"}),
        ("GET", "/api/v1/sessions/s%2F1/turns/1/why?user_id=%E5%B0%8F%E7%8E%8B", key, None),
    ]


def elsewhere(answer: Callable[[httpx.Request], httpx.Response]) -> OverHttp:
    client = httpx.AsyncClient(base_url="http://there:8000", transport=httpx.MockTransport(answer))
    return OverHttp(client, user="u")


def failing(status: int, code: str = "", message: str = "") -> OverHttp:
    body = {"success": False, "code": status, "error_code": code, "message": message, "details": {}}
    return elsewhere(lambda _: httpx.Response(status, json=body if code else ["no envelope"]))


@pytest.mark.parametrize(
    ("partner", "kind", "told"),
    [
        (failing(401, "UNAUTHORIZED", "no key"), InvalidRequest, "wants a valid key, see --api-key: no key (UNAUTHORIZED)"),
        (failing(403, "PERMISSION_DENIED", "not yours"), InvalidRequest, "--api-key"),
        (failing(404, "SESSION_NOT_FOUND", "gone"), SessionNotFound, "gone (SESSION_NOT_FOUND); /new begins"),
        (failing(404), NotFound, "the service at http://there:8000 has no such thing: Not Found (404)"),
        (failing(409, "CONFLICT", "twice"), Conflict, "twice (CONFLICT)"),
        (failing(422, "VALIDATION_ERROR", "input is empty"), InvalidRequest, "input is empty (VALIDATION_ERROR)"),
        (failing(503, "SERVICE_UNAVAILABLE", "no database"), PartUnavailable, "cannot answer: no database"),
        (failing(301), PartUnavailable, "cannot answer: Moved Permanently (301)"),
        (elsewhere(lambda _: httpx.Response(502, text="<html>")), PartUnavailable, "Bad Gateway (502)"),
        (elsewhere(lambda _: httpx.Response(200, text="<html>")), PartUnavailable, "does not answer like Huiyi"),
        (elsewhere(lambda _: httpx.Response(200, json={"data": {"turn": 1}})), PartUnavailable, "like Huiyi"),
    ],
)  # fmt: skip
async def test_every_refusal_has_its_error_and_its_words(partner: OverHttp, kind: type[HuiyiError], told: str) -> None:
    with pytest.raises(kind) as raised:
        await partner.say("你好", None)
    assert type(raised.value) is kind
    assert told in raised.value.message


def leaf_errors(base: type[httpx.HTTPError]) -> set[type[httpx.HTTPError]]:
    below = base.__subclasses__()
    return {base} if not below else set().union(*(leaf_errors(kind) for kind in below))


@pytest.mark.parametrize("kind", sorted(leaf_errors(httpx.RequestError), key=lambda kind: kind.__name__))
async def test_no_error_of_the_client_comes_through_as_it_is(kind: type[httpx.RequestError]) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise kind("")

    expected = DeadlineExceeded if issubclass(kind, httpx.TimeoutException) else PartUnavailable
    with pytest.raises(expected, match="http://there:8000"):
        await elsewhere(broken).why("s", 1)


async def test_what_the_api_sends_is_shown_like_what_the_use_cases_say() -> None:
    said = reply(
        "好", intent="weather", confidence=0.9, slots={"city": ReplySlot("北京", "帝都", 0.9, "rule", True, False)}
    )
    asked = Segment("天气", (Candidate("weather", 0.9),), (entity("帝都", "city", "北京", role="city"),))
    read = Understanding(
        "天气", (asked,), (Cue("choose", "二", 2),), "local", True, (Evidence("local", "x"),), ("nlu",)
    )
    runtime = ScriptedRuntime({"天气": said}, understandings={"天气": read})
    async with in_process(runtime.conversing(catalogue=None, env_file=None, demo=False), user="u") as here:
        turn, reasons = await here.say("天气", None), await here.why("session-1", 1)
    request = TurnRequest(user_id="u", text="天气", session_id="session-1")
    stored = await runtime.reading.turn("session-1", "u", 1)
    runtime.turns.counts.clear()
    answers = iter((shown_reply(await runtime.turns(request)), shown_why(stored, small_catalogue())))
    there = elsewhere(lambda _: httpx.Response(200, content=msgspec.json.encode({"data": next(answers)})))
    assert await there.say("天气", None) == turn
    told = await there.why("session-1", 1)
    (segment,), (candidate,) = told.segments, told.segments[0].candidates
    assert candidate.threshold is not None
    without = replace(segment, candidates=(replace(candidate, threshold=None),), ambiguity="")
    assert replace(told, segments=(without,)) == reasons


@pytest.mark.parametrize(
    ("api_key", "language", "sent"),
    [(None, None, (None, None)), ("k", "en", ("k", "en")), ("", "zh-CN", (None, "zh-CN"))],
)
async def test_key_and_language_are_sent_where_there_are_any(
    api_key: str | None, language: str | None, sent: tuple[str | None, str | None]
) -> None:
    async with over_http("http://there:8000", user="u", api_key=api_key, language=language) as partner:
        headers = partner._client.headers
        assert (headers.get("X-API-Key"), headers.get("Accept-Language")) == sent


async def test_a_refusal_names_the_fields_it_is_about() -> None:
    body = {"error_code": "VALIDATION_ERROR", "message": "请求内容有误", "details": {"input": "不能为空"}}
    with pytest.raises(InvalidRequest) as raised:
        await elsewhere(lambda _: httpx.Response(422, json=body)).say(" ", None)
    assert raised.value.message == "请求内容有误 (VALIDATION_ERROR); input: 不能为空"


@pytest.mark.parametrize("url", ["there:8000", "ftp://there", "http://", "http://a:b:c", "http://there:port"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    result = huiyi("你好\n", "--url", url)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"huiyi: --url {url}: ")


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    result = huiyi("你好\n", "--url", "http://127.0.0.1:1", "--api-key", f"@{tmp_path / 'none'}")
    assert result.exit_code == 2
    assert result.stderr.startswith("huiyi: --api-key @")


def test_a_service_that_is_not_there_is_one_line(service: Service) -> None:
    service.server_close()
    result = huiyi("你好\n", "--url", service.url)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"huiyi: no answer from the service at {service.url}: ")
    assert result.stderr.count("\n") == 1
