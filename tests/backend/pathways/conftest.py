"""A referral that has been received, on a Tuesday noon."""

import pytest

from infra.dev.clock import Clock
from support.casework import Started, referral
from support.partnership import Partnership
from support.scene import coming


@pytest.fixture
async def started(herts: Partnership, clock: Clock) -> Started:
    await clock.freeze(coming(weekday=1, hour=12))
    return await referral(herts)
