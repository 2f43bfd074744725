"""The tables. `migrations` creates them; a test compares the two."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

metadata = MetaData()

_MYSQL = ("mysql", "mariadb")


def _name(length: int) -> TypeEngine[str]:
    """An identifier, compared code point by code point on every engine."""
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return String(length).with_variant(exact, *_MYSQL)


_TITLE = String(255).with_variant(mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_unicode_ci"), *_MYSQL)
# Text, not a JSON type: MySQL's reorders keys, and the order in which slots are declared has a meaning.
_DOCUMENT = Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), *_MYSQL)
# UTC without a zone.
_INSTANT = DateTime().with_variant(mysql.DATETIME(fsp=6), *_MYSQL)

conversations = Table(
    "conversations",
    metadata,
    Column("id", _name(64), primary_key=True),
    Column("user_id", _name(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("state", _DOCUMENT, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    Index("idx_conversations_user_id", "user_id"),
    Index("idx_conversations_created_at", "created_at"),
)

turns = Table(
    "turns",
    metadata,
    Column(
        "conversation_id", _name(64), ForeignKey("conversations.id", name="fk_turns_conversation"), primary_key=True
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("message_id", _name(128)),
    Column("document", _DOCUMENT, nullable=False),
    Column("at", _INSTANT, nullable=False),
    UniqueConstraint("conversation_id", "message_id", name="uq_turns_message_id"),
)

invocations = Table(
    "invocations",
    metadata,
    Column("key", _name(64), primary_key=True),
    Column("conversation_id", _name(64), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("function", _name(128), nullable=False),
    Column("status", _name(16), nullable=False),
    Column("document", _DOCUMENT, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Index("idx_invocations_status_created_at", "status", "created_at"),
)

catalogue_versions = Table(
    "catalogue_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", _name(64), nullable=False),
    Column("document", _DOCUMENT, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
)

intents = Table(
    "intents",
    metadata,
    Column(
        "catalogue_version",
        Integer,
        ForeignKey("catalogue_versions.version", name="fk_intents_catalogue_version"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("name", _name(128), primary_key=True),
    Column("title", _TITLE, nullable=False),
    Index("idx_intents_name", "name"),
)
