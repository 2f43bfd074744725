"""`huiyi db` on real databases: a file and a server."""

import asyncio
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.catalogue_files.reading import read_catalogue, read_problems
from adapters.cli.app import create_cli
from bootstrap.runtime import Program
from bootstrap.settings import load
from tests.bootstrap.running import container_in
from tests.servers.mariadb import MariadbServer

PASSWORD = "p@ss/w:ord"


def huiyi_db(*arguments: str) -> Result:
    app = create_cli(Program(), read_problems=read_problems, read_catalogue=read_catalogue, version="1")
    return CliRunner().invoke(app, ("db", *arguments), prog_name="huiyi")


@pytest.fixture(params=["sqlite", "mariadb"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """How an empty database that the environment names is told of."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("DB_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)
    if request.param == "sqlite":
        monkeypatch.setenv("DATA_DIR", "data")
        return f"sqlite in {tmp_path / 'data' / 'huiyi.db'}"
    server: MariadbServer = request.getfixturevalue("mariadb")
    name = asyncio.run(server.fresh())
    asyncio.run(server.tell(f"CREATE OR REPLACE USER 'keeper'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"))
    asyncio.run(server.tell(f"GRANT ALL ON {name}.* TO 'keeper'@'127.0.0.1'"))
    settings = {"HOST": "127.0.0.1", "PORT": str(server.port), "USER": "keeper", "PASSWORD": PASSWORD, "NAME": name}
    for key, value in settings.items():
        monkeypatch.setenv(f"DB_{key}", value)
    return f"mysql at 127.0.0.1:{server.port}, database {name}"


def test_the_tables_come_and_go(place: str) -> None:
    empty, made, there, again = (huiyi_db(word) for word in ("status", "upgrade", "status", "upgrade"))
    gone = huiyi_db("downgrade", "--yes")
    assert empty.stdout.splitlines()[:2] == [f"database  {place}", "current   none"]
    assert made.stdout == f"ok: the tables of {place} went from none to 0001\n"
    assert (empty.exit_code, there.exit_code) == (1, 0)
    assert there.stdout.splitlines()[1:3] == ["current   0001", "head      0001"]
    assert again.stdout == f"ok: nothing to do, the tables of {place} are at 0001\n"
    assert gone.stdout == f"ok: the tables of {place} went from 0001 to none\n"
    assert huiyi_db("status").stdout == empty.stdout


def test_the_password_is_in_no_word_of_it(place: str) -> None:
    told = [huiyi_db(*words) for words in (("status",), ("upgrade",), ("downgrade", "0009", "--yes"), ("status",))]
    assert not any(word in result.output for result in told for word in (PASSWORD, "p%40ss", "keeper"))


def test_a_revision_that_is_none_changes_nothing(place: str) -> None:
    huiyi_db("upgrade")
    result = huiyi_db("downgrade", "0009", "--yes")
    assert result.exit_code == 2
    assert result.stderr.startswith("huiyi: the tables stay as they are: ")
    assert result.stderr.count("\n") == 1
    assert huiyi_db("status").exit_code == 0


async def test_tables_of_another_release_are_left_alone(place: str) -> None:
    assert (await asyncio.to_thread(huiyi_db, "upgrade")).exit_code == 0
    container = container_in(Path(), DATABASE_URL=load().settings.database.reveal())
    async with container.database() as database:
        await database.write(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    status, upgraded = [await asyncio.to_thread(huiyi_db, word) for word in ("status", "upgrade")]
    assert status.exit_code == 1
    assert status.stdout.splitlines()[-1].startswith("unknown: another release made the tables")
    assert upgraded.exit_code == 2
    assert upgraded.stderr == (
        "huiyi: the tables were made by another release: Can't locate revision identified by '9999'\n"
    )


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("mysql://keeper:12/34@db/huiyi", "mysql at db:3306, database huiyi"),
        ("mariadb+asyncmy://keeper:12%4034@[::1]:3307/huiyi?ssl_ca=/ca.pem", "mariadb at [::1]:3307, database huiyi"),
        ("sqlite:////data/h.db", "sqlite in /data/h.db"),
    ],
)
def test_a_place_is_told_without_user_and_password(url: str, place: str, tmp_path: Path) -> None:
    assert container_in(tmp_path, DATABASE_URL=url).tables().place == place


def test_a_server_that_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "mysql://keeper:secret@127.0.0.1:9/huiyi")
    result = huiyi_db("status")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("huiyi: the storage does not answer")
    assert "secret" not in result.stderr
