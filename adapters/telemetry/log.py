"""Where log lines go."""

from contextlib import suppress

import structlog
from structlog.typing import FilteringBoundLogger


def log() -> FilteringBoundLogger:
    """The log, as structlog is set up at this moment."""
    logger: FilteringBoundLogger = structlog.get_logger("huiyi")
    return logger


def whatever_the_sink() -> suppress:
    """Lets a log that is full or closed go unnoticed: what is being told has happened all the same."""
    return suppress(OSError, ValueError)
