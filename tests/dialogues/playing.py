"""Scripted conversations: read from a file, said line by line, each turn held against what it expects."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from domain.names import ConversationId
from tests.dialogues.embedded_service import Service
from tests.dialogues.expectations import Seen, differences
from tests.doubles.manual_clock import ManualClock

ZONE = ZoneInfo("Asia/Shanghai")
_BOUND_TO_FAIL = ("api_error",)
_DONE = ("completed", *_BOUND_TO_FAIL)
_YES = "确认"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the user says, `after_minutes` of silence, and what is expected then; `is_down`: the business fails."""

    user: str
    expect: Mapping[str, Any] = {}
    after_minutes: float = 0
    is_down: bool = False


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation."""

    id: str
    title: str
    turns: tuple[Line, ...]


def scripts_in(file: Path) -> Sequence[Script]:
    """The conversations of a YAML file, or of one with a JSON object a line."""
    text = file.read_bytes()
    if file.suffix == ".jsonl":
        return [msgspec.json.decode(line, type=Script) for line in text.splitlines() if line.strip()]
    return msgspec.yaml.decode(text, type=list[Script])


async def play(script: Script, service: Service, clock: ManualClock) -> list[str]:
    """Everything that goes otherwise than expected, with the line it happened at."""
    session: ConversationId | None = None
    found: list[str] = []
    for line in script.turns:
        clock.advance(line.after_minutes * 60)
        service.functions.is_down = line.is_down
        session, seen = await _said(line.user, session, service, clock)
        found += [f"{line.user!r}: {what}" for what in differences(line.expect, seen)]
    return found


async def play_confirmed(script: Script, service: Service, clock: ManualClock) -> list[str]:
    """The same for a script that leaves out the yes that a confirmation waits for, and what no service is told."""
    session: ConversationId | None = None
    found: list[str] = []
    wanted = {status for line in script.turns for status in line.expect.get("status", ())}
    service.functions.is_down = bool(wanted.intersection(_BOUND_TO_FAIL))
    for line in (line for line in script.turns if "http_status" not in line.expect):
        session, seen = await _said(line.user, session, service, clock)
        is_done = set(line.expect.get("status", ())).intersection(_DONE)
        if is_done and seen.reply.status == "awaiting_confirmation":
            session, seen = await _said(_YES, session, service, clock)
        found += [f"{line.user!r}: {what}" for what in differences(line.expect, seen)]
    return found


async def _said(
    text: str, session: ConversationId | None, service: Service, clock: ManualClock
) -> tuple[ConversationId, Seen]:
    service.functions.calls.clear()
    turn = await asyncio.wait_for(service.say(text, session), timeout=30)
    held = await service.held(turn.session_id)
    seen = Seen(turn.reply, tuple(service.functions.calls), held, clock.now().astimezone(ZONE).date())
    return turn.session_id, seen
