"""A large language model."""

from abc import abstractmethod
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
