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
