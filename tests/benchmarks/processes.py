"""Processes under measurement: starting and stopping them, their CPU time and memory from /proc."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], url: str, *, folder: Path = ROOT, **environment: str) -> Iterator["Tree"]:
    """The command while it runs in `folder`, once `url` answers; `Tree.started` is how long that took, in seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(url):
            if process.poll() is not None or time.perf_counter() - began > 60:
                raise RuntimeError(f"{' '.join(command)} did not come up")
            time.sleep(0.01)
        yield Tree(process.pid, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def granian(target: str, port: int) -> list[str]:
    """A bare application on the server that the service uses, one worker."""
    granian_command = str(Path(sys.executable).with_name("granian"))
    return [
        granian_command,
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-access-log",
        target,
    ]


class Tree:
    """A process and its descendants. Whatever `without` is started by is left out of the sums."""

    def __init__(self, root: int, started: float) -> None:
        self._root = root
        self.started = started

    def cpu_seconds(self, *, without: str = "") -> float:
        """CPU time so far, in user and system."""
        return sum(_cpu(pid) for pid in self._pids(without))

    def rss_megabytes(self, *, without: str = "") -> float:
        """Resident memory; pages shared between the processes count once for each."""
        return sum(_rss(pid) for pid in self._pids(without))

    def _pids(self, without: str) -> list[int]:
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found, waiting = [], [self._root]
        while waiting:
            pid = waiting.pop()
            if without and without in _command_line(pid):
                continue
            found.append(pid)
            waiting += children.get(pid, [])
        return found


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _rss(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)
