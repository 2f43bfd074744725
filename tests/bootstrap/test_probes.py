"""Health tells what a part does, and is told in time whatever the part does."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.memory.cache import MemoryCache
from application.check_health import PartHealth
from bootstrap.container import Container
from bootstrap.lifespan import in_service
from bootstrap.probes import Finding, PartProbe
from domain.errors import PartUnavailable
from domain.ports.locks import Locks
from domain.values import Unavailable
from tests.bootstrap.running import container_in
from tests.doubles.duckling_server import duckling_server
from tests.doubles.ragflow_server import CHAT, KEY, ragflow_server
from tests.doubles.scripted_parts import ScriptedExtractor, ScriptedKnowledgeBase

ORDER = [
    "repository", "catalogue", "embedder", "entities", "knowledge_base", "language_model", "functions", "cache",
    "locks", "events",
]  # fmt: skip


async def health_of(container: Container) -> dict[str, PartHealth]:
    return {part.part: part for part in (await container.check_health()()).parts}


@asynccontextmanager
async def started(folder: Path, **changes: str) -> AsyncIterator[Container]:
    container = container_in(folder, **changes)
    async with in_service(container):
        yield container


async def test_every_part_is_told_and_the_required_ones_are_marked(tmp_path: Path) -> None:
    async with started(tmp_path, FUNCTIONS_BASE_URL="http://127.0.0.1:9") as container:
        health = await health_of(container)
    assert list(health) == ORDER
    assert [part.part for part in health.values() if part.required] == ["repository", "catalogue"]
    assert {part.state for part in health.values()} == {"ok", "not_configured"}
    assert health["repository"].kind == "sqlite"
    assert health["repository"].detail.startswith("answers in ")
    assert health["catalogue"].detail.startswith("version 1: 2 intents, zh-CN, from ")
    assert health["functions"].detail == "1 functions"


@pytest.mark.parametrize("part", ["embedder", "entities", "knowledge_base", "language_model"])
async def test_a_part_that_is_not_configured_is_no_fault_and_comes_with_a_hint(part: str, tmp_path: Path) -> None:
    async with started(tmp_path) as container:
        health = (await health_of(container))[part]
    assert health.state == "not_configured"
    assert health.detail


async def test_a_variable_without_a_value_is_told(tmp_path: Path) -> None:
    async with started(tmp_path) as container:
        health = (await health_of(container))["functions"]
    assert health.state == "degraded"
    assert "FUNCTIONS_BASE_URL" in health.detail


async def test_a_storage_that_is_closed_is_down(tmp_path: Path) -> None:
    async with started(tmp_path) as container:
        pass
    assert (await health_of(container))["repository"].state == "down"


async def test_parts_that_answer_badly_are_down_and_say_why(tmp_path: Path) -> None:
    container = container_in(tmp_path, KNOWLEDGE_BASE="local", ENTITY_EXTRACTOR="local")
    container.entities.override(providers.Object(ScriptedExtractor(Unavailable("timeout", "no worker became free"))))
    container.knowledge_base.override(providers.Object(ScriptedKnowledgeBase(PartUnavailable("k", "out of order"))))
    async with in_service(container):
        health = await health_of(container)
    assert (health["entities"].state, health["entities"].detail) == ("down", "timeout: no worker became free")
    assert (health["knowledge_base"].state, health["knowledge_base"].detail) == ("down", "out of order")


async def test_an_engine_that_reads_no_date_is_degraded(tmp_path: Path) -> None:
    container = container_in(tmp_path)
    container.entities.override(providers.Object(ScriptedExtractor(())))
    async with in_service(container):
        assert (await health_of(container))["entities"].state == "degraded"


async def test_a_duckling_that_this_process_stands_in_for_is_degraded(tmp_path: Path) -> None:
    async with duckling_server() as double, started(tmp_path, DUCKLING_BASE_URL=double.url) as container:
        well = (await health_of(container))["entities"]
        double.pause = 60.0
        silent = (await health_of(container))["entities"]
    assert (well.state, well.detail) == ("ok", f"Duckling at {double.url}")
    assert silent.state == "degraded"
    assert silent.detail.endswith("; dates are read in this process meanwhile")


@pytest.mark.parametrize(("folder", "state"), [("there", "degraded"), ("nowhere", "down")])
async def test_a_ragflow_that_is_silent_is_told_in_time_with_what_takes_its_place(
    folder: str, state: str, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    async with ragflow_server() as server:
        address = {"RAGFLOW_BASE_URL": server.url, "RAGFLOW_API_KEY": KEY, "RAGFLOW_CHAT_ID": CHAT}
        async with started(tmp_path, **address, KNOWLEDGE_DIR=str(tmp_path / folder)) as container:
            well = (await health_of(container))["knowledge_base"]
            server.hang()
            silent = (await health_of(container))["knowledge_base"]
    assert (well.state, well.detail) == ("ok", f"RAGFlow at {server.url}")
    assert silent.state == state
    assert silent.detail.startswith("timeout: ")
    assert silent.detail.endswith("meanwhile") is (state == "degraded")


class ForgetfulCache(MemoryCache):
    async def get(self, key: str) -> bytes | None:
        return None


async def test_a_cache_that_keeps_nothing_is_degraded(tmp_path: Path) -> None:
    container = container_in(tmp_path)
    container.cache.override(providers.Object(ForgetfulCache()))
    async with in_service(container):
        assert (await health_of(container))["cache"].state == "degraded"


class JammedLocks(Locks):
    @asynccontextmanager
    async def hold(self, name: str, *, wait: float) -> AsyncIterator[int]:
        await asyncio.Event().wait()
        yield 1


async def test_a_part_that_does_not_answer_holds_up_nobody(tmp_path: Path) -> None:
    container = container_in(tmp_path)
    async with in_service(container):
        container.locks.override(providers.Object(JammedLocks()))
        began = time.monotonic()
        health = (await health_of(container))["locks"]
    assert time.monotonic() - began < 3
    assert (health.state, health.detail) == ("down", "no answer within 1 s")


async def test_a_part_that_never_started_is_not_asked() -> None:
    async def ask() -> Finding:
        raise AssertionError

    probe = PartProbe("embedder", "local", ask, absences={"embedder": "not installed"})
    assert await probe() == PartHealth("embedder", "down", "local", "not installed")
