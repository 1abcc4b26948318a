"""England's bank holidays as they were entered. One list for all partnerships, and nothing personal in it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Identity, Index
from sqlmodel import Field

from backend.kit.tables import Row, instant, one_of


class DayEntry(StrEnum):
    """How a day came to be one, or ceased to be."""

    LISTED = "listed"
    PROCLAIMED = "proclaimed"
    WITHDRAWN = "withdrawn"


class BankHoliday(Row, table=True):
    """One entry about one day; the one with the highest ``number`` of a day holds. Never altered.

    ``checksum`` is the SHA-256 of what was read from ``source`` when it was fetched: of the whole list, as
    ``tenants.calendars.bank_holidays.checksum`` writes it out, or of the one day that was entered by hand.
    """

    __table_args__ = (Index(None, "day", "number"), {"schema": "routing"})

    number: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)]
    )
    day: date
    name: str = Field(max_length=120)
    entry: DayEntry = one_of(DayEntry)
    source: str = Field(max_length=200)
    fetched_at: datetime = instant()
    checksum: str = Field(max_length=64)
