"""A throw-away MariaDB."""

import itertools
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import asyncmy

from tests.servers.certificates import certificate
from tests.servers.debian import program
from tests.servers.process import Process, free_port

_PACKAGES = ("mariadb-server-core", "mariadb-client-core")
_NUMBERS = itertools.count(1)


class MariadbServer(Process):
    """MariaDB with an empty data folder of its own, in which `root` needs no password; it speaks TLS as well."""

    def __init__(self, folder: Path) -> None:
        daemon = program("mariadbd", packages=_PACKAGES)
        maker = program("mariadb-install-db", packages=_PACKAGES)
        self.port = free_port()
        self._tls = certificate(folder)
        data = folder / "data"
        user = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(
            [
                maker,
                "--no-defaults",
                *user,
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
            check=True,
        )
        command = [
            daemon,
            "--no-defaults",
            *user,
            f"--datadir={data}",
            f"--socket={folder / 's'}",
            f"--pid-file={folder / 'pid'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=32M",
            f"--ssl-cert={self._tls.certificate}",
            f"--ssl-key={self._tls.key}",
        ]
        super().__init__(command, ready=self._greets, folder=folder)
        self.start()

    def url(self, database: str = "", *, scheme: str = "mysql", port: int | None = None) -> str:
        """Where a database is; `port` when something in between listens there."""
        return f"{scheme}://root@127.0.0.1:{port or self.port}/{database}"

    @property
    def authority(self) -> Path:
        """Who vouches for its certificate."""
        return self._tls.authority

    async def fresh(self) -> str:
        """The name of a new, empty database."""
        name = f"test_{next(_NUMBERS)}"
        await self.tell(f"CREATE DATABASE {name} CHARACTER SET latin1")  # a careless administrator's
        return name

    async def connect(self, database: str = "") -> Any:
        """The driver's connection."""
        place = {"host": "127.0.0.1", "port": self.port, "user": "root", "database": database or None}
        return await asyncmy.connect(**place, autocommit=True, read_timeout=30)

    async def tell(self, statement: str) -> list[tuple[object, ...]]:
        """The rows that a statement gives, over a connection of its own."""
        connection = await self.connect()
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(statement)
                return list(await cursor.fetchall())
        finally:
            await connection.ensure_closed()

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                probe.settimeout(1)
                return len(probe.recv(64)) > 8
        except OSError:
            return False
