"""A social worker at their desk, on a Tuesday noon."""

import pytest

from infra.dev.clock import Clock
from support.api import Door
from support.case_desk import Desk
from support.partnership import Partnership
from support.scene import coming


@pytest.fixture
async def desk(door: Door, cambs: Partnership, clock: Clock) -> Desk:
    await clock.freeze(coming(weekday=1, hour=12))
    return Desk(await door.member(cambs, "social_worker"), door, cambs)
