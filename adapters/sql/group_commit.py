"""Gathers saves that come at the same time into one transaction.

While a transaction runs, the saves that arrive wait; the next one takes them all. Nobody waits for company, and the
price of a commit is shared exactly when commits are what limits. Each save is acknowledged after its commit.
"""

import asyncio
from collections import deque
from functools import partial
from typing import NamedTuple

from adapters.sql.database import Database
from adapters.sql.rows import Save
from adapters.sql.saving import store_group, store_one
from adapters.sql.translation import RowsRefused
from domain.errors import HuiyiError, RepositoryUnavailable


class _Waiting(NamedTuple):
    save: Save
    stored: "asyncio.Future[None]"


class GroupCommit:
    """Stores saves; a member of a group that fails takes no other down. `largest` bounds a group."""

    def __init__(self, database: Database, *, largest: int = 64) -> None:
        self._database = database
        self._largest = largest
        self._queue: deque[_Waiting] = deque()
        self._flushes = 0

    async def store(self, save: Save) -> None:
        """Return when the save is committed; ConversationConflict or RepositoryUnavailable when it is not.

        A cancelled caller leaves at once; what has not begun by then is not stored.
        """
        stored = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(save, stored))
        if self._flushes < self._database.writers:
            self._flushes += 1
            self._database.start(self._flush())
        await stored

    async def _flush(self) -> None:
        try:
            while group := self._next_group():
                await self._store(group)
        finally:
            self._flushes -= 1
            if not self._flushes:  # only an interruption leaves anybody in the queue
                self._give_up()

    def _give_up(self) -> None:
        while self._queue:
            _settle(self._queue.popleft(), _interrupted())

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        while self._queue and len(group) < self._largest:
            member = self._queue.popleft()
            if not member.stored.done():
                group.append(member)
        return group

    async def _store(self, group: list[_Waiting]) -> None:
        try:
            await self._database.write(partial(store_group, saves=[member.save for member in group]))
        except RowsRefused:
            for member in group:
                await self._store_alone(member)
        except RepositoryUnavailable as error:
            for member in group:
                _settle(member, _again(error))
        else:
            for member in group:
                _settle(member)
        finally:
            for member in group:
                _settle(member, _interrupted())

    async def _store_alone(self, member: _Waiting) -> None:
        try:
            await self._database.write(partial(store_one, save=member.save))
        except HuiyiError as error:
            _settle(member, error)
        else:
            _settle(member)


def _settle(member: _Waiting, error: HuiyiError | None = None) -> None:
    """Tell the caller, unless it was told or has left."""
    if member.stored.done():
        return
    if error is None:
        member.stored.set_result(None)
    else:
        member.stored.set_exception(error)


def _interrupted() -> RepositoryUnavailable:
    return RepositoryUnavailable("the save was interrupted; whether it is stored is not known")


def _again(error: RepositoryUnavailable) -> RepositoryUnavailable:
    """An error of one's own: one that several tasks raise mixes up their tracebacks."""
    own = RepositoryUnavailable(error.message)
    own.__cause__ = error
    return own
