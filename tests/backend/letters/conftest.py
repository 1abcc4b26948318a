"""An enquiry with a child, and people of whom some may see less than others."""

import httpx
import pytest

from infra.dev.clock import Clock
from support.meetings import FRIDAY, Enquiry, enquiry
from support.partnership import Partnership
from support.scene import Phones, forget_daily_work


@pytest.fixture
async def started(herts: Partnership, clock: Clock) -> Enquiry:
    await forget_daily_work(herts)
    await clock.freeze(FRIDAY)
    return await enquiry(herts)


@pytest.fixture
def phones(carrier: httpx.Client) -> Phones:
    return Phones(carrier)
