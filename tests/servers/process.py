"""A server on loopback that a test may stop, freeze and start again."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SECONDS = 60.0


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """Runs `command` in `folder` until stopped, or until the thread that started it ends. Up when `ready` says so."""

    def __init__(self, command: Sequence[str], *, ready: Callable[[], bool], folder: Path) -> None:
        setpriv = shutil.which("setpriv")
        self._command = [*([setpriv, "--pdeathsig", "KILL"] if setpriv else []), *command]
        self._ready = ready
        self._folder = folder
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        log = self._folder / "log"
        with log.open("ab") as output:
            self._running = subprocess.Popen(
                self._command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        ends = time.monotonic() + _SECONDS
        while not self._ready():
            if self._running.poll() is not None or time.monotonic() > ends:
                self.kill()
                raise RuntimeError(f"{self._command} did not come up: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Let it end in order, frozen or not."""
        self.thaw()
        if self._send(signal.SIGTERM):
            self._reap()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._send(signal.SIGKILL):
            self._reap()

    def restart(self) -> None:
        """Stop and start, on the same port and with the same data."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Let it accept and answer nothing, connections staying open."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on where it was."""
        self._send(signal.SIGCONT)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Frozen inside the block."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stopped inside the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def killed(self) -> Iterator[None]:
        """Killed at the beginning of the block, and started again at its end."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def _send(self, number: signal.Signals) -> bool:
        """Whether it runs, and therefore got the signal. Nobody else can have its pid before `_reap`."""
        if self._running is None or self._running.poll() is not None:
            return False
        self._running.send_signal(number)
        return True

    def _reap(self) -> None:
        assert self._running is not None
        try:
            self._running.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
