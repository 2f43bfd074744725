"""Whom the terminal talks to."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.cli.conversing import Interlocutor
from adapters.cli.in_process import in_process
from adapters.cli.over_http import checked_url, over_http
from adapters.cli.runtime import Runtime
from domain.errors import InvalidRequest


def partner_here(
    runtime: Runtime, *, catalogue: Path | None, env_file: Path | None, demo: bool, user: str
) -> AbstractAsyncContextManager[Interlocutor]:
    """The use cases, on parts that start with the conversation and end with it."""
    return in_process(runtime.conversing(catalogue=catalogue, env_file=env_file, demo=demo), user=user)


def partner_there(
    url: str, *, api_key: str | None, user: str, language: str | None
) -> AbstractAsyncContextManager[Interlocutor]:
    """A running service. Raises InvalidRequest for an address that is none or a key's file that cannot be read."""
    return over_http(checked_url(url), user=user, api_key=_read_key(api_key), language=language)


def _read_key(api_key: str | None) -> str | None:
    """The key itself, or with a leading @ the content of a file: arguments are seen by everybody on the machine."""
    if api_key is None or not api_key.startswith("@"):
        return api_key
    try:
        return Path(api_key[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"--api-key {api_key}: the file cannot be read ({error})") from error
