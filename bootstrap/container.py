"""Which part is made of what: the only file that names the adapters behind the ports.

Nothing here waits or reads; `bootstrap.lifespan` opens what needs opening. No async `Resource`: everything behind one
becomes a Future, and only under the profile that selects it.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from dependency_injector import containers, providers

from adapters.absent.embedder import AbsentEmbedder
from adapters.absent.entity_extractor import AbsentEntityExtractor
from adapters.absent.knowledge_base import AbsentKnowledgeBase
from adapters.absent.language_model import AbsentLanguageModel
from adapters.caching.conversations import CachedConversations
from adapters.catalogue_files.reading import read_catalogue
from adapters.clock.system import SystemClock
from adapters.functions_http.functions import HttpFunctions
from adapters.http.use_cases import UseCases
from adapters.local_duckling.extractor import LocalDuckling
from adapters.local_embedding.sentence_encoder import SentenceEncoder
from adapters.local_knowledge.knowledge_base import LocalKnowledgeBase
from adapters.local_lexicon.extractor import LexiconExtractor
from adapters.local_nlu.recogniser import LocalRecogniser
from adapters.memory.cache import MemoryCache
from adapters.memory.events import MemoryEvents
from adapters.memory.locks import MemoryLocks
from adapters.sql.catalogues import SqlCatalogues
from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from adapters.sql.invocations import SqlInvocations
from adapters.sql.upgrading import current_revision, head_revision
from adapters.telemetry.extractor import ObservedExtractor
from adapters.telemetry.failures import StructlogFailureLog
from adapters.telemetry.functions import ObservedFunctions
from adapters.telemetry.knowledge import ObservedKnowledgeBase
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.recogniser import ObservedRecogniser
from adapters.telemetry.requests import ObservedRequests
from adapters.telemetry.turns import ObservedTurns
from application.carry_out import CarryOut
from application.catalogue_library import CatalogueLibrary
from application.check_health import CheckHealth
from application.delete_conversation import DeleteConversation
from application.handle_turn import HandleTurn
from application.perform import Perform
from application.publish_catalogue import PublishCatalogue
from application.read_conversation import ReadConversation
from application.settle_invocations import SettleInvocations
from application.understand import Understand
from bootstrap.probes import probes_of
from bootstrap.settings import Configuration, Secret


def _revealed(variables: Mapping[str, Secret]) -> dict[str, str]:
    return {name: secret.reveal() for name, secret in variables.items()}


class Container(containers.DeclarativeContainer):
    """Everything the service consists of, each part made when first asked for.

    A part that is optional and does not start is overridden with its absence, before anything that uses it is made.
    """

    configuration = providers.Dependency(instance_of=Configuration)
    settings = configuration.provided.settings
    absences = providers.Singleton(dict[str, str])
    cache_folder = providers.Callable(Path, settings.data_dir, "cache")
    migrate = providers.Object(True)  # noqa: FBT003 - the constructor names it

    # driven adapters
    clock = providers.Singleton(SystemClock)
    metrics = providers.Singleton(Metrics)
    cache = providers.Singleton(MemoryCache)
    locks = providers.Singleton(MemoryLocks)
    events = providers.Singleton(MemoryEvents)
    database = providers.Singleton(
        Database, settings.database, migrate=migrate, synchronous=settings.sqlite_synchronous
    )
    catalogues = providers.Singleton(SqlCatalogues, database)
    invocations = providers.Singleton(SqlInvocations, database)
    conversations = providers.Singleton(CachedConversations, providers.Singleton(SqlConversations, database), cache)
    catalogue_in_file = providers.Callable(read_catalogue, providers.Callable(Path, settings.catalogue_file))

    absent_embedder = providers.Singleton(AbsentEmbedder)
    embedder = providers.Selector(settings.embedder, local=providers.Singleton(SentenceEncoder), none=absent_embedder)
    absent_entities = providers.Singleton(AbsentEntityExtractor)
    entities = providers.Selector(
        settings.entity_extractor, local=providers.Singleton(LocalDuckling), none=absent_entities
    )
    lexicon = providers.Singleton(LexiconExtractor)
    absent_knowledge_base = providers.Singleton(AbsentKnowledgeBase)
    knowledge_base = providers.Selector(
        settings.knowledge_base,
        local=providers.Singleton(
            LocalKnowledgeBase, providers.Callable(Path, settings.knowledge_dir), embedder, cache=cache_folder
        ),
        none=absent_knowledge_base,
    )
    language_model = providers.Singleton(AbsentLanguageModel)
    recogniser = providers.Singleton(LocalRecogniser, embedder, folder=cache_folder)
    functions = providers.Singleton(
        HttpFunctions, providers.Callable(_revealed, configuration.provided.function_variables)
    )

    # use cases
    understand = providers.Singleton(
        Understand,
        recogniser=providers.Singleton(ObservedRecogniser, recogniser, metrics=metrics),
        extractors=providers.List(
            providers.Singleton(ObservedExtractor, entities, metrics=metrics, name="duckling"),
            providers.Singleton(ObservedExtractor, lexicon, metrics=metrics, name="lexicon"),
        ),
    )
    library = providers.Singleton(CatalogueLibrary, catalogues=catalogues, understand=understand)
    perform = providers.Singleton(
        Perform,
        knowledge=providers.Singleton(ObservedKnowledgeBase, knowledge_base, metrics=metrics),
        functions=providers.Singleton(ObservedFunctions, functions, metrics=metrics),
    )
    carry_out = providers.Singleton(CarryOut, conversations=conversations, perform=perform, clock=clock)
    handle_turn = providers.Singleton(
        HandleTurn,
        conversations=conversations,
        library=library,
        locks=locks,
        clock=clock,
        understand=understand,
        perform=perform,
        carry_out=carry_out,
    )
    read_conversation = providers.Singleton(ReadConversation, conversations=conversations)
    delete_conversation = providers.Singleton(
        DeleteConversation, conversations=conversations, locks=locks, read=read_conversation
    )
    publish_catalogue = providers.Singleton(
        PublishCatalogue, catalogues=catalogues, library=library, events=events, clock=clock
    )
    settle_invocations = providers.Singleton(
        SettleInvocations,
        invocations=invocations,
        conversations=conversations,
        library=library,
        locks=locks,
        clock=clock,
        perform=perform,
        carry_out=carry_out,
    )

    check_health = providers.Singleton(
        CheckHealth,
        probes=providers.Callable(
            probes_of,
            settings=settings,
            absences=absences,
            clock=clock,
            library=library,
            revision=providers.Factory(partial, current_revision, database),
            wanted_revision=head_revision(),
            embedder=embedder,
            entities=entities,
            knowledge_base=knowledge_base,
            functions=functions,
            cache=cache,
            locks=locks,
            events=events,
        ),
    )

    # what the edges are given
    failure_log = providers.Singleton(StructlogFailureLog, metrics=metrics)
    observed_requests = providers.Singleton(ObservedRequests, metrics)
    use_cases = providers.Singleton(
        UseCases,
        handle_turn=providers.Singleton(ObservedTurns, handle_turn, metrics=metrics),
        read_conversation=read_conversation,
        delete_conversation=delete_conversation,
        check_health=check_health,
        catalogue=library.provided.version,
    )
