"""The vendor's cluster client, made to bear with a node that is silent."""

from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

_Names = list[tuple[str, int]]


class PatientCluster(RedisCluster):
    """Sends commands whose first word is their key.

    When a node does not answer, the vendor asks the nodes for the layout again. It asks any of them first, the silent
    one perhaps, and then that one for the keys of commands. This one asks it last, and knows the keys.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands_parser = _FirstWord()  # type: ignore[assignment] # the client asks no more of it
        self._silent: str | None = None

    async def initialize(
        self, additional_startup_nodes_info: _Names | None = None, last_failed_node_name: str | None = None
    ) -> RedisCluster:
        """Ask for the layout, when it is not known any more."""
        return await super().initialize(additional_startup_nodes_info, last_failed_node_name or self._silent)

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        """Send a command to the node of its key."""
        try:
            return await super().execute_command(*words, **options)
        except (RedisConnectionError, RedisTimeoutError) as error:
            self._silent = getattr(error, "last_failed_node_name", self._silent)
            raise


class _FirstWord:
    """Where the key of a command is. Nobody need be asked."""

    async def initialize(self, node: object = None) -> None:
        """Nothing to do."""

    async def get_keys(self, *command: Any) -> tuple[Any, ...]:
        """The word after the command."""
        return command[1:2]
