"""A real Xinference on loopback with the two tiny models, in a folder that its environment was installed into.

`python -m tests.xinference.serving start FOLDER` prints its address once both models answer; `stop FOLDER` ends what a
start left behind. Between the two `FOLDER/pid` names the process.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.servers.process import free_port

UP_SECONDS, LAUNCH_SECONDS, ENDING_SECONDS = 300.0, 300.0, 30.0
MODELS: Final = {
    "chat": ("LLM", {"model_engine": "transformers", "model_format": "pytorch", "model_size_in_billions": "0_5"}),
    "embedding": ("embedding", {"model_engine": "sentence_transformers"}),
}
QUIET: Final = {
    "HF_HUB_OFFLINE": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_OFFLINE": "1",
    "XINFERENCE_AUTH_ADVANCED": "false",
    "XINFERENCE_ENABLE_VIRTUAL_ENV": "0",
    "XINFERENCE_TOKEN_ROUTER_ENABLED": "0",
}
"""No network, no keys, and one thread a model: several get into each other's way."""


def start(folder: Path) -> str:
    """The address of a running server. Raises RuntimeError when it does not come up, and leaves nothing running."""
    stop(folder)
    python, models = folder / "venv" / "bin" / "python", folder / "models"
    if not (models / "embedding.json").exists():
        _run(str(python), str(Path(__file__).with_name("tiny_model.py")), str(models))
    port = free_port()
    command = [str(python.with_name("xinference-local")), "-H", "127.0.0.1", "-p", str(port), "-MH", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-mp", str(free_port())],
            env={**os.environ, **QUIET, "XINFERENCE_HOME": str(folder / "home")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / "pid").write_text(str(process.pid))
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        for name, (kind, engine) in MODELS.items():
            registration = (models / f"{name}.json").read_text("utf-8")
            _ask(f"{url}/v1/model_registrations/{kind}", {"model": registration, "persist": False})
            known = {"model_uid": name, "model_name": f"tiny-{name}", "model_type": kind, "quantization": "none"}
            _ask(f"{url}/v1/models", {**known, **engine})
    except BaseException:
        stop(folder)
        raise
    return url


def stop(folder: Path) -> None:
    """End the process that the pid file names, with all it started; one that is gone is no trouble."""
    file = folder / "pid"
    if not file.exists():
        return
    group = int(file.read_text())
    if b"xinference-local" in _command_line(group):
        os.killpg(group, signal.SIGTERM)
        ends = time.monotonic() + ENDING_SECONDS
        while _alive(group) and time.monotonic() < ends:
            time.sleep(0.1)
        if _alive(group):
            os.killpg(group, signal.SIGKILL)
    file.unlink()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + UP_SECONDS
    while True:
        try:
            _ask(f"{url}/v1/cluster/auth")
        except OSError as error:
            if process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError("xinference does not come up; its log lies beside the pid file") from error
            time.sleep(0.5)
        else:
            return


def _ask(url: str, body: Mapping[str, object] | None = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=LAUNCH_SECONDS) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{url}: {error.code} {error.read().decode(errors='replace')}") from error


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _alive(group: int) -> bool:
    """Whether any process of the group is there that has not ended."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            return True
    return False


def _run(*command: str) -> None:
    subprocess.run(command, env={**os.environ, **QUIET}, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2]).absolute()
    if what == "stop":
        stop(where)
    else:
        sys.stdout.write(start(where) + "\n")
