"""Servers that help the service misbehave: it does without them, in time, and health says which part is limited."""

from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
import pytest_asyncio

from application.budget import TURN_SECONDS
from tests.doubles.business_api import BusinessApi, answer, business_api, nobody_listens
from tests.doubles.duckling_server import DucklingDouble, duckling_server
from tests.doubles.openai_server import Behaviour, Breaks, answers, openai_server
from tests.doubles.ragflow_server import CHAT, KEY, RagflowServer, ragflow_server
from tests.doubles.ragflow_wire import DROPS, HANGS, Played, Reply, Stream, events
from tests.servers.mariadb import MariadbServer
from tests.system.replica import BOOKING, Replica, Said, User, replica

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

LONGEST = TURN_SECONDS + 1.0
OPTIONAL = ("entities", "knowledge_base", "embedder", "language_model", "cache", "locks", "events")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def business() -> AsyncIterator[BusinessApi]:
    async with business_api() as api:
        api.plays(answer(fields={"order_id": "FL1"}))
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def duckling() -> AsyncIterator[DucklingDouble]:
    async with duckling_server() as double:
        yield double


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ragflow() -> AsyncIterator[RagflowServer]:
    async with ragflow_server() as double:
        yield double


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    business: BusinessApi, duckling: DucklingDouble, ragflow: RagflowServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Replica]:
    settings = {
        "FUNCTIONS_BASE_URL": business.url,
        "DUCKLING_BASE_URL": duckling.url,
        "RAGFLOW_BASE_URL": ragflow.url,
        "RAGFLOW_API_KEY": KEY,
        "RAGFLOW_CHAT_ID": CHAT,
    }
    async with replica(tmp_path_factory.mktemp("optional"), **settings) as service:
        yield service


# Each date is one that only the engine reads, and one that it has not read before.
DUCKLINGS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "slow": ("元旦", {"pause": 1.0}),
    "hanging": ("平安夜", {"pause": 60.0}),
    "failing": ("清明节", {"status": 500, "says": b""}),
    "talking nonsense": ("劳动节", {"says": b"<html>nginx</html>"}),
    "lying": (
        "国庆节",
        {"says": b'[{"body": "x", "start": 7, "end": 99, "dim": "time", "latent": false, "value": {}}]'},
    ),
    "cut short": ("圣诞节", {"says": b'[{"body": "\xe5\x9c\xa3'}),
}
QUESTION = "行李超重怎么收费"
RAGFLOWS: Mapping[str, Played] = {
    "slow": Stream(({"code": 0, "data": {"answer": "超", "reference": {}}},) * 9, pause=1.0),
    "hanging": HANGS,
    "hanging halfway": events({"answer": "超出免费额", "reference": {}}, breaks="hangs", end=False),
    "cut short": events({"answer": "超出免费额", "reference": {}}, breaks="drops", end=False),
    "dropping": DROPS,
    "failing": Reply("Internal Server Error", 500, "text/plain"),
    "talking nonsense": Reply("<html>nginx</html>", 200, "text/html"),
    "failing with 200": Reply({"code": 100, "message": "Exception('boom')", "data": None}),
}
XINFERENCES: Mapping[str, Behaviour] = {
    "hanging": Breaks("hangs"),
    "failing": answers("Internal Server Error", "text/plain", 500),
    "talking nonsense": answers("<html>nginx</html>", "text/html"),
}


def in_time(said: Said) -> Said:
    assert said.status == 200
    assert said.seconds < LONGEST
    return said


async def booked(user: User, at: Replica, *, day: str = BOOKING[3], question: str = QUESTION) -> Said:
    """A whole booking for that day, with a question in the middle of it."""
    asked, *_ = [in_time(await user.say(at, text)) for text in BOOKING[:3]]
    assert asked.data["intent"] == "book_flight"
    dated = in_time(await user.say(at, day))
    assert dated.data["status"] == "awaiting_confirmation"
    answered = in_time(await user.say(at, question))
    assert "逾重行李费" in answered.data["response"]
    assert answered.data["sources"]
    done = in_time(await user.say(at, BOOKING[4]))
    assert done.data["status"] == "completed"
    assert await user.stored(at) == user.acknowledged
    return dated


@pytest.fixture
def user(request: pytest.FixtureRequest) -> User:
    return User(request.node.name)


