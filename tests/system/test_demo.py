"""`huiyi` as its users run it: a process, a port, signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
STARTING_SECONDS, ENDING_SECONDS = 60, 10


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    return port


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bootstrap.main", *arguments]


def environment(**changes: str) -> dict[str, str]:
    """The settings of the machine the tests run on are not the tests'."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **changes}


class Running:
    """A `huiyi` process that serves."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)

    def wait_ready(self) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.http.get("/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"it does not serve: {self.ended()}")

    def say(self, text: str, session: str | None = None) -> dict[str, object]:
        body = {"user_id": "u1", "input": text, **({} if session is None else {"session_id": session})}
        answered = self.http.post("/api/v1/chat/interact", json=body)
        assert answered.status_code == 200, answered.text
        data: dict[str, object] = answered.json()["data"]
        return data

    def ended(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code, standard output and error after a signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=ENDING_SECONDS)
        return self.process.returncode, out, err


@contextmanager
def running(folder: Path, *arguments: str, **changes: str) -> Iterator[Running]:
    port = free_port()
    process = subprocess.Popen(
        command(*arguments, "--port", str(port)),
        cwd=folder,
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    service = Running(process, port)
    try:
        service.wait_ready()
        yield service
    finally:
        service.http.close()
        process.kill()
        process.communicate()


def children_of(process: "subprocess.Popen[str]") -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    return [int(pid) for pid in listed.stdout.split()]


def all_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + ENDING_SECONDS
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() and "Z" not in state_of(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


def run(folder: Path, *arguments: str, said: str = "", **changes: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**changes),
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=STARTING_SECONDS,
        check=False,
    )


def one_line_of(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.slow
def test_the_demo_books_a_flight_and_ends_in_order(tmp_path: Path) -> None:
    with running(tmp_path, "demo") as demo:
        asked = demo.say("我想订一张明天从北京到上海的机票")
        assert asked["intent"] == "book_flight"
        assert asked["status"] == "awaiting_confirmation"
        assert {"departure_city", "arrival_city", "departure_date"} <= {*dict(asked["slots"])}
        booked = demo.say("确认", str(asked["session_id"]))
        assert booked["status"] == "completed"
        assert dict(booked["api_result"])["order_id"] in str(booked["response"])
        children = children_of(demo.process)
        code, out, err = demo.ended()
    assert code == 0
    assert "会意演示已就绪" in out
    assert "Traceback" not in err
    assert len(children) == 2
    assert all_gone(children)
    assert (tmp_path / "var" / "demo" / "huiyi.db").is_file()


@pytest.mark.slow
def test_the_demos_first_words_are_a_command_that_works(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--language", "en") as demo:
        example = next(line for line in greeting_of(demo) if "curl" in line)
        body = json.loads(example.split(" -d '")[1].rstrip("'\n"))
        assert demo.say(body["input"])["intent"] == "book_flight"
        assert demo.ended(signal.SIGINT)[0] == 0


def greeting_of(demo: Running) -> list[str]:
    assert demo.process.stdout is not None
    return [demo.process.stdout.readline() for _ in range(5)]


@pytest.mark.slow
def test_nothing_is_left_of_a_demo_that_is_killed(tmp_path: Path) -> None:
    with running(tmp_path, "demo") as demo:
        children = children_of(demo.process)
        demo.process.kill()
        assert children
        assert all_gone(children)


@pytest.mark.slow
def test_a_service_serves_health_documentation_and_metrics(tmp_path: Path) -> None:
    with running(tmp_path, "serve", PROFILE="bare", LOG_FORMAT="json", **catalogue("zh-CN")) as service:
        parts = {part["part"]: part["state"] for part in service.http.get("/health/detailed").json()["data"]["parts"]}
        assert parts["repository"] == parts["catalogue"] == "ok"
        assert service.http.get("/docs").status_code == 200
        service.say("余额")
        assert "huiyi_turns_total{" in service.http.get("/metrics").text
        code, out, err = service.ended()
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert (code, out) == (0, "")
    assert events == ["started", "ready", "turn", "stopping"]


def catalogue(language: str) -> dict[str, str]:
    return {"CATALOGUE_FILE": str(ROOT / "deploy" / "catalogues" / f"demo.{language}.yaml")}


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"port {port} is in use" in one_line_of(run(tmp_path, "serve", "--port", port, **catalogue("en")))


def test_a_bad_catalogue_is_one_line_with_the_first_problem(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("one: 1\ntwo: 2\n", encoding="utf-8")
    line = one_line_of(run(tmp_path, "serve", "--port", str(free_port()), CATALOGUE_FILE="bad.yaml", PROFILE="bare"))
    assert line.startswith("huiyi: bad.yaml:1: ")


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    assert "LOG_LEVEL" in one_line_of(run(tmp_path, "serve", LOG_LEVEL="loud"))


@pytest.mark.slow
def test_a_conversation_in_the_terminal_books_too_and_leaves_no_storage_behind(tmp_path: Path) -> None:
    result = run(tmp_path, "chat", "--demo", said="我想订一张明天从北京到上海的机票\n确认\n")
    assert result.returncode == 0
    assert "订单号" in result.stdout
    assert result.stderr == ""
    assert not list(tmp_path.rglob("*.db"))


def test_the_doctor_looks_at_everything(tmp_path: Path) -> None:
    result = run(tmp_path, "doctor", PROFILE="bare", **catalogue("en"))
    assert result.returncode == 0, result.stderr
    assert "degraded: works without the full help of functions" in result.stdout


def test_the_catalogues_of_the_demo_are_right(tmp_path: Path) -> None:
    files = [str(file) for file in sorted((ROOT / "deploy" / "catalogues").glob("*.yaml"))]
    result = run(tmp_path, "catalogue", "check", *files)
    assert result.returncode == 0, result.stdout


def test_help_is_there_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    result = run(tmp_path, "--help")
    assert "huiyi demo" in result.stdout
    assert time.monotonic() - began < 3
