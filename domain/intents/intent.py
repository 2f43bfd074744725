"""What an intent is, as the designer declares it."""

from collections.abc import Mapping
from typing import Literal

from domain.names import FunctionName, IntentName, SlotName
from domain.slots.slot import OneOrMore, Slot
from domain.values import Value


class Intent(Value, frozen=True, kw_only=True):
    """Something a user wants done.

    `label` is the short name in a numbered offer (机票 for 订机票). `examples` may annotate values:
    从[北京](departure_city)出发. `counter_examples` look like the intent but are not it.
    `digression` intents never take over a task in progress: they are answered and the task goes on.
    An intent has a `function` to call, or a `response` to say, when its slots are complete.
    """

    title: str
    label: str = ""
    description: str = ""
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...] = ()
    priority: int = 0
    threshold: float | None = None
    digression: bool = False
    hand_off: bool = False
    closes: bool = False
    slots: Mapping[SlotName, Slot] = {}
    confirm: bool = False
    function: FunctionName | None = None
    response: OneOrMore = ()


class Ambiguity(Value, frozen=True, kw_only=True):
    """Utterances that fit several intents by nature (买票): what to ask and which intents to offer."""

    examples: tuple[str, ...]
    candidates: tuple[IntentName, ...]
    ask: str


class Function(Value, frozen=True, kw_only=True):
    """A business function over HTTP.

    `url`, `headers` may hold `${NAME}` variables from the settings. `arguments` maps the parameter's
    name to a slot. `timeout` is like `30s` or `500ms`. `retries` counts further tries of what certainly
    did not happen. `success` and `failure` are texts with `{slot}` and `{result field}` variables.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    url: str
    headers: Mapping[str, str] = {}
    arguments: Mapping[str, SlotName] = {}
    timeout: str = "30s"
    retries: int = 0
    idempotent: bool = False
    success: OneOrMore
    failure: OneOrMore = ()

    @property
    def timeout_seconds(self) -> float:
        """`timeout` in seconds."""
        if self.timeout.endswith("ms"):
            return float(self.timeout[:-2]) / 1000
        return float(self.timeout.removesuffix("s"))
