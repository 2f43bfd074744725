"""Settings, wiring and life cycle: the only place that names concrete adapters."""

from typing import Final

VERSION: Final = "0.1.0"
"""Also in pyproject.toml. Asking the installed package would cost every command the time it takes to find it."""
