"""Called by Alembic: runs the revisions on the connection that the configuration carries."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
