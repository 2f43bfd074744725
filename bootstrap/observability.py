"""How log lines look and where they go."""

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bootstrap.fields import Settings
from bootstrap.settings import Configuration

SHORTEST_SECRET: Final = 6
"""Shorter texts are part of too many words to be struck out everywhere."""

_STAR: Final = "****"


def configure(configuration: Configuration, *, least: int = logging.DEBUG) -> None:
    """Send the program's own lines from LOG_LEVEL on, and warnings of what it is made of, to standard error.

    `least` is a level below which nothing is told, whatever the settings say. A secret of the settings that found its
    way into a line is struck out.
    """
    settings = configuration.settings
    level = max(logging.getLevelNamesMapping()[settings.level], least)
    told: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    structlog.configure(
        processors=[*told, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=told,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_written(settings),
                _StruckOut(_secrets(configuration)),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("huiyi").setLevel(level)
    logging.captureWarnings(capture=True)


def _written(settings: Settings) -> Sequence[Processor]:
    if settings.log_format == "json":
        return structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)
    return (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback),
    )


def _secrets(configuration: Configuration) -> Iterable[str]:
    keys = (*configuration.api_keys, *configuration.admin_api_keys, *configuration.function_variables.values())
    return (key.reveal() for key in keys)


class _StruckOut:
    """Puts stars in the place of secrets, as they are and as JSON writes them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        long = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        forms = long | {json.dumps(secret, ensure_ascii=False)[1:-1] for secret in long}
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict | str) -> str:
        """The line, rendered before, without secrets."""
        text = str(line)
        for form in self._forms:
            text = text.replace(form, _STAR)
        return text
