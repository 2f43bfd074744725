"""Everything can be made, under every profile, and making it does nothing else."""

import inspect
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.absent.embedder import AbsentEmbedder
from adapters.absent.entity_extractor import AbsentEntityExtractor
from adapters.absent.knowledge_base import AbsentKnowledgeBase
from adapters.falling_back.entity_extractor import FallingBackEntityExtractor
from adapters.falling_back.locks import FallingBackLocks
from adapters.http.use_cases import UseCases
from adapters.local_duckling.extractor import LocalDuckling
from adapters.local_embedding.sentence_encoder import SentenceEncoder
from adapters.local_knowledge.knowledge_base import LocalKnowledgeBase
from adapters.ragflow.knowledge_base import RagflowKnowledgeBase
from adapters.redis.cache import RedisCache
from adapters.redis.events import RedisEvents
from adapters.xinference.embedder import XinferenceEmbedder
from adapters.xinference.language_model import XinferenceLanguageModel
from bootstrap.container import Container
from bootstrap.profiles import PROFILES
from tests.bootstrap.running import container_in

PARTS = {
    "embedded": (SentenceEncoder, LocalDuckling, LocalKnowledgeBase),
    "bare": (AbsentEmbedder, AbsentEntityExtractor, AbsentKnowledgeBase),
}


SERVERS = {
    "REDIS_HOST": "redis",
    "DB_HOST": "db",
    "DUCKLING_BASE_URL": "http://duckling:8000",
    "XINFERENCE_BASE_URL": "http://xinference:9997",
    "XINFERENCE_EMBEDDING_MODEL": "bge",
    "EMBEDDER": "xinference",
    "RAGFLOW_BASE_URL": "http://ragflow:9380",
    "RAGFLOW_API_KEY": "ragflow-key",
    "RAGFLOW_CHAT_ID": "c1",
    "KNOWLEDGE_DIR": "/nowhere",
}
NEEDS = {
    "redis": "REDIS_HOST",
    "redis_locks": "REDIS_HOST",
    "duckling_engine": "DUCKLING_BASE_URL",
    "duckling_server": "DUCKLING_BASE_URL",
    "ragflow": "RAGFLOW_BASE_URL",
}
"""Providers of servers, which are made only where their address is set."""

SETUPS = {**{name: {"PROFILE": name} for name in PROFILES}, "servers": {"PROFILE": "embedded", **SERVERS}}


def made_of(setup: dict[str, str], folder: Path) -> dict[str, object]:
    container = container_in(folder, **setup)
    wanted = {name: each for name, each in container.providers.items() if NEEDS.get(name, "PROFILE") in setup}
    return {name: provider() for name, provider in wanted.items()}


@pytest.mark.parametrize("setup", SETUPS.values(), ids=SETUPS)
def test_every_provider_gives_something_that_is_there_at_once(setup: dict[str, str], tmp_path: Path):
    for name, made in made_of(setup, tmp_path).items():
        assert made is not None or name in ("ask_language_model", "reach_ragflow", "reach_duckling", "ping_redis"), name
        assert not inspect.isawaitable(made), name


@pytest.mark.parametrize("setup", SETUPS.values(), ids=SETUPS)
def test_making_everything_touches_no_file(setup: dict[str, str], tmp_path: Path):
    container_in(tmp_path, **setup)
    before = sorted(tmp_path.rglob("*"))
    made_of(setup, tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_each_server_takes_the_place_of_its_part(tmp_path: Path):
    made = made_of(SETUPS["servers"], tmp_path)
    kinds = {name: type(made[name]) for name in ("cache", "locks", "events", "embedder", "entities", "language_model")}
    assert kinds == {
        "cache": RedisCache,
        "locks": FallingBackLocks,
        "events": RedisEvents,
        "embedder": XinferenceEmbedder,
        "entities": FallingBackEntityExtractor,
        "language_model": XinferenceLanguageModel,
    }
    assert isinstance(made["knowledge_base"], RagflowKnowledgeBase)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_is_made_of_its_parts(profile: str, tmp_path: Path):
    container = container_in(tmp_path, PROFILE=profile)
    made = (container.embedder(), container.entities(), container.knowledge_base())
    assert tuple(type(part) for part in made) == PARTS[profile]


def test_nothing_is_a_resource():
    resources = [name for name, each in Container.providers.items() if isinstance(each, providers.Resource)]
    assert resources == []


def test_whoever_uses_a_part_uses_the_same_one(tmp_path: Path):
    container = container_in(tmp_path)
    assert container.handle_turn() is container.handle_turn()
    assert isinstance(container.use_cases(), UseCases)
    assert container.use_cases().read_conversation is container.read_conversation()
    assert container.use_cases().catalogue == container.library().version


def test_two_containers_share_nothing(tmp_path: Path):
    assert container_in(tmp_path).cache() is not container_in(tmp_path).cache()
