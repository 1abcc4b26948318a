"""How a partnership counts working days from what it receives; no source settles it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from tenants.calendars.working_days import Calendar


class DayOne(StrEnum):
    """Which day is the first of the working days, for an item received on a working day in hours."""

    NEXT_WORKING_DAY = "next_working_day"
    SAME_DAY = "same_day"


@dataclass(frozen=True, slots=True)
class ReceiptRule:
    """Which day counts as received, and which is day one.

    With no cut-off an item keeps the date on which it came, and day one is the next working day after it, or
    that same day when `day_one` says so and it is worked: a referral of Saturday has Monday as day one.

    A cut-off is a local wall time, the first moment that is too late. It deems an item that came at or after
    it, or on a day that is not worked, to have come on the next working day; `day_one` then counts from
    there. That lengthens the limit, so the record must show who decided it.
    """

    cut_off: time | None = None
    day_one: DayOne = DayOne.NEXT_WORKING_DAY

    def __post_init__(self) -> None:
        if self.cut_off is not None and self.cut_off.tzinfo is not None:
            raise ValueError("A cut-off is a local wall time and carries no time zone.")

    def received_on(self, came: datetime, calendar: Calendar) -> date:
        """The local date on which an item that `came` at an instant counts as received."""
        if self.cut_off is None:
            return calendar.local_day(came)
        local = calendar.local(came)
        if local.time() >= self.cut_off:
            return calendar.next_working_day(local.date())
        return calendar.first_working_day(local.date())


UNADJUSTED_RECEIPT = ReceiptRule()
