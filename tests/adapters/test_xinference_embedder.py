"""Sentence embeddings over HTTP, beyond the contract."""

import json
from collections.abc import AsyncIterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from adapters.xinference.embedder import LONGEST, MOST_AT_ONCE, XinferenceEmbedder
from domain.ports.embedder import Embeddings
from domain.values import Unavailable
from tests.doubles.openai_server import (
    BUSY,
    GENERATION_FAILED,
    HANGS,
    Behaviour,
    OpenAiServer,
    Says,
    answers,
    openai_server,
    refuses,
    three_numbers,
)

NOT_UNDERSTOOD = Unavailable("broken", "the vectors are not understood")


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as server:
        yield server


@pytest.fixture
async def embedder(server: OpenAiServer) -> AsyncIterator[XinferenceEmbedder]:
    async with XinferenceEmbedder(server.url, model="emb", jitter=lambda: 0.0) as embedder:
        yield embedder


def rows_of(answer: Embeddings | Unavailable) -> npt.NDArray[np.float32]:
    assert isinstance(answer, Embeddings)
    return np.frombuffer(answer.data, "<f4").reshape(answer.count, answer.dimensions)


async def unit(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    rows = np.asarray(await three_numbers(texts))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def inputs(server: OpenAiServer) -> list[list[str]]:
    return [json.loads(one.body)["input"] for one in server.received]


def vectors(*embeddings: object) -> Behaviour:
    data = [{"index": index, "embedding": embedding} for index, embedding in enumerate(embeddings)]
    return answers(json.dumps({"data": data}))


async def test_vectors_are_asked_for_by_the_model_s_name_and_made_of_length_one(
    server: OpenAiServer, embedder: XinferenceEmbedder
) -> None:
    texts = ["你好", "再见吧"]
    assert np.allclose(rows_of(await embedder.embed(texts)), await unit(texts), atol=1e-6)
    body = json.loads(server.received[0].body)
    assert body == {"model": "emb", "input": texts, "encoding_format": "base64"}
    assert embedder.version == "xinference emb"


async def test_a_server_that_knows_no_base64_is_understood(server: OpenAiServer, embedder: XinferenceEmbedder) -> None:
    server.numbers = "float"
    assert np.allclose(rows_of(await embedder.embed(["一", "二"])), await unit(["一", "二"]), atol=1e-6)


async def test_many_texts_go_in_batches_and_equal_ones_once(server: OpenAiServer, embedder: XinferenceEmbedder) -> None:
    texts = [f"第{number % 70}句" for number in range(200)]
    assert np.allclose(rows_of(await embedder.embed(texts)), await unit(texts), atol=1e-6)
    assert [len(batch) for batch in inputs(server)] == [MOST_AT_ONCE, MOST_AT_ONCE, 6]


async def test_nothing_that_a_server_might_choke_on_is_sent(server: OpenAiServer, embedder: XinferenceEmbedder) -> None:
    await embedder.embed(["", " \n", "\x00\ud800好\t的", "长" * 9999])
    assert inputs(server) == [[".", "好 的", "长" * LONGEST]]


@pytest.mark.parametrize(
    "behaviour",
    [
        answers("<html>"),
        answers('{"data": null}'),
        vectors(),
        vectors([1.0], [1.0]),
        vectors([]),
        vectors([0.0, 0.0]),
        vectors([1e300, 1e300]),
        vectors("AAAAAAAA"),
        vectors("AACAfw=="),
        vectors("AAA"),
        vectors("!"),
        vectors("好"),
        vectors({"1": 0.5}),
        vectors([None]),
    ],
)
async def test_vectors_that_are_none_are_an_outage(
    server: OpenAiServer, embedder: XinferenceEmbedder, behaviour: Behaviour
) -> None:
    server.plays(behaviour)
    assert await embedder.embed(["好"]) == NOT_UNDERSTOOD


async def test_vectors_of_different_lengths_are_an_outage(server: OpenAiServer, embedder: XinferenceEmbedder) -> None:
    server.plays(vectors([1.0, 2.0], [1.0]))
    assert await embedder.embed(["好", "坏"]) == NOT_UNDERSTOOD


async def test_another_model_under_the_same_name_is_noticed(server: OpenAiServer, embedder: XinferenceEmbedder) -> None:
    await embedder.embed(["好"])
    server.plays(vectors([1.0, 2.0]))
    assert await embedder.embed(["坏"]) == Unavailable("broken", "another model answers under the same name: restart")


@pytest.mark.parametrize(
    ("behaviour", "code", "tries"),
    [
        (GENERATION_FAILED, "broken", 2),
        (BUSY, "overloaded", 2),
        (refuses(500, "[address=1] Model emb is not for creating embedding."), "broken", 2),
        (refuses(404, "Model not found in the model list, uid: emb"), "refused", 1),
        (refuses(401, "Could not validate credentials"), "unauthorised", 1),
    ],
)
async def test_an_outage_has_its_code(
    server: OpenAiServer, embedder: XinferenceEmbedder, behaviour: Behaviour, code: str, tries: int
) -> None:
    server.plays(behaviour)
    answer = await embedder.embed(["好"])
    assert isinstance(answer, Unavailable)
    assert answer.code == code
    assert len(server.received) == tries


async def test_what_passes_is_asked_again(server: OpenAiServer, embedder: XinferenceEmbedder) -> None:
    server.plays(BUSY, Says(""))
    assert isinstance(await embedder.embed(["好"]), Embeddings)


async def test_a_batch_may_take_only_so_long(server: OpenAiServer) -> None:
    server.plays(HANGS)
    async with XinferenceEmbedder(server.url, model="emb", seconds=0.1) as embedder:
        answer = await embedder.embed(["好"])
    assert isinstance(answer, Unavailable)
    assert answer.code == "timeout"
