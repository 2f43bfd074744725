"""An assistant of RAGFlow that fails under HTTP 200, keeps silent, or never ends."""

import json
import time
from collections.abc import AsyncIterator

import pytest

from adapters.rest.caller import Limits
from domain.values import Unavailable
from tests.adapters.ragflow_desk import END, ERROR, GENERATIONS, REFERENCE, SAID, Desk, desk_at
from tests.doubles.ragflow_server import KEY
from tests.doubles.ragflow_wire import HANGS, Reply, Stream, events, failure


@pytest.fixture(params=GENERATIONS)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with desk_at(request.param) as desk:
        yield desk


@pytest.fixture
async def new_desk() -> AsyncIterator[Desk]:
    async with desk_at("new") as desk:
        yield desk


@pytest.mark.parametrize(
    "played",
    [
        Stream((ERROR, END)),
        events({"answer": "七天"}, end=False, breaks="drops"),
        Stream(({"code": 0, "data": {"answer": "七天", "reference": REFERENCE}}, ERROR, END)),
        events({"answer": "**ERROR**: GENERIC_ERROR - quota", "reference": REFERENCE}),
        events({"answer": "七天", "final": False}, {"answer": "**ERROR**: x", "final": True, "reference": REFERENCE}),
        events({"answer": "**ERR", "final": False}, {"answer": "OR**: x", "final": False}),
        events({"answer": "七天", "reference": REFERENCE}, end=False),
        events('data:{"code":0}'),
        Stream(("data:<html>\n\n",)),
        Stream(("data:[1, 2]\n\n",)),
        Stream((f"data:{'[' * 5000}\n\n",)),
        Stream(({"code": "0", "data": {}},)),
    ],
)
async def test_a_failure_in_the_answer_is_one_and_is_not_asked_again(new_desk: Desk, played: Stream) -> None:
    assert await new_desk.says(played) == "broken"
    assert len(new_desk.asked) == 1


async def test_the_final_event_is_enough_of_an_end(new_desk: Desk) -> None:
    last = {"answer": "七天内可以退款。", "final": True, "reference": REFERENCE}
    assert await new_desk.says(events(last, end=False)) == SAID


@pytest.mark.parametrize("code", [10, 100, 101, 103, 105, 106, 108, 400, 403, 404, 409, 500])
async def test_an_envelope_in_place_of_a_stream_is_a_failure_whose_words_are_not_told(desk: Desk, code: int) -> None:
    answer = await desk.answers(failure(code, f"{KEY} und mehr"))
    assert answer == Unavailable("broken", f"code {code}")
    assert len(desk.asked) == 1


@pytest.mark.parametrize(
    "body", ["", "<html><body>RAGFlow</body></html>", "null", "[]", '{"code": null}', '{"data": {}}']
)
async def test_what_is_not_ragflow_is_broken(desk: Desk, body: str) -> None:
    desk.server.plays("sessions", *[Reply(body, kind="text/html")] * 2)
    answer = await desk.ask()
    assert answer == Unavailable("broken", "the answer is not RAGFlow's; is the address that of its API?")


async def test_an_answer_in_one_piece_where_a_stream_was_asked_for_is_broken(new_desk: Desk) -> None:
    assert (
        await new_desk.says(*[Reply({"code": 0, "data": {"answer": "七天", "reference": REFERENCE}})] * 2) == "broken"
    )


async def test_data_that_is_a_text_is_broken() -> None:
    async with desk_at(stream=False) as desk:
        inner = json.dumps({"code": 0, "data": {"answer": "你好", "reference": {}}})
        assert await desk.says(Reply({"code": 0, "data": f"data:{inner}"})) == "broken"


async def test_silence_before_and_in_the_midst_of_an_answer_are_told_apart() -> None:
    async with desk_at(first_seconds=0.1, idle_seconds=0.2) as desk:
        assert await desk.answers(HANGS) == Unavailable("timeout", "nothing for 0.1 s before the answer began")
        headers_only = Stream((": comment\n\n",), breaks="hangs")
        assert await desk.answers(headers_only) == Unavailable("timeout", "nothing for 0.1 s before the answer began")
        half = events({"answer": "七天", "final": False}, end=False, breaks="hangs")
        assert await desk.answers(half) == Unavailable("timeout", "nothing for 0.2 s in the midst of the answer")
        assert len(desk.asked) == 3


async def test_an_answer_that_keeps_coming_may_take_longer_than_either_silence() -> None:
    async with desk_at(first_seconds=0.3, idle_seconds=0.3) as desk:
        pieces = [{"code": 0, "data": {"answer": piece, "final": False}} for piece in "七天内可以退款。"]
        last = {"code": 0, "data": {"answer": "", "final": True, "reference": REFERENCE}}
        assert await desk.says(Stream((*pieces, last, END), pause=0.06)) == SAID


@pytest.mark.parametrize("name", ["sessions", "completions"])
async def test_the_deadline_covers_the_session_and_the_answer(desk: Desk, name: str) -> None:
    desk.server.plays(name, HANGS)
    began = time.monotonic()
    answer = await desk.ask(deadline=0.2)
    assert isinstance(answer, Unavailable)
    assert answer.code == "timeout"
    assert time.monotonic() - began < 1.0


async def test_an_answer_that_never_ends_is_given_up_at_the_deadline(desk: Desk) -> None:
    one = {"code": 0, "data": {"answer": "七", "final": False}}
    desk.server.plays("completions", Stream((one,) * 500, pause=0.02))
    began = time.monotonic()
    answer = await desk.ask(deadline=0.3)
    assert isinstance(answer, Unavailable)
    assert answer.code == "timeout"
    assert time.monotonic() - began < 1.0


async def test_an_assistant_that_keeps_failing_is_left_alone_though_its_sessions_open() -> None:
    async with desk_at(limits=Limits(failures=3)) as desk:
        for _ in range(3):
            assert await desk.says(Stream((ERROR, END))) == "broken"
        assert await desk.says() == "open"
        assert await desk.says() == "open"
        assert len(desk.asked) == 3
        assert len(desk.server.sessions) == 4, "a session without a question is kept"


async def test_an_assistant_that_keeps_silent_is_left_alone() -> None:
    async with desk_at(limits=Limits(failures=2), first_seconds=0.05) as desk:
        assert [await desk.says(HANGS) for _ in range(3)] == ["timeout", "timeout", "open"]
