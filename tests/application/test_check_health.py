"""How each part of the service is, and the whole."""

import asyncio

import pytest

from application.check_health import CheckHealth, PartHealth, PartState
from tests.doubles.scripted_runtime import ScriptedProbe


def part(name: str, state: PartState, *, required: bool = False) -> PartHealth:
    return PartHealth(name, state, "a kind", required=required)


def checks(*parts: PartHealth) -> CheckHealth:
    return CheckHealth(probes={part.part: ScriptedProbe(part) for part in parts})


@pytest.mark.parametrize(
    ("optional", "required", "whole"),
    [
        ("ok", "ok", "ok"),
        ("not_configured", "ok", "ok"),
        ("degraded", "ok", "degraded"),
        ("down", "ok", "degraded"),
        ("ok", "degraded", "degraded"),
        ("ok", "down", "down"),
        ("down", "down", "down"),
    ],
)
async def test_the_whole_is_as_well_as_its_parts_let_it_be(
    optional: PartState, required: PartState, whole: str
) -> None:
    health = await checks(part("model", optional), part("repository", required, required=True))()
    assert health.state == whole


async def test_parts_come_in_the_order_they_were_named() -> None:
    parts = tuple(part(name, "ok") for name in ("repository", "cache", "model"))
    assert (await checks(*parts)()).parts == parts


async def test_a_service_without_parts_is_well() -> None:
    health = await checks()()
    assert (health.state, health.parts) == ("ok", ())


async def test_parts_are_looked_at_all_at_once() -> None:
    arrived = asyncio.Barrier(3)

    class Meeting(ScriptedProbe):
        async def __call__(self) -> PartHealth:
            await arrived.wait()
            return await super().__call__()

    check = CheckHealth(probes={str(number): Meeting(part(str(number), "ok")) for number in range(3)})
    async with asyncio.timeout(2):
        assert (await check()).state == "ok"
