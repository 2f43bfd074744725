"""Saves turns until it is killed; says on standard output what was acknowledged. Run by test_sql_saving.py."""

import asyncio
import os
import sys

from adapters.sql.conversations import SqlConversations
from adapters.sql.database import Database
from tests.contracts.stored_values import conversation, invocation, turn


async def write(keeper: SqlConversations, name: str) -> None:
    for version in range(1, 1_000_000):
        call = invocation(f"{name}-{version}", name, version)
        await keeper.save(conversation(name, version), turn=turn(name, version), invocations=[call])
        os.write(1, f"{name} {version}\n".encode())


async def main(url: str) -> None:
    async with Database(url) as database:
        keeper = SqlConversations(database)
        await asyncio.gather(*(write(keeper, f"c{n}") for n in range(12)))


asyncio.run(main(sys.argv[1]))
