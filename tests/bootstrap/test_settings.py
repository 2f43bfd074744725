"""Where settings come from, and which are refused."""

import tomllib
from pathlib import Path

import pytest

from bootstrap import VERSION
from bootstrap.profiles import PROFILES
from bootstrap.secret import Secret
from bootstrap.settings import load
from domain.errors import SettingsInvalid


def refusal(**environment: str) -> str:
    """The one line that says why these settings are not taken."""
    with pytest.raises(SettingsInvalid) as refused:
        load(environment=environment)
    assert "\n" not in refused.value.message
    return refused.value.message


def file_of(folder: Path, *lines: str) -> Path:
    file = folder / "huiyi.env"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_nothing_needs_to_be_set():
    configuration = load(environment={})
    assert configuration.settings.host == "127.0.0.1"
    assert configuration.settings.database_kind == "sqlite"
    assert configuration.settings.database.reveal().endswith("/var/huiyi.db")
    assert configuration.api_keys == ()


def test_the_environment_wins_over_the_file_and_options_over_both(tmp_path: Path):
    file = file_of(tmp_path, "PORT=1111", "LOG_LEVEL=ERROR", "DATA_DIR=elsewhere")
    settings = load(file, {"PORT": "2222", "LOG_LEVEL": "DEBUG"}, {"PORT": "3333"}).settings
    assert (settings.port, settings.log_level, settings.data_dir) == (3333, "DEBUG", "elsewhere")


def test_an_unknown_key_of_the_file_is_refused_with_the_one_that_was_meant(tmp_path: Path):
    with pytest.raises(SettingsInvalid, match=r"unknown setting LOG_LEVL; did you mean LOG_LEVEL\?"):
        load(file_of(tmp_path, "LOG_LEVL=INFO"), {})


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(SettingsInvalid, match="does not exist"):
        load(tmp_path / "none.env", {})


def test_the_rest_of_the_environment_is_nobody_of_ours():
    assert load(environment={"LOG_LEVL": "INFO", "PATH": "/bin"}) == load(environment={})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "many"),
        ("LOG_LEVEL", "loud"),
        ("PROFILE", "best"),
        ("EMBEDDER", "remote"),
        ("API_V1_PREFIX", "api"),
        ("MAX_INPUT_CHARS", "2001"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(name: str, value: str):
    assert f"setting {name}:" in refusal(**{name: value})


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@db/x", "hunter2", "mysql:hunter2", "mysql://u:hunter2@db:x/y"])
def test_an_unusable_database_is_refused_without_telling_its_password(url: str):
    message = refusal(DATABASE_URL=url)
    assert "DATABASE_URL" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(("url", "kind"), [("mysql+asyncmy://u:p@db:3306/x", "mysql"), ("mariadb://u@db/x", "mariadb")])
def test_the_database_is_named_by_its_engine(url: str, kind: str):
    assert load(environment={"DATABASE_URL": url}).settings.database_kind == kind


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_gives_its_parts(profile: str):
    settings = load(environment={"PROFILE": profile}).settings
    chosen = {
        "EMBEDDER": settings.embedder,
        "ENTITY_EXTRACTOR": settings.entity_extractor,
        "KNOWLEDGE_BASE": settings.knowledge_base,
    }
    assert chosen == PROFILES[profile]


def test_a_part_set_by_itself_wins_over_its_profile():
    settings = load(environment={"PROFILE": "bare", "ENTITY_EXTRACTOR": "local"}).settings
    assert (settings.embedder, settings.entity_extractor) == ("none", "local")


def test_an_address_open_to_others_needs_both_kinds_of_keys():
    assert "API_KEYS" in refusal(HOST="0.0.0.0")
    assert "ADMIN_API_KEYS" in refusal(HOST="192.0.2.1", API_KEYS="k")
    assert load(environment={"HOST": "0.0.0.0", "API_KEYS": "k", "ADMIN_API_KEYS": "a"}).settings.host == "0.0.0.0"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_an_address_of_this_machine_alone_needs_no_keys(host: str):
    assert load(environment={"HOST": host}).settings.host == host


def test_secrets_are_kept_and_not_shown():
    configuration = load(
        environment={"API_KEYS": "first-key, second-key", "ADMIN_API_KEYS": "admin-key", "FUNCTIONS_TOKEN": "t0ken"}
    )
    assert [key.reveal() for key in configuration.api_keys] == ["first-key", "second-key"]
    assert configuration.function_variables["FUNCTIONS_TOKEN"].reveal() == "t0ken"
    shown = f"{configuration!r} {configuration!s} {Secret('x')!s}"
    assert not [secret for secret in ("first-key", "second-key", "admin-key", "t0ken") if secret in shown]


def test_origins_are_a_list():
    assert load(environment={"CORS_ORIGINS": "https://a.example, https://b.example"}).settings.origins == (
        "https://a.example",
        "https://b.example",
    )


def test_the_program_is_of_the_version_of_its_package():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
