"""Published catalogues."""

import hashlib
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select

from adapters.sql.database import Database
from adapters.sql.documents import Document, utc
from adapters.sql.schema import catalogue_versions, intents
from adapters.sql.translation import Collision
from domain.errors import RepositoryUnavailable
from domain.intents.catalogue import Catalogue, PublishedCatalogue
from domain.names import CatalogueVersion
from domain.ports.catalogues import Catalogues

_CATALOGUE = Document(Catalogue)
_COLUMNS = (catalogue_versions.c.version, catalogue_versions.c.digest, catalogue_versions.c.document)
_CURRENT = select(*_COLUMNS).order_by(catalogue_versions.c.version.desc()).limit(1)
_GET = select(*_COLUMNS).where(catalogue_versions.c.version == bindparam("version"))
_ADD = insert(catalogue_versions)
_ADD_INTENTS = insert(intents)
_ATTEMPTS = 32


class _Draft(NamedTuple):
    """A catalogue, encoded. Declaring slots in another order gives another digest: they are asked in that order."""

    catalogue: Catalogue
    text: str
    digest: str
    at: datetime

    def add(self, connection: Connection, version: int) -> None:
        """Store under a number; a taken one violates the key."""
        row = {"version": version, "digest": self.digest, "document": self.text, "created_at": utc(self.at)}
        connection.execute(_ADD, row)
        titles = [
            {"catalogue_version": version, "name": name, "title": intent.title[:255]}
            for name, intent in self.catalogue.intents.items()
        ]
        if titles:
            connection.execute(_ADD_INTENTS, titles)


class _Stored(NamedTuple):
    """A row of `catalogue_versions`."""

    version: int
    digest: str
    text: str

    def published(self) -> PublishedCatalogue:
        """The value it holds."""
        return PublishedCatalogue(CatalogueVersion(self.version), _CATALOGUE.value(self.text))


def _last(connection: Connection) -> _Stored | None:
    row = connection.execute(_CURRENT).one_or_none()
    return None if row is None else _Stored(*row)


class SqlCatalogues(Catalogues):
    """Catalogues in a database, which is open for as long as they are used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def publish(self, catalogue: Catalogue, *, at: datetime) -> PublishedCatalogue:
        """Take the next number, and the one after it when another publisher was quicker."""
        text = _CATALOGUE.text(catalogue)
        draft = _Draft(catalogue, text, hashlib.sha256(text.encode()).hexdigest(), at)
        for _ in range(_ATTEMPTS):
            last = await self._database.read(_last)
            if last is not None and last.digest == draft.digest:
                return last.published()
            version = 1 if last is None else last.version + 1
            try:
                await self._database.write(partial(draft.add, version=version))
            except Collision:
                continue
            return PublishedCatalogue(CatalogueVersion(version), catalogue)
        raise RepositoryUnavailable("too many publishers at once")

    async def current(self) -> PublishedCatalogue | None:
        """One read."""
        last = await self._database.read(_last)
        return None if last is None else last.published()

    async def get(self, version: CatalogueVersion) -> PublishedCatalogue | None:
        """One read."""
        row = await self._database.read(lambda c: c.execute(_GET, {"version": version}).one_or_none())
        return None if row is None else _Stored(*row).published()
