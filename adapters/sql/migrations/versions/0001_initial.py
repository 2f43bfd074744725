"""Conversations, turns, invocations, catalogues."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

MYSQL = ("mysql", "mariadb")
TITLE = sa.String(255).with_variant(mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_unicode_ci"), *MYSQL)
DOCUMENT = sa.Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), *MYSQL)
INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), *MYSQL)


def name(length: int) -> TypeEngine[str]:
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(exact, *MYSQL)


OPTIONS: Mapping[str, Any] = {
    f"{engine}_{name}": value
    for engine in MYSQL
    for name, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}


def make(table: str, *parts: SchemaItem, indexes: Mapping[str, list[str]] = {}) -> None:
    """What is not there yet: MySQL commits each statement by itself, and whoever came before may have died half-way."""
    if not sa.inspect(op.get_bind()).has_table(table):
        op.create_table(table, *parts, **OPTIONS)
    known = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}
    for index in indexes.keys() - known:
        op.create_index(index, table, indexes[index])


def upgrade() -> None:
    make(
        "conversations",
        sa.Column("id", name(64), primary_key=True),
        sa.Column("user_id", name(128), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("state", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        indexes={"idx_conversations_user_id": ["user_id"], "idx_conversations_created_at": ["created_at"]},
    )
    make(
        "turns",
        sa.Column("conversation_id", name(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("message_id", name(128)),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_turns_conversation"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_turns_message_id"),
    )
    make(
        "invocations",
        sa.Column("key", name(64), primary_key=True),
        sa.Column("conversation_id", name(64), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("function", name(128), nullable=False),
        sa.Column("status", name(16), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        indexes={"idx_invocations_status_created_at": ["status", "created_at"]},
    )
    make(
        "catalogue_versions",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", name(64), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    make(
        "intents",
        sa.Column("catalogue_version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", name(128), primary_key=True),
        sa.Column("title", TITLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["catalogue_version"], ["catalogue_versions.version"], name="fk_intents_catalogue_version"
        ),
        indexes={"idx_intents_name": ["name"]},
    )


def downgrade() -> None:
    for table in ("intents", "catalogue_versions", "invocations", "turns", "conversations"):
        op.drop_table(table)
