"""A partnership's calendar: the national list with its own closure days, and how it counts what it receives."""

from datetime import date, time
from functools import lru_cache
from typing import Final

from backend.kit.session import TenantSession
from tenants.calendars import bank_holidays
from tenants.calendars.receipt import DayOne, ReceiptRule
from tenants.calendars.working_days import Calendar
from tenants.partnerships import repository as partnerships

CLOSURE_DAYS: Final = "closure_days"
"""The setting that lists, as ISO dates, the days on which the partnership's agencies do not work."""
RECEIPT: Final = "working_days_from_receipt"
"""The setting with ``cut_off``, a local time such as "17:00", and ``day_one``: ``next_working_day`` or ``same_day``."""


async def calendar(session: TenantSession, zone: str) -> Calendar:
    """The partnership's calendar with its days in ``zone``, for every year from 2000 to 2100."""
    return (await practice(session, zone))[0]


async def practice(session: TenantSession, zone: str) -> tuple[Calendar, ReceiptRule]:
    """The same, and how the partnership counts working days from a receipt."""
    found = await partnerships.settings(session, [CLOSURE_DAYS, RECEIPT])
    closed = closure_days(found.get(CLOSURE_DAYS, []))
    return _calendar(zone, await bank_holidays.in_force(session), closed), receipt_rule(found.get(RECEIPT, {}))


def closure_days(value: list[str]) -> frozenset[date]:
    """As written in the setting. Raises ValueError for what is no date."""
    return frozenset(date.fromisoformat(day) for day in value)


def receipt_rule(value: dict[str, str]) -> ReceiptRule:
    """As written in the setting. Raises ValueError for a time or a day one that does not exist."""
    cut_off = value.get("cut_off")
    return ReceiptRule(
        cut_off=None if cut_off is None else time.fromisoformat(cut_off),
        day_one=DayOne(value.get("day_one", DayOne.NEXT_WORKING_DAY)),
    )


@lru_cache(maxsize=256)
def _calendar(zone: str, bank_holidays: frozenset[date], closure_days: frozenset[date]) -> Calendar:
    """Kept, for putting the days off in order takes longer than counting with them."""
    return Calendar(zone, bank_holidays, closure_days)
