"""What happens when RAGFlow cannot be asked, and what is told of it."""

import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import structlog

from adapters.ragflow.envelope import outward
from adapters.ragflow.knowledge_base import TROUBLE_SECONDS, RagflowKnowledgeBase
from adapters.ragflow.modes import Assistant, Datasets
from domain.errors import SettingsInvalid
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable
from tests.doubles.business_api import nobody_listens
from tests.doubles.manual_hands import Hands
from tests.doubles.ragflow_server import CHAT, DATASET, KEY, Generation, RagflowServer, ragflow_server
from tests.doubles.ragflow_wire import HANGS, Reply, Stream, failure

TLS = ssl.create_default_context()
ASSISTANT = Assistant(chat_id=CHAT)
DATASETS = Datasets(ids=(DATASET,))
MODES: list[Assistant | Datasets] = [ASSISTANT, DATASETS]
GENERATIONS: list[Generation] = ["old", "new"]


@asynccontextmanager
async def knowledge_at(
    server: RagflowServer, mode: Assistant | Datasets = ASSISTANT, key: str = KEY
) -> AsyncIterator[RagflowKnowledgeBase]:
    async with RagflowKnowledgeBase(server.url, key, mode, tls=TLS) as knowledge:
        yield knowledge


async def ask(knowledge: RagflowKnowledgeBase, *, deadline: float = 5.0) -> KnowledgeAnswer | Unavailable | None:
    return await knowledge.ask("什么是经济舱？", conversation=ConversationId("c1"), language="zh-CN", deadline=deadline)


def code_of(answer: KnowledgeAnswer | Unavailable | None) -> str:
    return answer.code if isinstance(answer, Unavailable) else type(answer).__name__


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("generation", GENERATIONS)
async def test_a_wrong_key_is_told_as_such_by_every_generation(
    generation: Generation, mode: Assistant | Datasets
) -> None:
    async with ragflow_server(generation) as server, knowledge_at(server, mode, "ragflow-wrong") as knowledge:
        assert code_of(await ask(knowledge)) == "unauthorised"
        assert code_of(await knowledge.reach(deadline=5.0)) == "unauthorised"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "refusal",
    [
        failure(0, "`Authorization` can't be empty", data=False),
        failure(109, "Token is not valid!", data=False),
        failure(401, "<Unauthorized '401: Unauthorized'>", data=None),
        failure(401, "<Unauthorized '401: Unauthorized'>", status=401),
        Reply("<html>401</html>", status=401, kind="text/html"),
        Reply("", status=403),
    ],
)
async def test_a_refusal_comes_in_many_shapes(refusal: Reply, mode: Assistant | Datasets) -> None:
    async with ragflow_server() as server, knowledge_at(server, mode) as knowledge:
        for name in ("sessions", "retrieval"):
            server.plays(name, refusal)
        assert code_of(await ask(knowledge)) == "unauthorised"
        assert isinstance(await ask(knowledge), KnowledgeAnswer), "it need not be our key: the next question is asked"


async def test_the_key_of_a_model_that_fails_does_not_condemn_ours() -> None:
    async with ragflow_server() as server, knowledge_at(server) as knowledge:
        server.plays("completions", *[failure(401, "AuthenticationError: sk-…", status=401)] * 9)
        answers = [await ask(knowledge) for _ in range(9)]
        assert {code_of(answer) for answer in answers} == {"unauthorised"}
        assert all(
            "key that RAGFlow itself uses" in answer.detail for answer in answers if isinstance(answer, Unavailable)
        )
        assert isinstance(await ask(knowledge), KnowledgeAnswer)


@pytest.mark.parametrize("mode", MODES)
async def test_the_key_travels_as_a_bearer(mode: Assistant | Datasets) -> None:
    async with ragflow_server() as server, knowledge_at(server, mode) as knowledge:
        await ask(knowledge)
        assert {request.headers["authorization"] for request in server.received} == {f"Bearer {KEY}"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (failure(404, "Not Found", status=404, data=None), "refused"),
        (Reply("", status=302), "refused"),
        (Reply("", status=500), "broken"),
        (Reply("", status=503), "overloaded"),
        (Reply("", status=504), "timeout"),
    ],
)
async def test_a_status_that_is_no_success_is_a_failure(reply: Reply, code: str, mode: Assistant | Datasets) -> None:
    async with ragflow_server() as server, knowledge_at(server, mode) as knowledge:
        for name in ("sessions", "retrieval"):
            server.plays(name, reply, reply)
        assert code_of(await ask(knowledge)) == code


