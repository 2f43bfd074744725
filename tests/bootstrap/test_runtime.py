"""What the commands start, in this process."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from adapters.cli.runtime import Runtime
from application.handle_turn import TurnRequest
from bootstrap import collector, demo
from bootstrap.edge import application
from bootstrap.lifespan import in_service
from bootstrap.listening import free_address
from bootstrap.runtime import Program
from bootstrap.serving import greeting_of_service, serve
from domain.errors import PartUnavailable, SettingsInvalid
from domain.names import UserId
from tests.bootstrap.running import CATALOGUE, container_in, settings_in


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """The program in a folder of its own, with settings from the environment."""
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in {"PROFILE": "bare", "CATALOGUE_FILE": "catalogue.yaml", "DATA_DIR": "data"}.items():
        monkeypatch.setenv(name, value)
    return Program()


async def test_a_conversation_has_a_storage_of_its_own(program: Runtime, tmp_path: Path) -> None:
    async with program.conversing(catalogue=None, env_file=None, demo=False) as started:
        reply = await started.handle_turn(TurnRequest(user_id=UserId("u"), text="帮助"))
        assert started.language == "zh-CN"
        turn = await started.read_conversation.turn(reply.session_id, UserId("u"), 1)
    assert turn.reply == reply.reply
    assert not list(tmp_path.rglob("*.db"))


async def test_a_conversation_is_held_on_the_catalogue_that_was_asked_for(program: Runtime, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(CATALOGUE.replace("zh-CN", "en"), encoding="utf-8")
    async with program.conversing(catalogue=other, env_file=None, demo=False) as started:
        assert started.language == "en"


async def test_the_doctors_findings_come_from_the_settings_file(program: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "huiyi.env"
    file.write_text("FUNCTIONS_BASE_URL=http://127.0.0.1:9\n", encoding="utf-8")
    async with program.checking(env_file=file) as check:
        assert (await check()).state == "ok"


async def test_the_application_is_set_up_by_the_settings(tmp_path: Path) -> None:
    container = container_in(tmp_path, API_KEYS="the-key", API_V1_PREFIX="/v9", MAX_INPUT_CHARS="5")
    async with in_service(container):
        transport = httpx.ASGITransport(app=application(container))
        async with httpx.AsyncClient(transport=transport, base_url="http://huiyi") as http:
            body = {"user_id": "u", "input": "帮助"}
            closed = await http.post("/v9/chat/interact", json=body)
            opened = await http.post("/v9/chat/interact", json=body, headers={"X-API-Key": "the-key"})
            long = await http.post(
                "/v9/chat/interact", json={**body, "input": "帮助帮助帮助"}, headers={"X-API-Key": "the-key"}
            )
            metrics = await http.get("/metrics", headers={"X-API-Key": "the-key"})
    assert [closed.status_code, opened.status_code, long.status_code] == [401, 200, 422]
    assert 'http_requests_total{method="POST",route="/v9/chat/interact",status="401"} 1.0' in metrics.text


@pytest.mark.parametrize("form", ["text", "json"])
def test_serving_says_so_once_it_answers_and_ends_when_told(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = free_address("127.0.0.1", 0)
    ready: list[int] = []

    async def beside() -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            ready.append((await http.get(f"{address.url}/health/ready")).status_code)
        asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)

    serve(settings_in(tmp_path, PORT=str(address.port), LOG_FORMAT=form), greeting_of_service, beside=beside)
    assert ready == [200]
    written = capsys.readouterr()
    assert address.url in (written.out if form == "text" else written.err)
    assert "stopping" in written.err


def test_the_collector_rests_and_resumes() -> None:
    collector.rest()
    collector.resume()


def test_the_demo_needs_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    with pytest.raises(SettingsInvalid, match="deploy folder"), demo.demo_api():
        pass


async def test_a_business_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "STARTING_SECONDS", 0.1)
    with pytest.raises(PartUnavailable, match="does not start"):
        await demo.answering(free_address("127.0.0.1", 0))


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "试着说一句话"), ("en", "Say something")])
def test_the_demo_greets_in_its_language_with_something_to_try(language: str, word: str) -> None:
    greeting = demo.greeting_of_demo(language, "/api/v1", "http://127.0.0.1:8000")
    assert word in greeting
    assert "curl -s http://127.0.0.1:8000/api/v1/chat/interact" in greeting
    assert "huiyi chat --url http://127.0.0.1:8000" in greeting


async def test_the_business_answers_and_goes_with_the_block() -> None:
    with demo.demo_api() as address:
        await demo.answering(address)
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{address.url}/health")).json() == {"status": "healthy"}
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection(address.ip, address.port)
