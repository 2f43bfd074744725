"""A large language model."""

from abc import abstractmethod
from collections.abc import AsyncGenerator
from typing import Protocol

from domain.values import Unavailable, Value


class Prompt(Value, frozen=True, kw_only=True):
    """Instructions, the user's part, and the JSON schema of the answer (a JSON text) where one is wanted."""

    system: str
    user: str
    json_schema: str = ""
    max_tokens: int = 512


class Completion(Value, frozen=True):
    """The model's text and what it cost."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LanguageModel(Protocol):
    """Completes prompts. Its answers are proposals: callers check them before acting."""

    @abstractmethod
    async def complete(self, prompt: Prompt, *, deadline: float) -> Completion | Unavailable:
        """The answer within `deadline` seconds, or why there is none. Never raises for an outage.

        Safe to repeat; cancelling stops the work.
        """

    @abstractmethod
    def stream(self, prompt: Prompt, *, deadline: float) -> AsyncGenerator[str | Completion | Unavailable, None]:
        """The answer piece by piece as it is made, then the whole of it. Never raises for an outage.

        No piece is empty. The last item is the Completion, whose text is the pieces joined, or Unavailable, which
        makes the pieces before it void; nothing else ends it. All of it, the reader's own time included, within
        `deadline` seconds. Safe to repeat; cancelling stops the work, and so does closing the generator, which a
        reader who leaves early must do (`contextlib.aclosing`).
        """
