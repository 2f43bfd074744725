"""Programs of Debian that the tests run."""

import os
import shutil
import subprocess
from functools import cache

import pytest

_MINUTES = 10


@cache
def program(*names: str, packages: tuple[str, ...]) -> str:
    """The path of the first of the names that is there.

    Root gets the missing packages installed, once; they are ones that bring no service of the system with them.
    Anybody else is told the command, and the test is skipped (in CI it fails).
    """
    path = _found(names)
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _run(["apt-get", "update"])
        _run(command)
        path = _found(names)
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up(f"{names[0]} is missing; install it with: sudo {' '.join(command)}")
    return path


def _found(names: tuple[str, ...]) -> str | None:
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return next((path for name in names if (path := shutil.which(name, path=places))), None)


def _run(command: list[str]) -> None:
    """Run it in silence; what failed shows in the program being still missing."""
    subprocess.run(
        [command[0], "-qq", "-o", "DPkg::Lock::Timeout=120", *command[1:]],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60 * _MINUTES,
        check=False,
    )
