"""A language model that says what a test says."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from domain.ports.language_model import Completion, LanguageModel, Prompt
from domain.values import Unavailable

Answer = str | Unavailable

PIECE_CHARACTERS = 4


class ScriptedLanguageModel(LanguageModel):
    """Gives the scripted answers one after the other, or what a function makes of the prompt.

    After the last scripted answer it is Unavailable(`script_ended`). Each answer takes `seconds`; one that would take
    longer than the deadline is Unavailable(`timeout`). `prompts` holds what was asked.
    """

    def __init__(self, script: Sequence[Answer] | Callable[[Prompt], Answer], *, seconds: float = 0.0) -> None:
        self._script = script if callable(script) else _in_turn(script)
        self._seconds = seconds
        self.prompts: list[Prompt] = []

    async def complete(self, prompt: Prompt, *, deadline: float) -> Completion | Unavailable:
        """The next answer; a token is counted for each word or character."""
        self.prompts.append(prompt)
        answer = self._script(prompt)
        await asyncio.sleep(min(self._seconds, deadline))
        if self._seconds > deadline:
            return Unavailable("timeout")
        if isinstance(answer, Unavailable):
            return answer
        return Completion(answer, len(prompt.system) + len(prompt.user), len(answer))

    async def stream(self, prompt: Prompt, *, deadline: float) -> AsyncGenerator[str | Completion | Unavailable, None]:
        """The next answer, a few characters at a time once the time it takes is over."""
        answer = await self.complete(prompt, deadline=deadline)
        if isinstance(answer, Completion):
            for start in range(0, len(answer.text), PIECE_CHARACTERS):
                yield answer.text[start : start + PIECE_CHARACTERS]
        yield answer


def _in_turn(answers: Sequence[Answer]) -> Callable[[Prompt], Answer]:
    remaining = iter(answers)
    return lambda _prompt: next(remaining, Unavailable("script_ended"))
