"""The service that most of these tests talk to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.application.assembling import Service, service_on


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with service_on(tmp_path) as service:
        yield service
