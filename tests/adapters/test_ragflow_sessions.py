"""How a conversation keeps its session with an assistant of RAGFlow, and when it is asked again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.ragflow.sessions import Sessions
from domain.names import ConversationId
from domain.ports.knowledge_base import KnowledgeAnswer
from domain.values import Unavailable
from tests.adapters.ragflow_desk import GENERATIONS, QUESTION, Desk, desk_at
from tests.doubles.manual_hands import Hands
from tests.doubles.ragflow_server import Generation
from tests.doubles.ragflow_wire import DROPS, HANGS, Played, Reply, failure


@pytest.fixture(params=GENERATIONS)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with desk_at(request.param) as desk:
        yield desk


@pytest.fixture
async def new_desk() -> AsyncIterator[Desk]:
    async with desk_at("new") as desk:
        yield desk


async def test_a_session_is_opened_first_and_kept_for_the_conversation(desk: Desk) -> None:
    await desk.ask("什么是经济舱？")
    await desk.ask("什么是商务舱？")
    await desk.ask("什么是头等舱？", "c2")
    assert list(desk.server.sessions.values()) == [["什么是经济舱？", "什么是商务舱？"], ["什么是头等舱？"]]
    assert [request.name for request in desk.server.received[:2]] == ["sessions", "completions"]
    assert [request.body for request in desk.server.asked("sessions")] == [{"name": "huiyi c1"}, {"name": "huiyi c2"}]


async def test_the_question_is_sent_without_messages_and_with_the_stream_said(desk: Desk) -> None:
    await desk.ask()
    (session,) = desk.server.sessions
    assert desk.asked == [{"question": QUESTION, "session_id": session, "stream": True}]


async def test_a_very_long_conversation_id_gives_a_name_that_servers_accept(desk: Desk) -> None:
    assert isinstance(await desk.ask(conversation="长" * 500), KnowledgeAnswer)
    assert len(str(desk.server.asked("sessions")[0].body["name"])) <= 255


async def test_a_session_that_is_gone_is_opened_again_and_the_question_asked_once_more(desk: Desk) -> None:
    await desk.ask()
    desk.server.sessions.clear()
    assert isinstance(await desk.ask("什么是商务舱？"), KnowledgeAnswer)
    assert list(desk.server.sessions.values()) == [["什么是商务舱？"]]
    assert isinstance(await desk.ask("什么是头等舱？"), KnowledgeAnswer)
    assert len(desk.server.asked("sessions")) == 2


async def test_a_fresh_session_that_is_not_found_is_not_opened_for_ever(desk: Desk) -> None:
    gone = failure(102, "Session not found!")
    assert await desk.says(gone, gone, gone) == "refused"
    assert len(desk.server.asked("completions")) == 1


async def test_sessions_are_never_deleted_nor_anything_asked_with_an_empty_list(desk: Desk) -> None:
    await desk.ask()
    await desk.says(failure(102))
    assert {request.method for request in desk.server.received} == {"POST"}
    assert all([] not in request.body.values() for request in desk.server.received)


async def test_sessions_expire_and_the_longest_unused_is_forgotten() -> None:
    hands = Hands()
    sessions = Sessions(most=2, lifetime=60, seconds=hands)
    for number in range(3):
        sessions.keep(ConversationId(f"c{number}"), f"s{number}")
    assert sessions.take(ConversationId("c0")) is None
    hands.time += 59
    assert sessions.take(ConversationId("c1")) == "s1"
    assert sessions.take(ConversationId("c1")) is None
    hands.time += 1
    assert sessions.take(ConversationId("c2")) is None


async def test_questions_at_once_in_a_conversation_do_not_meet_in_a_session(desk: Desk) -> None:
    await asyncio.gather(*(desk.ask() for _ in range(3)))
    assert list(desk.server.sessions.values()) == [[QUESTION]] * 3


async def test_a_session_whose_question_was_given_up_is_not_used_again(desk: Desk) -> None:
    await desk.ask()
    desk.server.plays("completions", HANGS)
    asking = asyncio.create_task(desk.ask())
    while len(desk.asked) < 2:
        await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.wait([asking])
    assert isinstance(await desk.ask(), KnowledgeAnswer)
    assert len(desk.server.sessions) == 2


@pytest.mark.parametrize(
    "reply", [Reply({"code": 0}), Reply({"code": 0, "data": {"id": ""}}), Reply({"code": 0, "data": []})]
)
async def test_a_session_without_an_id_is_none(desk: Desk, reply: Reply) -> None:
    desk.server.plays("sessions", reply)
    assert await desk.ask() == Unavailable("broken", "code 0 without a session")
    assert desk.asked == []


@pytest.mark.parametrize(("generation", "code"), [("old", "refused"), ("new", "unauthorised")])
async def test_an_assistant_of_somebody_else_is_refused(generation: Generation, code: str) -> None:
    async with desk_at(generation, chat_id="e" * 32) as desk:
        answer = await desk.ask()
    assert isinstance(answer, Unavailable)
    assert answer.code == code


async def test_an_id_cannot_lead_to_another_path(new_desk: Desk) -> None:
    async with desk_at(chat_id="../datasets?x=") as desk:
        await desk.ask()
        assert desk.server.received[0].target == "/api/v1/chats/..%2Fdatasets%3Fx%3D/sessions"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_server_that_wants_messages_gets_them_and_is_remembered(stream: bool) -> None:
    async with desk_at(wants_messages=True, stream=stream) as desk:
        assert isinstance(await desk.ask(), KnowledgeAnswer)
        assert isinstance(await desk.ask("什么是商务舱？"), KnowledgeAnswer)
        first, second, third = desk.asked
        assert list(desk.server.sessions.values()) == [[QUESTION, "什么是商务舱？"]]
    assert ("question" in first, "messages" in first) == (True, False)
    assert ("question" in second, second["messages"]) == (False, [{"role": "user", "content": QUESTION}])
    assert ("question" in third, "messages" in third) == (False, True)


async def test_questions_at_once_to_a_server_that_wants_messages_are_all_answered() -> None:
    async with desk_at(wants_messages=True) as desk:
        answers = await asyncio.gather(*(desk.ask() for _ in range(5)))
    assert all(isinstance(answer, KnowledgeAnswer) for answer in answers)


async def test_after_a_step_back_to_an_older_server_messages_are_given_up() -> None:
    async with desk_at(wants_messages=True) as desk:
        await desk.ask()
        desk.server.generation, desk.server.wants_messages = "old", False
        assert isinstance(await desk.ask(), Unavailable)
        assert isinstance(await desk.ask(), KnowledgeAnswer)


async def test_a_server_that_is_never_content_is_refused_at_the_second_time(new_desk: Desk) -> None:
    wanting = failure(101, "required argument are missing: messages; ")
    assert await new_desk.says(wanting, wanting) == "refused"
    assert len(new_desk.asked) == 2


async def test_another_argument_that_is_missing_is_no_call_for_messages(new_desk: Desk) -> None:
    assert await new_desk.says(failure(101, "required argument are missing: llm_id; ")) == "broken"
    assert len(new_desk.asked) == 1


@pytest.mark.parametrize("trouble", [DROPS, failure(500, status=500), failure(100, status=502)])
async def test_before_anything_is_heard_it_is_asked_again_in_a_fresh_session(desk: Desk, trouble: Played) -> None:
    await desk.ask("什么是商务舱？")
    assert (await desk.says(trouble)).startswith("经济舱")
    assert list(desk.server.sessions.values()) == [["什么是商务舱？"], [QUESTION]]


@pytest.mark.parametrize("trouble", [DROPS, failure(500, status=500)])
async def test_it_is_asked_again_once_only(desk: Desk, trouble: Played) -> None:
    assert await desk.says(trouble, trouble, trouble) == "broken"
    assert len(desk.asked) == 2


async def test_a_call_that_was_turned_away_is_made_again_in_the_same_session(desk: Desk) -> None:
    assert (await desk.says(Reply("", status=429))).startswith("经济舱")
    assert len(desk.server.sessions) == 1