@pytest.fixture
def behaving(duckling: DucklingDouble) -> Iterator[None]:
    """Whatever a test makes of it, the next one finds it well."""
    yield
    duckling.pause, duckling.status, duckling.says = 0.0, 200, None


@pytest.mark.parametrize("how", DUCKLINGS)
@pytest.mark.usefixtures("behaving")
async def test_dates_are_read_in_this_process_while_duckling_is(
    how: str, service: Replica, duckling: DucklingDouble, user: User
) -> None:
    day, behaviour = DUCKLINGS[how]
    for name, value in behaviour.items():
        setattr(duckling, name, value)
    before = len(duckling.asked)
    dated = await booked(user, service, day=day)
    assert day in [form["text"] for form in duckling.asked[before:]]
    assert dated.data["slots"]["departure_date"]["original_text"] == day
    state, detail = (await service.health())["entities"]
    assert state == "degraded"
    assert "this process" in detail
    duckling.pause, duckling.status, duckling.says = 0.0, 200, None
    await service.healthy("entities", within=1.0)


@pytest.mark.parametrize("how", RAGFLOWS)
async def test_questions_are_answered_from_this_machines_documents_while_ragflow_is(
    how: str, service: Replica, ragflow: RagflowServer, user: User
) -> None:
    before = len(ragflow.asked("completions"))
    ragflow.plays("completions", RAGFLOWS[how], RAGFLOWS[how])
    await booked(user, service)
    ragflow.script.clear()
    assert len(ragflow.asked("completions")) > before
    state, detail = (await service.health())["knowledge_base"]
    assert state == "degraded"
    assert "meanwhile" in detail
    in_time(await user.say(service, QUESTION))
    await service.healthy("whole", "knowledge_base", within=1.0)


async def test_a_ragflow_that_is_silent_as_a_whole_is_found_out_without_a_question(
    service: Replica, ragflow: RagflowServer, user: User
) -> None:
    ragflow.hanging = True
    state, detail = (await service.health())["knowledge_base"]
    assert state == "degraded"
    assert "meanwhile" in detail
    await booked(user, service)
    ragflow.hanging = False
    in_time(await user.say(service, QUESTION))
    await service.healthy("whole", "knowledge_base", within=1.0)


@pytest.mark.parametrize("how", XINFERENCES)
async def test_a_service_starts_and_works_while_xinference_is(
    how: str, business: BusinessApi, user: User, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with openai_server() as xinference:
        xinference.listing = XINFERENCES[how]
        xinference.plays(XINFERENCES[how])
        settings = {"FUNCTIONS_BASE_URL": business.url, **of_xinference(xinference.url)}
        async with replica(tmp_path_factory.mktemp("xinference"), **settings) as service:
            await booked(user, service)
            await limited(service, "embedder", "language_model")


def of_xinference(url: str) -> dict[str, str]:
    return {
        "XINFERENCE_BASE_URL": url,
        "XINFERENCE_MODEL": "tiny",
        "XINFERENCE_EMBEDDING_MODEL": "emb",
        "EMBEDDER": "xinference",
    }


async def limited(service: Replica, *parts: str) -> None:
    """Health says of these parts that they are not well and why, and of the service that it works without them."""
    health = await service.health()
    assert health["whole"][0] == "degraded"
    for part in parts:
        state, detail = health[part]
        assert state in ("down", "degraded"), part
        assert detail


async def test_with_everything_but_the_storage_dead_a_whole_booking_completes(
    mariadb: MariadbServer, business: BusinessApi, user: User, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nobody = await nobody_listens()
    settings = {
        "DATABASE_URL": mariadb.url(await mariadb.fresh()),
        "REDIS_URL": nobody.replace("http", "redis"),
        "DUCKLING_BASE_URL": nobody,
        "RAGFLOW_BASE_URL": nobody,
        "RAGFLOW_API_KEY": KEY,
        "RAGFLOW_CHAT_ID": CHAT,
        "FUNCTIONS_BASE_URL": business.url,
        **of_xinference(nobody),
    }
    async with replica(tmp_path_factory.mktemp("alone"), **settings) as service:
        await booked(user, service, day="元旦")
        await limited(service, *OPTIONAL)
        health = await service.health()
        assert health["repository"][0] == health["functions"][0] == "ok"
