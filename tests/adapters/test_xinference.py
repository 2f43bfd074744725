"""A language model over HTTP: what is asked, what is made of the answer, and what goes wrong."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.rest.caller import Limits
from adapters.xinference.language_model import XinferenceLanguageModel
from domain.errors import SettingsInvalid
from domain.ports.language_model import Completion, Prompt
from domain.values import Unavailable
from tests.doubles.business_api import nobody_listens
from tests.doubles.manual_hands import Hands
from tests.doubles.openai_server import (
    ABORTED,
    BUSY,
    CONTEXT,
    DROPS,
    FAILED,
    GENERATION_FAILED,
    GONE,
    HANGS,
    HANGS_HALFWAY,
    LOADING,
    NOT_UNDERSTOOD,
    OVERFLOW,
    RATE,
    SHUT_OUT,
    STOPS_HALFWAY,
    WRONG_KEY,
    Behaviour,
    OpenAiServer,
    Refuses,
    Says,
    Streams,
    answers,
    chat_model,
    embedding_model,
    openai_server,
    refuses,
    until,
)

KEY = "xf-s3cret"
SOON = 5.0
PROMPT = Prompt(system="只用 JSON 回答。", user="我要去上海", max_tokens=64)


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as server:
        yield server


@asynccontextmanager
async def talking(server: OpenAiServer, **settings: object) -> AsyncIterator[XinferenceLanguageModel]:
    async with XinferenceLanguageModel(server.url, **{"model": "tiny", "jitter": lambda: 0.0, **settings}) as model:
        yield model


async def asked(
    model: XinferenceLanguageModel, prompt: Prompt = PROMPT, deadline: float = SOON
) -> Completion | Unavailable:
    return await model.complete(prompt, deadline=deadline)


async def streamed(model: XinferenceLanguageModel, prompt: Prompt = PROMPT) -> list[str | Completion | Unavailable]:
    return [part async for part in model.stream(prompt, deadline=SOON)]


async def why(model: XinferenceLanguageModel) -> str:
    answer = await asked(model)
    return answer.code if isinstance(answer, Unavailable) else "ok"


async def test_everything_is_asked_for_in_so_many_words(server: OpenAiServer) -> None:
    schema = '{"type": "object", "required": ["意图"]}'
    async with talking(server, api_key=KEY, temperature=0.2, top_p=0.9) as model:
        await asked(model, Prompt(system="系统", user="用户", json_schema=schema, max_tokens=7))
    (body,) = server.chats
    assert body == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "系统"}, {"role": "user", "content": "用户"}],
        "temperature": 0.2,
        "top_p": 0.9,
        "max_tokens": 7,
        "stream": False,
        "enable_thinking": False,
        "chat_template_kwargs": {"enable_thinking": False},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": json.loads(schema)},
        },
    }
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"


async def test_what_is_not_wanted_is_not_asked_for(server: OpenAiServer) -> None:
    async with talking(server) as model:
        await asked(model, Prompt(system="", user="用户"))
        await streamed(model, Prompt(system="", user="用户"))
    plain, stream = server.chats
    assert plain["messages"] == [{"role": "user", "content": "用户"}]
    assert "response_format" not in plain
    assert "stream_options" not in plain
    assert stream["stream"] is True
    assert stream["stream_options"] == {"include_usage": True}
    assert "authorization" not in server.received[0].headers


@pytest.mark.parametrize("schema", ["no json", "[1]", "null", '{"a": \ud800}'])
async def test_a_schema_that_is_none_is_not_sent(server: OpenAiServer, schema: str) -> None:
    prompt = Prompt(system="", user="", json_schema=schema)
    async with talking(server) as model:
        assert await asked(model, prompt) == Unavailable("refused", "the schema of the answer is no JSON")
        assert await streamed(model, prompt) == [Unavailable("refused", "the schema of the answer is no JSON")]
    assert server.received == []


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
async def test_the_address_may_end_in_v1_or_not(server: OpenAiServer, ending: str) -> None:
    async with XinferenceLanguageModel(server.url + ending, model="tiny") as model:
        assert await why(model) == "ok"
    assert server.received[0].target == "/v1/chat/completions"


@pytest.mark.parametrize(("url", "key"), [("nowhere", ""), ("http://h", "a\nb")])
def test_an_address_or_key_that_cannot_be_used_is_found_out_at_once(url: str, key: str) -> None:
    with pytest.raises(SettingsInvalid, match="language model: "):
        XinferenceLanguageModel(url, api_key=key)


@pytest.mark.parametrize(
    ("says", "text"),
    [
        (Says("好的。"), "好的。"),
        (Says("  好 的 \n"), "好 的"),
        (Says("好", reasoning="我想想"), "好"),
        (Says("<think>我想想</think>\n\n好"), "好"),
        (Says("<think>\n\n</think>\n\n好"), "好"),
        (Says("我想想</think>\n好"), "好"),
        (Says("先<think>一</think>中<think>二</think>后"), "先中后"),
        (Says("好<think>我想"), "好"),
        (Says("1 < 2 <b> </thin"), "1 < 2 <b> </thin"),
        (Says('{"intent": "订票"', finish="length"), '{"intent": "订票"'),
    ],
)
async def test_the_model_s_thoughts_are_left_out(server: OpenAiServer, says: Says, text: str) -> None:
    server.plays(says)
    async with talking(server) as model:
        answer = await asked(model)
    assert isinstance(answer, Completion)
    assert answer.text == text


@pytest.mark.parametrize(
    "says", [Says(""), Says(" \n"), Says("", reasoning="我想"), Says("<think>我想"), Says("<think>x</think>")]
)
async def test_a_model_that_only_thinks_has_no_answer_and_is_asked_once(server: OpenAiServer, says: Says) -> None:
    server.plays(says)
    empty = Unavailable("empty", "the model said nothing, or did nothing but think")
    async with talking(server) as model:
        assert await asked(model) == empty
        assert await streamed(model) == [empty]
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "body", [{"usage": None}, {"usage": {}}, {}, {"usage": {"prompt_tokens": -1, "completion_tokens": -1}}]
)
async def test_tokens_that_were_not_counted_are_none(server: OpenAiServer, body: dict[str, object]) -> None:
    server.plays(answers(json.dumps({"choices": [{"message": {"content": "好"}}], **body})))
    async with talking(server) as model:
        assert await asked(model) == Completion("好", 0, 0)


async def test_tokens_are_counted_in_both_ways(server: OpenAiServer) -> None:
    expected = Completion("好的好的", 9 + len(PROMPT.system) + len(PROMPT.user), 4)
    server.plays(Says("好的好的"))
    async with talking(server) as model:
        assert await asked(model) == expected
        assert (await streamed(model))[-1] == expected
        server.plays(Says("好的好的", counted=False))
        assert (await streamed(model))[-1] == Completion("好的好的", 0, 0)


@pytest.mark.parametrize(
    ("behaviour", "code", "tries"),
    [
        (GENERATION_FAILED, "broken", 2),
        (answers("<html>502</html>", "text/html", 502), "broken", 2),
        (answers("<html>hello</html>", "text/html"), "broken", 2),
        (answers(ABORTED), "broken", 2),
        (answers("{}"), "broken", 2),
        (answers('{"choices": []}'), "broken", 2),
        (answers('{"choices": [{"message": {"content": [{"text": "x"}]}}]}'), "broken", 2),
        (answers(b"\xff\xfe"), "broken", 2),
        (answers(b""), "broken", 2),
        (DROPS, "broken", 2),
        (STOPS_HALFWAY, "broken", 1),
        (BUSY, "overloaded", 2),
        (LOADING, "overloaded", 1),
        (answers("busy", "text/plain", 503), "overloaded", 2),
        (NOT_UNDERSTOOD, "refused", 1),
        (answers("Internal Server Error", "text/plain", 500), "broken", 2),
        (refuses(400, "Invalid input. Please specify the prompt."), "refused", 1),
        (refuses(501, "Not implemented"), "refused", 1),
        (WRONG_KEY, "unauthorised", 1),
        (SHUT_OUT, "unauthorised", 1),
        (refuses(403, "API key does not have access to model: tiny"), "unauthorised", 1),
        (OVERFLOW, "too_long", 1),
        (refuses(500, "[address=1] longer than the maximum model length of 512"), "too_long", 1),
        (answers('{"error": {"type": "exceed_context_size_error"}}', status=400), "too_long", 1),
        (GONE, "refused", 1),
        (refuses(400, "[address=..] Model not found in the model list, uid: tiny"), "refused", 1),
        (answers('{"error": {"message": "The model `tiny` does not exist."}}', status=404), "refused", 1),
    ],
)
async def test_every_outage_has_its_code_and_only_some_are_asked_again(
    server: OpenAiServer, behaviour: Behaviour, code: str, tries: int
) -> None:
    for stream in (False, True):
        server.plays(behaviour)
        server.received.clear()
        async with talking(server) as model:
            answer = (await streamed(model))[-1] if stream else await asked(model)
        assert isinstance(answer, Unavailable)
        assert answer.code == code
        assert "127.0.0.1" not in answer.detail
        if not (stream and isinstance(behaviour, Refuses) and behaviour.status == 200):
            assert len(server.received) == tries


@pytest.mark.parametrize("first", [GENERATION_FAILED, BUSY, DROPS, answers(ABORTED)])
async def test_what_passes_is_asked_again(server: OpenAiServer, first: Behaviour) -> None:
    async with talking(server) as model:
        server.plays(first, Says("好"))
        assert await why(model) == "ok"
        server.plays(first, Says("好"))
        assert (await streamed(model))[0] == "好"


@pytest.mark.parametrize("behaviour", [HANGS, HANGS_HALFWAY, Says("好", seconds=30.0)])
async def test_what_hangs_is_given_up_and_the_server_is_told(server: OpenAiServer, behaviour: Behaviour) -> None:
    server.plays(behaviour)
    async with talking(server) as model:
        began = time.monotonic()
        answer = await asked(model, deadline=0.2)
        assert time.monotonic() - began < 1.5
        assert isinstance(answer, Unavailable)
        assert answer.code == "timeout"
        await until(lambda: server.departures == 1)
    assert len(server.received) == 1


async def test_where_nobody_listens_there_is_no_answer() -> None:
    async with XinferenceLanguageModel(await nobody_listens()) as model:
        assert await why(model) == "refused"
        assert await model.probe() == Unavailable("refused", "ConnectError before sending")


async def test_a_wrong_key_is_shown_once_lest_the_server_shuts_everybody_out(server: OpenAiServer) -> None:
    hands = Hands()
    server.key = KEY
    async with talking(server, api_key="xf-wrong", monotonic=hands) as model:
        for _ in range(20):
            assert await why(model) == "unauthorised"
        (last,) = await streamed(model)
        assert last == Unavailable("unauthorised", "status 401: the key is missing, wrong, or not enough")
        assert await model.probe() == last
    assert len(server.received) == 1
    async with talking(server, api_key=KEY) as model:
        assert await why(model) == "ok"


async def test_a_model_that_loads_is_left_alone_for_as_long_as_the_server_asks(server: OpenAiServer) -> None:
    hands = Hands()
    server.plays(LOADING, Says("好"))
    async with talking(server, monotonic=hands) as model:
        assert await why(model) == "overloaded"
        assert await why(model) == "open"
        hands.time += 30.0
        assert await why(model) == "ok"


async def test_no_more_prompts_are_out_at_once_than_allowed(server: OpenAiServer) -> None:
    server.plays(Says("好", seconds=0.02))
    async with talking(server, limits=Limits(at_once=2)) as model:
        answers = await asyncio.gather(*(asked(model) for _ in range(6)))
    assert all(isinstance(answer, Completion) for answer in answers)
    assert server.most_at_once == 2


async def test_neither_key_nor_prompt_is_logged_or_told(server: OpenAiServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[object] = []
    prompt = Prompt(system="", user="我的卡号是6222")
    for behaviour in (
        Says("好"),
        refuses(500, "我的卡号是6222"),
        refuses(400, "我的卡号是6222"),
        WRONG_KEY,
        Streams(("6222",)),
    ):
        server.plays(behaviour)
        async with talking(server, api_key=KEY) as model:
            told += [await asked(model, prompt), await streamed(model, prompt), model]
    assert not any(secret in f"{told}{caplog.text}" for secret in (KEY, "6222"))


def chunk(content: str | None, finish: str | None = None, **more: object) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}], **more})


WHOLE = Completion("好的", 0, 0)
CUT = Unavailable("broken", "the stream ended before the answer did")
BROKEN = Unavailable("broken", "the model failed while it answered")


@pytest.mark.parametrize(
    ("events", "parts"),
    [
        ((chunk("好"), chunk("的"), chunk("", "stop"), "[DONE]"), ["好", "的", WHOLE]),
        ((chunk("好"), chunk("的", "stop")), ["好", "的", WHOLE]),
        ((chunk("好"), chunk("的"), "[DONE]"), ["好", "的", WHOLE]),
        ((chunk("好"), chunk("的", "length"), '{"choices": []}', chunk(None, "stop"), "[DONE]"), ["好", "的", WHOLE]),
        ((chunk("好"), chunk("的")), ["好", "的", CUT]),
        ((chunk("好"), json.dumps({"error": FAILED})), ["好", BROKEN]),
        ((chunk("好"), json.dumps({"error": {"message": FAILED}})), ["好", BROKEN]),
        ((chunk("好"), json.dumps({"error": {}})), ["好", BROKEN]),
        ((json.dumps({"error": CONTEXT}),), [Unavailable("too_long", "the prompt does not fit the model's context")]),
        ((json.dumps({"error": RATE}),), [Unavailable("overloaded", "the stream began with a refusal or broke off")]),
        ((chunk("好"), "{"), ["好", Unavailable("broken", "an event of the stream is not understood")]),
        ((chunk("好"), '{"choices": 1}'), ["好", Unavailable("broken", "an event of the stream is not understood")]),
        (
            (chunk("我想想</think>"), chunk("好的", "stop"), "[DONE]"),
            [Unavailable("refused", "the model thinks aloud without saying where its thoughts begin")],
        ),
        ((chunk("\n 好"), chunk("的\n", "stop"), "[DONE]"), ["好", "的\n", Completion("好的\n")]),
        ((chunk("好<thi"), "[DONE]"), ["好", "<thi", Completion("好<thi")]),
        (
            (chunk("好</thi"), chunk("nk>"), "[DONE]"),
            ["好", Unavailable("refused", "the model thinks aloud without saying where its thoughts begin")],
        ),
    ],
)  # fmt: skip
async def test_a_stream_is_heard_to_its_end_whatever_that_looks_like(
    server: OpenAiServer, events: tuple[str, ...], parts: list[str | Completion | Unavailable]
) -> None:
    for frame in ("data: {}\r\n\r\n", "data:{}\n\n", ": ping\ndata: {}\n"):
        server.frame = frame
        server.plays(Streams(events))
        async with talking(server) as model:
            assert await streamed(model) == parts


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_thoughts_are_left_out_of_a_stream_wherever_their_marks_are_cut(server: OpenAiServer, size: int) -> None:
    text = "\n<think>一<b>二</think>\n\n好的 < a <think>三</think>再见<"
    server.plays(Streams((*(chunk(text[at : at + size]) for at in range(0, len(text), size)), "[DONE]")))
    async with talking(server) as model:
        (*pieces, last) = await streamed(model)
    assert "".join(map(str, pieces)) == "好的 < a 再见<"
    assert last == Completion("好的 < a 再见<")


async def test_a_stream_that_begins_with_a_refusal_is_asked_again(server: OpenAiServer) -> None:
    server.plays(Streams((json.dumps({"error": RATE}),)), Says("好"))
    async with talking(server) as model:
        assert (await streamed(model))[0] == "好"


async def test_pieces_come_as_they_are_made_and_a_reader_may_leave(server: OpenAiServer) -> None:
    server.plays(Says("好的" * 200, pace=0.05))
    async with talking(server) as model:
        began = time.monotonic()
        parts = model.stream(PROMPT, deadline=60.0)
        assert await anext(parts) == "好的"
        assert time.monotonic() - began < 2.0
        await parts.aclose()
        await until(lambda: server.departures == 1)


async def test_a_stream_cut_in_the_middle_says_so(server: OpenAiServer) -> None:
    server.plays(Says("好的好的", cut_after=2))
    async with talking(server) as model:
        (first, last) = await streamed(model)
    assert first == "好的"
    assert isinstance(last, Unavailable)
    assert last.code == "broken"


async def test_without_a_name_the_only_model_that_can_chat_is_taken_and_remembered(server: OpenAiServer) -> None:
    server.models = [embedding_model(), chat_model("base", model_ability=["generate"]), chat_model("qwen")]
    async with talking(server, model="") as model:
        assert await why(model) == "ok"
        assert isinstance((await streamed(model))[-1], Completion)
    assert [body["model"] for body in server.chats] == ["qwen", "qwen"]
    assert [one.target for one in server.received].count("/v1/models") == 1


@pytest.mark.parametrize(
    "listed",
    [
        {"id": "qwen", "object": "model", "owned_by": "vllm", "max_model_len": 4096},
        {"id": "qwen", "object": "model", "created": 1, "owned_by": "library"},
        {"id": "qwen", "model_type": "LLM", "model_ability": ["chat", "tools"], "context_length": None},
    ],
)
async def test_lists_of_other_servers_are_understood(server: OpenAiServer, listed: dict[str, object]) -> None:
    server.models = [listed]
    async with talking(server, model="") as model:
        assert await why(model) == "ok"


@pytest.mark.parametrize(
    ("listing", "code", "detail"),
    [
        (
            answers('{"data": [{"id": "a"}, {"id": "b"}]}'),
            "not_configured",
            "several models can chat, name one of them: a, b",
        ),
        (answers('{"data": []}'), "refused", "no running model can chat"),
        (answers('{"data": null}'), "refused", "no running model can chat"),
        (answers('{"data": [{"id": "e", "model_type": "embedding"}]}'), "refused", "no running model can chat"),
        (answers("<html>", "text/html"), "broken", "the list of models is not understood"),
        (refuses(404, "Not Found"), "refused", "status 404"),
    ],
)
async def test_where_no_model_can_be_chosen_the_reason_is_told(
    server: OpenAiServer, listing: Behaviour, code: str, detail: str
) -> None:
    server.listing = listing
    async with talking(server, model="") as model:
        assert await asked(model) == Unavailable(code, detail)
        assert await streamed(model) == [Unavailable(code, detail)]
    assert server.chats == []


async def test_a_model_that_has_gone_is_looked_for_again(server: OpenAiServer) -> None:
    server.models = [chat_model("old")]
    async with talking(server, model="") as model:
        await asked(model)
        server.models = [chat_model("fresh")]
        server.plays(GONE, Says("好"))
        assert await asked(model) == Unavailable("refused", "the model is not running")
        assert await why(model) == "ok"
        server.plays(GONE, Says("好"))
        assert await streamed(model) == [Unavailable("refused", "the model is not running")]
        assert await why(model) == "ok"
    assert [body["model"] for body in server.chats] == ["old", "old", "fresh", "fresh", "fresh"]


async def test_a_prompt_that_was_cut_without_a_word_is_too_long(server: OpenAiServer) -> None:
    room = 9 + len(PROMPT.system) + len(PROMPT.user) + PROMPT.max_tokens + 8
    for length, fits in ((room, False), (room + 1, True), (0, True)):
        server.models = [chat_model("tiny", context_length=length)]
        for name in ("", "tiny"):
            async with talking(server, model=name) as model:
                if name:
                    assert await model.probe() is None
                answer, last = await asked(model), (await streamed(model))[-1]
            for found in (answer, last):
                assert (
                    isinstance(found, Completion)
                    if fits
                    else found == Unavailable("too_long", "the prompt does not fit the model's context")
                )


async def test_a_probe_asks_for_one_real_token(server: OpenAiServer) -> None:
    async with talking(server) as model:
        assert await model.probe() is None
        (body,) = server.chats
        assert body["max_tokens"] == 1
        server.plays(Says("<think>"))
        assert await model.probe() is None
        server.plays(GENERATION_FAILED)
        assert await model.probe() == Unavailable("broken", "status 500")


async def test_a_probe_does_without_a_list_where_the_model_has_a_name(server: OpenAiServer) -> None:
    server.listing = refuses(404, "Not Found")
    async with talking(server) as model:
        assert await model.probe() is None
    async with talking(server, model="") as model:
        assert await model.probe() == Unavailable("refused", "status 404")


async def test_a_probe_says_that_a_named_model_is_not_running(server: OpenAiServer) -> None:
    server.models = [chat_model("other")]
    server.plays(GONE)
    async with talking(server) as model:
        assert await model.probe() == Unavailable("refused", "the model is not running")


async def test_outside_its_block_there_is_no_model() -> None:
    model = XinferenceLanguageModel("http://127.0.0.1:9", model="tiny")
    assert await asked(model) == Unavailable("not_running")
    await model.__aexit__(None, None, None)
