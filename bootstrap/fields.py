"""Every setting: its name, type and default."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import msgspec
from msgspec import Meta

from bootstrap import VERSION
from bootstrap.profiles import Profile
from bootstrap.secret import Secret

Port = Annotated[int, Meta(ge=1, le=65535)]
Address = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+(/\S*)?)?$")]
NONE = Secret()


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="upper", forbid_unknown_fields=True):
    """The settings, named in the environment by the same names in capitals.

    API_KEYS and ADMIN_API_KEYS are lists separated by commas. Variables that begin with FUNCTIONS_ are for the
    catalogue's functions (`${FUNCTIONS_BASE_URL}`). PROFILE gives the parts that are not set by themselves; naming a
    server (XINFERENCE_BASE_URL, RAGFLOW_BASE_URL, DUCKLING_BASE_URL) chooses it for its part.
    """

    profile: Profile = "embedded"
    app_name: str = "Huiyi"
    app_version: str = VERSION
    host: str = "127.0.0.1"
    port: Port = 8000
    api_v1_prefix: Annotated[str, Meta(pattern=r"^/[a-z0-9/_-]*[a-z0-9]$")] = "/api/v1"
    cors_origins: str = ""
    api_keys: Secret = NONE
    admin_api_keys: Secret = NONE
    debug: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "text"
    max_input_chars: Annotated[int, Meta(ge=1, le=2000)] = 2000
    max_body_bytes: Annotated[int, Meta(ge=1024, le=1_048_576)] = 65_536
    catalogue_file: str = "deploy/catalogues/demo.zh-CN.yaml"

    data_dir: str = "var"
    database_url: Secret = NONE
    sqlite_synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
    db_host: str = ""
    db_port: Port = 3306
    db_user: str = "huiyi"
    db_password: Secret = NONE
    db_name: str = "huiyi"

    redis_url: Secret = NONE
    redis_host: str = ""
    redis_port: Port = 6379
    redis_password: Secret = NONE
    redis_db: Annotated[int, Meta(ge=0)] = 0

    embedder: Literal["local", "xinference", "none"] = "local"
    entity_extractor: Literal["local", "server", "none"] = "local"
    duckling_base_url: Address = ""
    language_model: Literal["xinference", "none"] = "none"
    xinference_base_url: Address = ""
    xinference_model: str = ""
    xinference_embedding_model: str = ""
    xinference_api_key: Secret = NONE
    knowledge_base: Literal["local", "ragflow", "none"] = "local"
    knowledge_dir: str = "deploy/knowledge/zh-CN"
    ragflow_base_url: Address = ""
    ragflow_api_key: Secret = NONE
    ragflow_chat_id: str = ""
    ragflow_dataset_ids: str = ""

    @property
    def database(self) -> Secret:
        """The database's URL: the one given, that of DB_HOST, or SQLite in the data folder."""
        if self.database_url:
            return self.database_url
        if not self.db_host:
            return Secret(f"sqlite+aiosqlite:///{Path(self.data_dir).absolute() / 'huiyi.db'}")
        user = f"{quote(self.db_user, safe='')}:{quote(self.db_password.reveal(), safe='')}"
        return Secret(f"mysql+asyncmy://{user}@{self.db_host}:{self.db_port}/{quote(self.db_name, safe='')}")

    @property
    def database_kind(self) -> str:
        """Which engine the database is."""
        return engine_of(self.database.reveal())

    @property
    def redis(self) -> Secret:
        """Redis's URL: the one given, or that of REDIS_HOST; empty for none."""
        if self.redis_url or not self.redis_host:
            return self.redis_url
        password = f":{quote(self.redis_password.reveal(), safe='')}@" if self.redis_password else ""
        return Secret(f"redis://{password}{self.redis_host}:{self.redis_port}/{self.redis_db}")

    @property
    def sharing(self) -> Literal["redis", "memory"]:
        """Where the cache, the locks and the announcements are."""
        return "redis" if self.redis else "memory"

    @property
    def level(self) -> str:
        """From which level on lines are logged."""
        return "DEBUG" if self.debug else self.log_level

    @property
    def ragflow_mode(self) -> Literal["assistant", "datasets"]:
        """Who answers in RAGFlow."""
        return "assistant" if self.ragflow_chat_id else "datasets"

    @property
    def datasets(self) -> tuple[str, ...]:
        """RAGFlow's datasets to search."""
        return listed(self.ragflow_dataset_ids)

    @property
    def knowledge(self) -> Literal["local", "ragflow", "ragflow_then_local", "none"]:
        """Who answers questions: the documents of this machine stand in for RAGFlow where there are any."""
        if self.knowledge_base == "ragflow" and Path(self.knowledge_dir).is_dir():
            return "ragflow_then_local"
        return self.knowledge_base

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins that browsers may call from."""
        return listed(self.cors_origins)


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def engine_of(url: str) -> str:
    """The engine that a database's URL names."""
    return url.partition(":")[0].partition("+")[0]
