"""Which of the server's models to talk to."""

import math

import msgspec

from adapters.rest.answer import Answer, decoded
from adapters.rest.caller import RestCaller
from adapters.rest.endpoint import Request
from domain.values import Unavailable, Value

_RESERVE = 8
_LISTING = Request(path="/v1/models", method="GET", repeatable=True)


class Model(Value, frozen=True):
    """A model by the name that requests carry; `context_length` in tokens, 0 where the server does not say."""

    uid: str
    context_length: int = 0

    def cuts_at(self, max_tokens: int) -> float:
        """How many tokens of a prompt mean that some engine has cut its beginning off without a word."""
        return self.context_length - max_tokens - _RESERVE if self.context_length else math.inf


class _Listed(msgspec.Struct, frozen=True):
    """A running model. Only Xinference says more than the name."""

    id: str
    model_type: str | None = None
    model_ability: tuple[str, ...] | None = None
    context_length: int | None = None
    max_model_len: int | None = None

    @property
    def can_chat(self) -> bool:
        return self.model_type in ("LLM", None) and (self.model_ability is None or "chat" in self.model_ability)

    @property
    def model(self) -> Model:
        return Model(self.id, self.context_length or self.max_model_len or 0)


class _Listing(msgspec.Struct, frozen=True):
    data: tuple[_Listed, ...] | None


class Models:
    """The model to use: the one that was named, or the only one that can chat, found out once."""

    def __init__(self, caller: RestCaller, wanted: str) -> None:
        self._caller = caller
        self._wanted = wanted
        self._known: Model | None = None

    async def pick(self, *, deadline: float) -> Model | Unavailable:
        """The model, without asking where its name is known already."""
        if self._known is not None:
            return self._known
        return Model(self._wanted) if self._wanted else await self.look(deadline=deadline)

    async def look(self, *, deadline: float) -> Model | Unavailable:
        """The model as the server lists it now."""
        found = await self._caller.call(_LISTING, self._chosen, deadline=deadline)
        self._known = None if isinstance(found, Unavailable) else found
        return found

    def forget(self) -> None:
        """Look again next time: the model has gone."""
        self._known = None

    def _chosen(self, answer: Answer) -> Model | Unavailable:
        listing = decoded(answer.body, _Listing)
        if listing is None:
            return Unavailable("broken", "the list of models is not understood")
        able = [listed.model for listed in listing.data or () if listed.can_chat]
        fitting = [model for model in able if model.uid == self._wanted] if self._wanted else able
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = ", ".join(model.uid for model in fitting)
            return Unavailable("not_configured", f"several models can chat, name one of them: {names}")
        return Unavailable("refused", "no such model is running" if self._wanted else "no running model can chat")
