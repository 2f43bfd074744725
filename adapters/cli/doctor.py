"""How every configured part is, as a table."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.cli.plain_text import harmless
from adapters.cli.rendering import console
from adapters.cli.runtime import Runtime
from application.check_health import Health, PartHealth, PartState

STYLES: Final[dict[PartState, str]] = {"ok": "green", "degraded": "yellow", "down": "red", "not_configured": "dim"}


def examine(runtime: Runtime, *, env_file: Path | None) -> bool:
    """Show how the parts that the settings name are; False when a required one is down. Raises SettingsInvalid."""

    async def asked() -> Health:
        async with runtime.checking(env_file=env_file) as check:
            return await check()

    health = asyncio.run(asked())
    _show(health, console())
    return health.state != "down"


def _show(health: Health, out: Console) -> None:
    table = Table("part", "configured as", "state", "detail, and what to do")
    for part in health.parts:
        state = f"{part.state} (required)" if _is_fatal(part) else part.state
        cells = (part.part, part.kind, state, part.detail)
        table.add_row(*(Text(harmless(cell), style=STYLES[part.state]) for cell in cells))
    out.print(table)
    out.print(Text(_summary(health)), soft_wrap=not out.is_terminal)


def _summary(health: Health) -> str:
    if health.state == "ok":
        return "ok: every configured part is well"
    if health.state == "degraded":
        unwell = _named(part for part in health.parts if part.state in ("degraded", "down"))
        return f"degraded: works without the full help of {unwell}"
    return f"down: nothing works without {_named(part for part in health.parts if _is_fatal(part))}"


def _is_fatal(part: PartHealth) -> bool:
    return part.required and part.state == "down"


def _named(parts: Iterable[PartHealth]) -> str:
    return ", ".join(part.part for part in parts)
