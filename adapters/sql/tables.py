"""The tables as an operator sees them: where they are, and of which revision."""

from adapters.sql.database import Database
from adapters.sql.engines import place_of
from adapters.sql.upgrading import current_revision, downgrade, upgrade


class SqlTables:
    """The tables of a database, which is open for as long as they are worked on.

    Every method but `revisions` raises RepositoryUnavailable.
    """

    def __init__(self, database: Database, url: str) -> None:
        self._database = database
        self._url = url

    @property
    def place(self) -> str:
        """The engine and where it is; neither user nor password."""
        url = place_of(self._url).url
        engine = url.get_backend_name()
        if engine == "sqlite":
            return f"{engine} in {url.database or 'memory'}"
        host = f"[{url.host}]" if ":" in (url.host or "") else url.host
        return f"{engine} at {host}:{url.port or 3306}, database {url.database}"

    @property
    def revisions(self) -> tuple[str, ...]:
        """Every revision that this release knows, the oldest first; it works with the last."""
        from adapters.sql.migrations.running import revisions  # noqa: PLC0415 - Alembic takes about 0.1 s to import

        return revisions()

    async def current(self) -> str | None:
        """The revision that the tables have, None where there are none."""
        return await current_revision(self._database)

    async def upgrade(self) -> None:
        """Run the migrations that are missing, while no other process does."""
        await upgrade(self._database)

    async def downgrade(self, revision: str) -> None:
        """Take migrations back; InvalidRequest for a revision that is none or no earlier one."""
        await downgrade(self._database, revision)
