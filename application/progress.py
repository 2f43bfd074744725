"""What can be seen of a turn while it is worked on."""

from abc import abstractmethod
from typing import Final, Literal, Protocol

Stage = Literal["understanding", "answering", "acting", "saving"]


class Progress(Protocol):
    """Watches a turn. Called on the turn's way, so neither method may wait or raise."""

    @abstractmethod
    def stage(self, name: Stage) -> None:
        """The turn has come to a stage: `acting` before each function call, `saving` before each save."""

    @abstractmethod
    def piece(self, text: str) -> None:
        """The next piece of the knowledge base's answer. Only the reply says what the answer is in the end."""


class _Unseen(Progress):
    """Nobody watches."""

    def stage(self, name: Stage) -> None:
        """Goes unnoticed."""

    def piece(self, text: str) -> None:
        """Goes unnoticed."""


UNSEEN: Final[Progress] = _Unseen()
