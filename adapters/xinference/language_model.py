"""A language model that is asked over HTTP."""

import secrets
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from functools import partial
from types import TracebackType
from typing import Final, Self

from adapters.rest.caller import Limits
from adapters.xinference.chat import EMPTY, chat_request, completion_in
from adapters.xinference.chat_stream import ChatStream
from adapters.xinference.models import Models
from adapters.xinference.server import NOT_RUNNING, caller
from domain.ports.language_model import Completion, LanguageModel, Prompt
from domain.values import Unavailable

PROBE_SECONDS: Final = 10.0
LIMITS: Final = Limits(at_once=8, waiting=32, answer_bytes=8 << 20)

_PROBE = Prompt(system="", user="1", max_tokens=1)
_RANDOM = secrets.SystemRandom()


class XinferenceLanguageModel(LanguageModel):
    """Chat completions of Xinference or a server like it, within the `async with` block.

    `model` is the name that requests carry (Xinference's uid); without one the only model that can chat is taken.
    Besides the codes of RestCaller there are `too_long` (the prompt does not fit), `empty` (no answer but thoughts) and
    `not_configured` (several models to choose from). A JSON schema is passed on, and some engines pay no heed to it.
    Tokens that the server did not count are 0. Raises SettingsInvalid for an address or key that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str = "",
        api_key: str = "",
        temperature: float = 0.0,
        top_p: float = 1.0,
        limits: Limits = LIMITS,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._named = bool(model)
        self._monotonic = monotonic
        self._temperature = temperature
        self._top_p = top_p
        self._caller = caller(
            "language model", base_url, api_key, limits=limits, tls=tls, monotonic=monotonic, jitter=jitter
        )
        self._models = Models(self._caller, model)

    async def __aenter__(self) -> Self:
        """Open the connections; nothing is asked yet."""
        await self._caller.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._caller.__aexit__(kind, error, trace)

    async def complete(self, prompt: Prompt, *, deadline: float) -> Completion | Unavailable:
        """The answer without the model's thoughts. Asks again once where the server was busy or failed."""
        ends = self._monotonic() + deadline
        model = await self._models.pick(deadline=deadline)
        if isinstance(model, Unavailable):
            return model
        request = chat_request(prompt, model, temperature=self._temperature, top_p=self._top_p, stream=False)
        if isinstance(request, Unavailable):
            return request
        read = partial(completion_in, model=model, max_tokens=prompt.max_tokens)
        answer = await self._caller.call(request, read, deadline=ends - self._monotonic())
        self._heed(answer)
        return answer

    async def stream(self, prompt: Prompt, *, deadline: float) -> AsyncGenerator[str | Completion | Unavailable, None]:
        """The answer piece by piece, without the model's thoughts. Asks again once, until the first piece.

        Xinference's transformers engine may give U+FFFD for a character that lies across two tokens.
        """
        ends = self._monotonic() + deadline
        model = await self._models.pick(deadline=deadline)
        if isinstance(model, Unavailable):
            yield model
            return
        request = chat_request(prompt, model, temperature=self._temperature, top_p=self._top_p, stream=True)
        if isinstance(request, Unavailable):
            yield request
            return
        listener = partial(ChatStream, model, prompt.max_tokens)
        parts = self._caller.stream(request, listener, deadline=ends - self._monotonic())
        try:
            async for part in parts:
                self._heed(part)
                yield part
        finally:
            await parts.aclose()

    async def probe(self) -> Unavailable | None:
        """Ask for one token; None when it came. Also learns how long a prompt may be."""
        ends = self._monotonic() + PROBE_SECONDS
        listed = await self._models.look(deadline=PROBE_SECONDS)
        if isinstance(listed, Unavailable) and not self._named:
            return listed
        answer = await self.complete(_PROBE, deadline=ends - self._monotonic())
        return answer if isinstance(answer, Unavailable) and answer != EMPTY else None

    def _heed(self, answer: str | Completion | Unavailable) -> None:
        if answer == NOT_RUNNING:
            self._models.forget()