@pytest.mark.parametrize("mode", MODES)
async def test_where_nobody_listens_it_cannot_be_asked(mode: Assistant | Datasets) -> None:
    async with RagflowKnowledgeBase(await nobody_listens(), KEY, mode, tls=TLS) as knowledge:
        assert code_of(await ask(knowledge)) == "refused"
        assert code_of(await knowledge.reach(deadline=5.0)) == "refused"


@pytest.mark.parametrize("mode", MODES)
async def test_a_server_that_is_away_is_left_alone_for_a_while(mode: Assistant | Datasets) -> None:
    async with ragflow_server() as server, knowledge_at(server, mode) as knowledge:
        for name in ("sessions", "retrieval"):
            server.plays(name, *[Reply("", status=500)] * 99)
        codes = [code_of(await ask(knowledge)) for _ in range(5)]
        assert codes[0] == "broken"
        assert codes[-1] == "open"
        assert len(server.received) == 5


@pytest.mark.parametrize("mode", MODES)
async def test_outside_its_block_it_is_not_running(mode: Assistant | Datasets) -> None:
    async with ragflow_server() as server:
        knowledge = RagflowKnowledgeBase(server.url, KEY, mode, tls=TLS)
        assert code_of(await ask(knowledge)) == "not_running"
        async with knowledge:
            assert isinstance(await ask(knowledge), KnowledgeAnswer)
        assert code_of(await ask(knowledge)) == "not_running"


async def test_closed_between_session_and_question_it_is_not_running() -> None:
    async with ragflow_server() as server:
        knowledge = RagflowKnowledgeBase(server.url, KEY, ASSISTANT, tls=TLS)
        async with knowledge:
            assert isinstance(await ask(knowledge), KnowledgeAnswer)
        assert await ask(knowledge) == Unavailable("not_running"), "the session is remembered, the caller is closed"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("deadline", [0.0, -1.0])
async def test_without_time_nothing_is_asked(mode: Assistant | Datasets, deadline: float) -> None:
    async with ragflow_server() as server, knowledge_at(server, mode) as knowledge:
        assert code_of(await ask(knowledge, deadline=deadline)) == "timeout"
        assert server.received == []


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_it_is_found_reachable_without_a_question(generation: Generation) -> None:
    async with ragflow_server(generation) as server, knowledge_at(server) as knowledge:
        assert await knowledge.reach(deadline=5.0) is None
        assert [request.target for request in server.received] == ["/api/v1/datasets?page=1&page_size=1"]
        server.plays("datasets", HANGS)
        assert code_of(await knowledge.reach(deadline=0.1)) == "timeout"


async def test_a_question_that_came_to_nothing_speaks_against_it_for_a_while_or_until_the_next_answer() -> None:
    hands = Hands()
    async with (
        ragflow_server() as server,
        RagflowKnowledgeBase(server.url, KEY, DATASETS, tls=TLS, seconds=hands) as knowledge,
    ):
        server.plays("retrieval", failure(500, "boom"), failure(500, "boom"))
        why = await ask(knowledge)
        assert code_of(why) == "broken"
        assert await knowledge.reach(deadline=5.0) == why
        hands.time += TROUBLE_SECONDS
        assert await knowledge.reach(deadline=5.0) is None
        assert await ask(knowledge) == why
        assert code_of(await ask(knowledge)) == "KnowledgeAnswer"
        assert await knowledge.reach(deadline=5.0) is None


@pytest.mark.parametrize("suffix", ["", "/", "/api/v1", "/api/v1/"])
async def test_the_address_may_name_the_api_or_the_server(suffix: str) -> None:
    async with ragflow_server() as server:
        knowledge = RagflowKnowledgeBase(f" {server.url}{suffix} ", KEY, DATASETS, tls=TLS)
        async with knowledge:
            assert isinstance(await ask(knowledge), KnowledgeAnswer)


