"""How the HTTP edge is set up."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class HttpSettings:
    """Everything the edge may be told.

    Without `api_keys` the API is open; without any key so are the details of health.
    `max_body_bytes` bounds a request's body, `max_input_chars` the user's text in it. A stream is never silent for
    longer than `heartbeat_seconds`.
    """

    prefix: str = "/api/v1"
    title: str = "Huiyi"
    version: str = "0.1.0"
    api_keys: frozenset[str] = field(default=frozenset(), repr=False)
    admin_api_keys: frozenset[str] = field(default=frozenset(), repr=False)
    max_body_bytes: int = 65_536
    max_input_chars: int = 2_000
    cors_origins: tuple[str, ...] = ()
    heartbeat_seconds: float = 10.0
