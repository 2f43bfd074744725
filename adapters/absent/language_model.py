"""No language model."""

from collections.abc import AsyncGenerator

from domain.ports.language_model import Completion, LanguageModel, Prompt
from domain.values import Unavailable


class AbsentLanguageModel(LanguageModel):
    """Stands where no language model is configured."""

    async def complete(self, prompt: Prompt, *, deadline: float) -> Completion | Unavailable:  # noqa: ARG002 - the port asks for it
        """Unavailable, always and at once."""
        return Unavailable("not_configured")

    async def stream(self, prompt: Prompt, *, deadline: float) -> AsyncGenerator[str | Completion | Unavailable, None]:  # noqa: ARG002 - the port asks for it
        """Unavailable, always and at once."""
        yield Unavailable("not_configured")
