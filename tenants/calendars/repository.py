"""A partnership's calendar, from the national list and its own closure days."""

from datetime import date
from functools import cache
from typing import Final

from backend.kit.session import TenantSession
from tenants.calendars.working_days import Calendar, england_bank_holidays
from tenants.partnerships import repository as partnerships

CLOSURE_DAYS: Final = "closure_days"
"""The setting that lists, as ISO dates, the days on which the partnership's agencies do not work."""


async def calendar(session: TenantSession, zone: str) -> Calendar:
    """The partnership's calendar with its days in ``zone``, for every year from 2000 to 2100."""
    found = await partnerships.settings(session, [CLOSURE_DAYS])
    closed = frozenset(date.fromisoformat(day) for day in found.get(CLOSURE_DAYS, []))
    return Calendar(zone, _bank_holidays(), closed)


@cache
def _bank_holidays() -> frozenset[date]:
    return england_bank_holidays(range(2000, 2101))
