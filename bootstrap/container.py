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
from adapters.caching.embeddings import KeptEmbeddings
from adapters.caching.entities import CachedExtractor
from adapters.caching.recognition import CachedRecogniser
from adapters.catalogue_files.reading import read_catalogue
from adapters.clock.system import SystemClock
from adapters.duckling.server import DucklingServer
from adapters.falling_back.entity_extractor import FallingBackEntityExtractor
from adapters.falling_back.intent_recogniser import FallingBackRecogniser
from adapters.falling_back.knowledge_base import FallingBackKnowledgeBase
from adapters.falling_back.locks import FallingBackLocks
from adapters.functions_http.functions import HttpFunctions
from adapters.http.use_cases import UseCases
from adapters.local_duckling.extractor import LocalDuckling
from adapters.local_duckling.remote_engine import RemoteEngine
from adapters.local_embedding.sentence_encoder import SentenceEncoder
from adapters.local_knowledge.knowledge_base import LocalKnowledgeBase
from adapters.local_lexicon.extractor import LexiconExtractor
from adapters.local_nlu.recogniser import LocalRecogniser
from adapters.memory.cache import MemoryCache
from adapters.memory.events import MemoryEvents
from adapters.memory.locks import MemoryLocks
from adapters.ragflow.knowledge_base import RagflowKnowledgeBase
from adapters.ragflow.modes import Assistant, Datasets
from adapters.redis.cache import RedisCache
from adapters.redis.connection import RedisConnection
from adapters.redis.events import RedisEvents
from adapters.redis.locks import RedisLocks
from adapters.sql.catalogues import SqlCatalogues
from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from adapters.sql.invocations import SqlInvocations
from adapters.sql.tables import SqlTables
from adapters.sql.upgrading import current_revision, head_revision
from adapters.telemetry.extractor import ObservedExtractor
from adapters.telemetry.failures import StructlogFailureLog
from adapters.telemetry.functions import ObservedFunctions
from adapters.telemetry.knowledge import ObservedKnowledgeBase
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.recogniser import ObservedRecogniser
from adapters.telemetry.requests import ObservedRequests
from adapters.telemetry.turns import ObservedTurns
from adapters.xinference.embedder import XinferenceEmbedder
from adapters.xinference.language_model import XinferenceLanguageModel
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
from bootstrap import VERSION
from bootstrap.probes import probes_of
from bootstrap.secret import Secret
from bootstrap.settings import Configuration

_NONE: providers.Provider[None] = providers.Object(None)


def _revealed(secret: providers.Provider[Secret]) -> providers.Callable[str]:
    return providers.Callable(Secret.reveal, secret)


def _made_by(part: providers.Provider[str]) -> providers.Callable[str]:
    """The release and the part, whose answers another release or part must not take for its own."""
    return providers.Callable("{} {}".format, VERSION, part)


