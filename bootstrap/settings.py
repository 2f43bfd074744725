"""Reads the settings: the only place that reads the environment."""

import difflib
import os
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import msgspec
from dotenv import dotenv_values

from bootstrap.fields import Settings, engine_of, listed
from bootstrap.profiles import PROFILES
from bootstrap.secret import Secret
from domain.errors import SettingsInvalid

FUNCTION_VARIABLE_PREFIX = "FUNCTIONS_"
DATABASES = ("sqlite", "mysql", "mariadb")
_FILE = "_FILE"
_FIELDS: Final = msgspec.structs.fields(Settings)
_KNOWN: Final = frozenset(field.encode_name for field in _FIELDS)
_SECRETS: Final = frozenset(field.encode_name for field in _FIELDS if field.type is Secret)
_SERVERS: Final = {
    "LANGUAGE_MODEL": ("XINFERENCE_BASE_URL", "xinference"),
    "KNOWLEDGE_BASE": ("RAGFLOW_BASE_URL", "ragflow"),
    "ENTITY_EXTRACTOR": ("DUCKLING_BASE_URL", "server"),
}
"""Which server's address chooses it for which part."""


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

    A secret may stand in a file of its own that `NAME_FILE` names. Raises SettingsInvalid, in one line that names the
    variable, for a value that is wrong, a key of the file that is none, a missing file, a server without what it needs,
    and an address open to others without keys.
    """
    environment = os.environ if environment is None else environment
    filed = _filed(env_file) if env_file is not None else {}
    given = {**filed, **{key: value for key, value in environment.items() if _is_ours(key)}, **changes}
    given = _with_choices(_with_files(given))
    functions = {key: Secret(value) for key, value in given.items() if key.startswith(FUNCTION_VARIABLE_PREFIX)}
    settings = _decoded({key: value for key, value in given.items() if key in _KNOWN})
    for refuse in _REFUSALS:
        refuse(settings)
    return Configuration(
        settings=settings,
        api_keys=_keys(settings.api_keys),
        admin_api_keys=_keys(settings.admin_api_keys),
        function_variables=functions,
    )


def _is_ours(key: str) -> bool:
    return key in _KNOWN or key.startswith(FUNCTION_VARIABLE_PREFIX) or key.removesuffix(_FILE) in _SECRETS


def _filed(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise SettingsInvalid(f"settings file {path} does not exist")
    values = {key: value or "" for key, value in dotenv_values(path).items()}
    for key in values:
        if not _is_ours(key):
            near = difflib.get_close_matches(key, _KNOWN, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsInvalid(f"{path}: unknown setting {key}{hint}")
    return values


def _with_files(given: Mapping[str, str]) -> dict[str, str]:
    """The same with each secret that a file holds in place of the file's name."""
    result = {key: value for key, value in given.items() if key.removesuffix(_FILE) not in _SECRETS or key in _SECRETS}
    for name in sorted(_SECRETS):
        file = given.get(name + _FILE)
        if not file:
            continue
        if given.get(name):
            raise SettingsInvalid(f"{name} and {name}{_FILE} are both set: one of them, please")
        try:
            result[name] = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsInvalid(f"setting {name}{_FILE}: the file {file} cannot be read") from error
    return result


def _with_choices(given: Mapping[str, str]) -> dict[str, str]:
    """The same with the parts that the profile, or a server's address, chooses."""
    chosen = {part: server for part, (address, server) in _SERVERS.items() if given.get(address)}
    return {**PROFILES.get(given.get("PROFILE", "embedded"), {}), **chosen, **given}


def _decoded(values: Mapping[str, str]) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=lambda _, text: Secret(text))
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise SettingsInvalid(f"setting {where.rstrip('`')}: {what}") from error


def _keys(secret: Secret) -> tuple[Secret, ...]:
    return tuple(Secret(key) for key in listed(secret.reveal()))


def _refuse_unknown_database(settings: Settings) -> None:
    """The address is not quoted: it may hold a password."""
    if settings.database_url and settings.db_host:
        raise SettingsInvalid("DATABASE_URL and DB_HOST are both set: one of them, please")
    url = settings.database.reveal()
    if engine_of(url) not in DATABASES or "://" not in url:
        raise SettingsInvalid(
            f"setting DATABASE_URL: an address that begins with one of {', '.join(DATABASES)}, please"
        )
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise SettingsInvalid("setting DATABASE_URL: the port is no number") from error


def _refuse_halves(settings: Settings) -> None:
    """A server that is chosen has what it takes to ask it."""
    if settings.redis_url and settings.redis_host:
        raise SettingsInvalid("REDIS_URL and REDIS_HOST are both set: one of them, please")
    is_ragflow, is_xinference = settings.knowledge_base == "ragflow", settings.language_model == "xinference"
    needed = (
        (is_ragflow, settings.ragflow_base_url, "KNOWLEDGE_BASE=ragflow needs RAGFLOW_BASE_URL"),
        (is_ragflow, settings.ragflow_api_key, "RAGFLOW_BASE_URL needs RAGFLOW_API_KEY"),
        (
            is_ragflow,
            settings.ragflow_chat_id or settings.datasets,
            "RAGFLOW_BASE_URL needs RAGFLOW_CHAT_ID or RAGFLOW_DATASET_IDS",
        ),
        (is_xinference, settings.xinference_base_url, "LANGUAGE_MODEL=xinference needs XINFERENCE_BASE_URL"),
        (
            settings.embedder == "xinference",
            settings.xinference_base_url and settings.xinference_embedding_model,
            "EMBEDDER=xinference needs XINFERENCE_BASE_URL and XINFERENCE_EMBEDDING_MODEL",
        ),
        (
            settings.entity_extractor == "server",
            settings.duckling_base_url,
            "ENTITY_EXTRACTOR=server needs DUCKLING_BASE_URL",
        ),
    )
    for wanted, there, message in needed:
        if wanted and not there:
            raise SettingsInvalid(message)


def _refuse_open_doors(settings: Settings) -> None:
    if _is_loopback(settings.host):
        return
    for name, keys in (("API_KEYS", settings.api_keys), ("ADMIN_API_KEYS", settings.admin_api_keys)):
        if not _keys(keys):
            raise SettingsInvalid(f"HOST={settings.host} is open to other machines: set {name}, or use HOST=127.0.0.1")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_REFUSALS: Final[tuple[Callable[[Settings], None], ...]] = (
    _refuse_unknown_database,
    _refuse_halves,
    _refuse_open_doors,
)