@pytest.mark.parametrize(
    ("address", "key", "mode"),
    [
        ("", KEY, DATASETS),
        ("ragflow:9380", KEY, DATASETS),
        ("http://user:pw@ragflow", KEY, DATASETS),
        ("http://ragflow", "", DATASETS),
        ("http://ragflow", " ", DATASETS),
        ("http://ragflow", f"{KEY}\n", DATASETS),
        ("http://ragflow", KEY, Assistant(chat_id=" ")),
        ("http://ragflow", KEY, Datasets(ids=())),
        ("http://ragflow", KEY, Datasets(ids=("d1", ""))),
    ],
)
def test_settings_by_which_nothing_or_too_much_is_asked_are_refused(
    address: str, key: str, mode: Assistant | Datasets
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        RagflowKnowledgeBase(address, key, mode)
    assert caught.value.message.startswith("RAGFlow: ")
    assert KEY not in caught.value.message
    assert "pw" not in caught.value.message


@pytest.mark.parametrize("mode", MODES)
async def test_secrets_are_neither_told_nor_logged(
    mode: Assistant | Datasets, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = f"Incorrect API key provided: {KEY}; prompt: {KEY}"
    error = {"code": 500, "message": said, "data": {"answer": f"**ERROR**: {said}", "reference": []}}
    troubles = [failure(100, said), failure(500, said, status=500), Reply(said, status=404), Stream((error,))]
    with structlog.testing.capture_logs() as logged:
        async with ragflow_server() as server, knowledge_at(server, mode) as knowledge:
            for trouble in troubles:
                for name in ("sessions", "retrieval", "completions"):
                    server.script[name] = [trouble] * 2 if name != "sessions" or mode is DATASETS else []
                answer = await ask(knowledge)
                assert isinstance(answer, Unavailable)
                assert KEY not in answer.detail
        async with ragflow_server() as server, knowledge_at(server, mode, f"{KEY}x") as knowledge:
            answer = await ask(knowledge)
            assert isinstance(answer, Unavailable)
            assert KEY not in answer.detail
    assert KEY not in repr(logged)
    assert KEY not in caplog.text


def _library_errors() -> list[type[Exception]]:
    public = [getattr(httpx, name) for name in httpx.__all__]
    return [kind for kind in public if isinstance(kind, type) and issubclass(kind, Exception)]


def _made(kind: type[Exception]) -> Exception:
    request = httpx.Request("GET", "http://h")
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError(KEY, request=request, response=httpx.Response(500, request=request))
    try:
        return kind(KEY)
    except TypeError:
        return kind()


class Failing(httpx.AsyncBaseTransport):
    """Raises instead of answering, before or within the answer."""

    def __init__(self, make: Callable[[], Exception], *, within: bool) -> None:
        self._make = make
        self._within = within

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._within:
            raise self._make()
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Torn(self._make))


class Torn(httpx.AsyncByteStream):
    """A body that fails."""

    def __init__(self, make: Callable[[], Exception]) -> None:
        self._make = make

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'data:{"code":0,"data":{"answer":"x","final":false}}\n\n'
        raise self._make()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("kind", _library_errors())
async def test_no_error_of_the_library_gets_out(
    kind: type[Exception], within: bool, mode: Assistant | Datasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(lambda: _made(kind), within=within)
    async with ragflow_server() as server:
        knowledge = RagflowKnowledgeBase(server.url, KEY, mode, tls=TLS)
        async with knowledge:
            await ask(knowledge)
        monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: failing)
        async with knowledge:
            answer = await ask(knowledge, deadline=0.5)
    assert isinstance(answer, Unavailable)
    assert answer.code in ("refused", "broken", "timeout")
    assert KEY not in answer.detail


def test_reasons_of_the_caller_are_passed_on_as_they_are() -> None:
    assert outward(Unavailable("open", "left alone")) == Unavailable("open", "left alone")