def _variables(variables: Mapping[str, Secret]) -> dict[str, str]:
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
    redis = providers.Singleton(RedisConnection, _revealed(settings.redis))
    redis_locks = providers.Singleton(RedisLocks, redis, owner=clock.provided.new_id.call())
    cache = providers.Selector(
        settings.sharing, memory=providers.Singleton(MemoryCache), redis=providers.Singleton(RedisCache, redis)
    )
    local_locks = providers.Singleton(MemoryLocks)
    locks = providers.Selector(
        settings.sharing, memory=local_locks, redis=providers.Singleton(FallingBackLocks, redis_locks, local_locks)
    )
    events = providers.Selector(
        settings.sharing, memory=providers.Singleton(MemoryEvents), redis=providers.Singleton(RedisEvents, redis)
    )
    connections = providers.Selector(settings.sharing, memory=providers.List(), redis=providers.List(redis, locks))
    database = providers.Singleton(
        Database, _revealed(settings.database), migrate=migrate, synchronous=settings.sqlite_synchronous
    )
    tables = providers.Singleton(SqlTables, database, _revealed(settings.database))
    catalogues = providers.Singleton(SqlCatalogues, database)
    invocations = providers.Singleton(SqlInvocations, database)
    conversations = providers.Singleton(CachedConversations, providers.Singleton(SqlConversations, database), cache)
    catalogue_in_file = providers.Callable(read_catalogue, providers.Callable(Path, settings.catalogue_file))

    absent_embedder = providers.Singleton(AbsentEmbedder)
    embedder = providers.Selector(
        settings.embedder,
        local=providers.Singleton(SentenceEncoder),
        xinference=providers.Singleton(
            XinferenceEmbedder,
            settings.xinference_base_url,
            model=settings.xinference_embedding_model,
            api_key=_revealed(settings.xinference_api_key),
        ),
        none=absent_embedder,
    )
    kept_embedder = providers.Singleton(KeptEmbeddings, embedder, cache_folder)

    absent_entities = providers.Singleton(AbsentEntityExtractor)
    local_duckling = providers.Singleton(LocalDuckling)
    duckling_engine = providers.Singleton(RemoteEngine, providers.Singleton(DucklingServer, settings.duckling_base_url))
    duckling_server = providers.Singleton(LocalDuckling, engine=duckling_engine)
    entities = providers.Selector(
        settings.entity_extractor,
        local=local_duckling,
        server=providers.Singleton(FallingBackEntityExtractor, duckling_server, local_duckling),
        none=absent_entities,
    )
    lexicon = providers.Singleton(LexiconExtractor)

    absent_knowledge_base = providers.Singleton(AbsentKnowledgeBase)
    local_knowledge = providers.Singleton(
        LocalKnowledgeBase, providers.Callable(Path, settings.knowledge_dir), embedder, kept=kept_embedder
    )
    ragflow = providers.Singleton(
        RagflowKnowledgeBase,
        settings.ragflow_base_url,
        _revealed(settings.ragflow_api_key),
        providers.Selector(
            settings.ragflow_mode,
            assistant=providers.Singleton(Assistant, chat_id=settings.ragflow_chat_id),
            datasets=providers.Singleton(Datasets, ids=settings.datasets),
        ),
    )
    knowledge_base = providers.Selector(
        settings.knowledge,
        local=local_knowledge,
        ragflow=ragflow,
        ragflow_then_local=providers.Singleton(FallingBackKnowledgeBase, ragflow, local_knowledge),
        none=absent_knowledge_base,
    )

    absent_language_model = providers.Singleton(AbsentLanguageModel)
    language_model = providers.Selector(
        settings.language_model,
        xinference=providers.Singleton(
            XinferenceLanguageModel,
            settings.xinference_base_url,
            model=settings.xinference_model,
            api_key=_revealed(settings.xinference_api_key),
        ),
        none=absent_language_model,
    )
    recogniser = providers.Singleton(LocalRecogniser, embedder, kept=kept_embedder)
    functions = providers.Singleton(
        HttpFunctions, providers.Callable(_variables, configuration.provided.function_variables)
    )

    # A shared cache spares the other replicas the work; in one process asking it would cost as much.
    recogniser_asked = providers.Selector(
        settings.sharing,
        memory=recogniser,
        redis=providers.Singleton(
            CachedRecogniser, recogniser, cache, made_by=_made_by(kept_embedder.provided.version)
        ),
    )
    recogniser_by_spelling = providers.Singleton(LocalRecogniser, absent_embedder)
    recogniser_falling_back = providers.Singleton(FallingBackRecogniser, recogniser_asked, recogniser_by_spelling)
    recogniser_in_use = providers.Selector(
        settings.embedder, local=recogniser_asked, none=recogniser_asked, xinference=recogniser_falling_back
    )
    entities_asked = providers.Selector(
        settings.sharing,
        memory=entities,
        redis=providers.Singleton(CachedExtractor, entities, cache, made_by=_made_by(settings.entity_extractor)),
    )

    # use cases
    understand = providers.Singleton(
        Understand,
        recogniser=providers.Singleton(ObservedRecogniser, recogniser_in_use, metrics=metrics),
        extractors=providers.List(
            providers.Singleton(ObservedExtractor, entities_asked, metrics=metrics, name="duckling"),
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

    # what health asks of servers, None where there is none
    ask_language_model = providers.Selector(
        settings.language_model, xinference=language_model.provided.probe, none=_NONE
    )
    reach_ragflow = providers.Selector(settings.knowledge_base, ragflow=ragflow.provided.reach, local=_NONE, none=_NONE)
    reach_duckling = providers.Selector(
        settings.entity_extractor, server=duckling_engine.provided.reach, local=_NONE, none=_NONE
    )
    ping_redis = providers.Selector(settings.sharing, redis=redis.provided.ping, memory=_NONE)
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
            ask_language_model=ask_language_model,
            reach_ragflow=reach_ragflow,
            reach_duckling=reach_duckling,
            ping_redis=ping_redis,
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
