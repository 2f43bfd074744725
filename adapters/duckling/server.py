"""Duckling's example server (facebook/duckling), or one that speaks as it does."""

import json
import secrets
import ssl
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlencode

import msgspec

from adapters.rest.answer import Answer, decoded
from adapters.rest.caller import Limits, RestCaller
from adapters.rest.endpoint import Endpoint, Request
from domain.values import Unavailable

LIMITS: Final = Limits(at_once=8, waiting=64, connect_seconds=0.3, fair_seconds=0.1, answer_bytes=256 << 10)

_ZONE: Final = "UTC"
"""Zones are left to the callers: the server knows those of its own machine only, and takes UTC for any other."""
_RANDOM = secrets.SystemRandom()


class DucklingServer:
    """Passes texts on to a Duckling server, within the `async with` block.

    The codes are those of RestCaller. A text that keeps the server busy for long is a time-out, and several in a row
    leave the server alone for a while, which it may need. Raises SettingsInvalid for an address that is none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        limits: Limits = LIMITS,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        endpoint = Endpoint("entity extractor", base_url)
        self._caller = RestCaller(endpoint, limits=limits, tls=tls, monotonic=monotonic, jitter=jitter)

    async def __aenter__(self) -> Self:
        """Open the connections; nothing is asked yet."""
        await self._caller.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._caller.__aexit__(kind, error, trace)

    async def parse(
        self, text: str, *, locale: str, dims: Sequence[str], now: int, deadline: float
    ) -> bytes | Unavailable:
        """A JSON list of entities, offsets in code points of the text, or why there is none.

        `locale` is like `zh_CN`, with one underscore: anything else is taken for English without a word. `dims` names
        at least one dimension: none at all means every one. `now` is in seconds since 1970 and times come in UTC.
        Lone surrogates are sent as question marks.
        """
        fields = {
            "locale": locale,
            "tz": _ZONE,
            "reftime": str(now * 1000),
            "dims": json.dumps([*dims]),
            "text": text,
        }
        request = Request(
            path="/parse",
            body=urlencode(fields, errors="replace").encode(),
            content_type="application/x-www-form-urlencoded",
            repeatable=True,
        )
        return await self._caller.call(request, _list_in, deadline=deadline)


def _list_in(answer: Answer) -> bytes | Unavailable:
    """The body, if it is a list: an error while the answer is made leaves it empty or cut."""
    if decoded(answer.body, list[msgspec.Raw]) is None:
        return Unavailable("broken", "the answer is no list of entities")
    return answer.body
