"""Every setting, and the only place that reads the environment."""

import difflib
import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from dotenv import dotenv_values

from bootstrap.profiles import PROFILES, Profile
from domain.errors import SettingsInvalid

FUNCTION_VARIABLE_PREFIX = "FUNCTIONS_"

DATABASES = ("sqlite", "mysql", "mariadb")


class Secret:
    """A text that no log, trace or error shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret('****')"

    def reveal(self) -> str:
        """The text itself, for the one place that must have it."""
        return self._text


Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="upper", forbid_unknown_fields=True):
    """The settings, named in the environment by the same names in capitals.

    Every field but the last two comes from one variable. API_KEYS and ADMIN_API_KEYS are lists separated by
    commas. Variables that begin with FUNCTIONS_ are for the catalogue's functions (`${FUNCTIONS_BASE_URL}`).
    PROFILE gives the parts that are not set by themselves.
    """

    profile: Profile = "embedded"
    host: str = "127.0.0.1"
    port: Port = 8000
    api_v1_prefix: Annotated[str, msgspec.Meta(pattern=r"^/[a-z0-9/_-]*[a-z0-9]$")] = "/api/v1"
    cors_origins: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "text"
    data_dir: str = "var"
    catalogue_file: str = "deploy/catalogues/demo.zh-CN.yaml"
    knowledge_base: Literal["local", "none"] = "local"
    knowledge_dir: str = "deploy/knowledge/zh-CN"
    entity_extractor: Literal["local", "none"] = "local"
    embedder: Literal["local", "none"] = "local"
    database_url: str = ""
    sqlite_synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
    max_input_chars: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 2000
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1024, le=1_048_576)] = 65_536
    api_keys: str = ""
    admin_api_keys: str = ""

    @property
    def database(self) -> str:
        """The database's URL: SQLite in the data folder unless one is given."""
        return self.database_url or f"sqlite+aiosqlite:///{Path(self.data_dir).absolute() / 'huiyi.db'}"

    @property
    def database_kind(self) -> str:
        """Which engine the database is."""
        return _engine_of(self.database)

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins that browsers may call from."""
        return _listed(self.cors_origins)


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The settings, the keys that open the API, and the variables of functions; secrets stay hidden."""

    settings: Settings
    api_keys: tuple[Secret, ...] = ()
    admin_api_keys: tuple[Secret, ...] = ()
    function_variables: Mapping[str, Secret] = {}


def load(
    env_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Configuration:
    """Read the settings: defaults, then `env_file`, then the environment, then `changes` (commands' options).

    Raises SettingsInvalid, in one line that names the variable, for a value that is wrong, a key of the file that
    is none, a missing file, and an address open to others without keys.
    """
    environment = os.environ if environment is None else environment
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    filed = _filed(env_file, known) if env_file is not None else {}
    given = {**filed, **{key: value for key, value in environment.items() if _is_ours(key, known)}}
    given |= changes
    given = {**PROFILES.get(given.get("PROFILE", "embedded"), {}), **given}
    functions = {key: Secret(value) for key, value in given.items() if key.startswith(FUNCTION_VARIABLE_PREFIX)}
    settings = _decoded({key: value for key, value in given.items() if key in known})
    _refuse_unknown_database(settings.database)
    configuration = Configuration(
        settings=msgspec.structs.replace(settings, api_keys="", admin_api_keys=""),
        api_keys=tuple(Secret(key) for key in _listed(settings.api_keys)),
        admin_api_keys=tuple(Secret(key) for key in _listed(settings.admin_api_keys)),
        function_variables=functions,
    )
    _refuse_open_doors(configuration)
    return configuration


def _is_ours(key: str, known: set[str]) -> bool:
    return key in known or key.startswith(FUNCTION_VARIABLE_PREFIX)


def _filed(path: Path, known: set[str]) -> dict[str, str]:
    if not path.is_file():
        raise SettingsInvalid(f"settings file {path} does not exist")
    values = {key: value or "" for key, value in dotenv_values(path).items()}
    for key in values:
        if not _is_ours(key, known):
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsInvalid(f"{path}: unknown setting {key}{hint}")
    return values


def _decoded(values: Mapping[str, str]) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise SettingsInvalid(f"setting {where.rstrip('`')}: {what}") from error


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _engine_of(url: str) -> str:
    return url.partition(":")[0].partition("+")[0]


def _refuse_unknown_database(url: str) -> None:
    """The address is not quoted: it may hold a password."""
    if _engine_of(url) not in DATABASES or "://" not in url:
        raise SettingsInvalid(
            f"setting DATABASE_URL: an address that begins with one of {', '.join(DATABASES)}, please"
        )
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise SettingsInvalid("setting DATABASE_URL: the port is no number") from error


def _refuse_open_doors(configuration: Configuration) -> None:
    host = configuration.settings.host
    if _is_loopback(host):
        return
    for name, keys in (("API_KEYS", configuration.api_keys), ("ADMIN_API_KEYS", configuration.admin_api_keys)):
        if not keys:
            raise SettingsInvalid(f"HOST={host} is open to other machines: set {name}, or use HOST=127.0.0.1")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
