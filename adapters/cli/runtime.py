"""What the commands need from the program they belong to."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from application.check_health import CheckHealth
from application.handle_turn import HandleTurn
from application.read_conversation import ReadConversation
from domain.names import Language
from domain.values import Value


class Conversing(Value, frozen=True):
    """The use cases of a conversation at the terminal, and the language of the catalogue they work with."""

    handle_turn: HandleTurn
    read_conversation: ReadConversation
    language: Language = Language("zh-CN")


class Tables(Protocol):
    """The tables of the configured database. Asking and changing them raises RepositoryUnavailable."""

    @property
    @abstractmethod
    def place(self) -> str:
        """The engine and where it is, without user and password."""

    @property
    @abstractmethod
    def revisions(self) -> tuple[str, ...]:
        """Every revision that this release knows, the oldest first; it works with the last."""

    @abstractmethod
    async def current(self) -> str | None:
        """The revision that the tables have, None where there are none."""

    @abstractmethod
    async def upgrade(self) -> None:
        """Run the migrations that are missing, while no other process does."""

    @abstractmethod
    async def downgrade(self, revision: str) -> None:
        """Take migrations back to an earlier revision, `-1` for the last one alone and `base` for all.

        Raises InvalidRequest for a revision that is none or no earlier one.
        """


class Runtime(Protocol):
    """Starts the program's parts. Each method raises SettingsInvalid with one line when the settings are wrong."""

    @abstractmethod
    def serve(self, *, host: str | None, port: int | None, env_file: Path | None) -> None:
        """Serve HTTP until told to stop."""

    @abstractmethod
    def demo(self, *, port: int, language: str) -> None:
        """Serve the demo: the service on `port` and the demo business API beside it, until told to stop."""

    @abstractmethod
    def conversing(
        self, *, catalogue: Path | None, env_file: Path | None, demo: bool
    ) -> AbstractAsyncContextManager[Conversing]:
        """The use cases on the configured parts; with `demo`, beside a demo business API.

        Entered, used and left on one event loop that does not run in the main thread (the terminal has that one),
        so it installs no signal handlers. Raises CatalogueInvalid for a catalogue file that is refused.
        """

    @abstractmethod
    def checking(self, *, env_file: Path | None) -> AbstractAsyncContextManager[CheckHealth]:
        """The health of every configured part."""

    @abstractmethod
    def storing(self, *, env_file: Path | None) -> AbstractAsyncContextManager[Tables]:
        """The tables of the configured database, as they are found. Raises RepositoryUnavailable."""
