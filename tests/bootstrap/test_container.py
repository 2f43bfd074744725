"""Everything can be made, under every profile, and making it does nothing else."""

import inspect
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.absent.embedder import AbsentEmbedder
from adapters.absent.entity_extractor import AbsentEntityExtractor
from adapters.absent.knowledge_base import AbsentKnowledgeBase
from adapters.http.use_cases import UseCases
from adapters.local_duckling.extractor import LocalDuckling
from adapters.local_embedding.sentence_encoder import SentenceEncoder
from adapters.local_knowledge.knowledge_base import LocalKnowledgeBase
from bootstrap.container import Container
from bootstrap.profiles import PROFILES
from tests.bootstrap.running import container_in

PARTS = {
    "embedded": (SentenceEncoder, LocalDuckling, LocalKnowledgeBase),
    "bare": (AbsentEmbedder, AbsentEntityExtractor, AbsentKnowledgeBase),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_provider_gives_something_that_is_there_at_once(profile: str, tmp_path: Path):
    container = container_in(tmp_path, PROFILE=profile)
    for name, provider in container.providers.items():
        made = provider()
        assert made is not None, name
        assert not inspect.isawaitable(made), name


@pytest.mark.parametrize("profile", PROFILES)
def test_making_everything_touches_no_file(profile: str, tmp_path: Path):
    container = container_in(tmp_path, PROFILE=profile)
    before = sorted(tmp_path.rglob("*"))
    for provider in container.providers.values():
        provider()
    assert sorted(tmp_path.rglob("*")) == before


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
