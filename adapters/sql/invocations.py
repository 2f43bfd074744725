"""Invocations, read only: `SqlConversations.save` writes them."""

from sqlalchemy import bindparam, select

from adapters.sql.database import Database
from adapters.sql.rows import INVOCATION
from adapters.sql.schema import invocations
from domain.dialogue.invocation import Invocation
from domain.names import InvocationKey
from domain.ports.invocations import Invocations

_GET = select(invocations.c.document).where(invocations.c.key == bindparam("key"))
_UNSETTLED = (
    select(invocations.c.document)
    .where(invocations.c.status == "pending")
    .order_by(invocations.c.created_at, invocations.c.key)
    .limit(bindparam("limit"))
)


class SqlInvocations(Invocations):
    """Invocations in a database, which is open for as long as they are used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: InvocationKey) -> Invocation | None:
        """One read."""
        text = await self._database.read(lambda c: c.execute(_GET, {"key": key}).scalar_one_or_none())
        return None if text is None else INVOCATION.value(text)

    async def unsettled(self, *, limit: int = 100) -> tuple[Invocation, ...]:
        """One read along the index."""
        page = {"limit": max(limit, 0)}
        texts = await self._database.read(lambda c: c.execute(_UNSETTLED, page).scalars().all())
        return tuple(INVOCATION.value(text) for text in texts)
