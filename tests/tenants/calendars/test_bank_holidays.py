"""The national list as rows: whence it comes, and days that an operator enters or takes back."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.database import make_engine
from backend.kit.problems import Conflict, Invalid
from support.partnership import Partnership
from tenants.calendars import bank_holidays, repository
from tenants.calendars.working_days import england_bank_holidays

DAY, MOVED = date(2027, 6, 11), date(2027, 5, 3)
GAZETTE = "The Gazette, issue 1"


@pytest.fixture
async def owner(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(environment["DATABASE_OWNER_URL"], pool_size=1)
    yield engine
    await engine.dispose()
    bank_holidays.forget()


async def recounts(owner: AsyncEngine) -> list[UUID]:
    """Recounts that are owed."""
    async with owner.connect() as connection:
        found = await connection.scalars(text("SELECT id FROM routing.task WHERE actor = 'recount_working_days'"))
        return sorted(found)


async def observed(partnership: Partnership) -> frozenset[date]:
    async with partnership.session() as session:
        return (await repository.calendar(session, "Europe/London")).bank_holidays


async def test_the_rows_are_govuks_days_with_source_and_checksum(owner: AsyncEngine, cambs: Partnership) -> None:
    entries = await bank_holidays.entries(owner, date(2000, 1, 1), date(2100, 12, 31))
    assert {entry.day for entry in entries} == england_bank_holidays(range(2000, 2101)) == await observed(cambs)
    listed = BankHolidays(use_cached_holidays=True).get_holidays(division="england-and-wales")
    assert {entry.day for entry in entries if 2012 <= entry.day.year <= 2028} == {event["date"] for event in listed}
    (source,), (checksum,) = {entry.source for entry in entries}, {entry.checksum for entry in entries}
    assert source.startswith("holidays 0.")
    assert checksum == bank_holidays.checksum((entry.day, entry.name) for entry in entries)


async def test_a_proclaimed_day_is_not_worked_in_any_partnership(
    owner: AsyncEngine, cambs: Partnership, herts: Partnership
) -> None:
    before = await observed(cambs)
    assert DAY not in before
    assert await bank_holidays.proclaim(owner, DAY, "A royal wedding", GAZETTE) == 2
    assert await observed(cambs) == await observed(herts) == before | {DAY}
    (entry,) = await bank_holidays.entries(owner, DAY, DAY)
    assert (entry.entry, entry.name, entry.source) == ("proclaimed", "A royal wedding", GAZETTE)
    assert entry.checksum == bank_holidays.checksum([(DAY, "A royal wedding")])
    with pytest.raises(Conflict, match="2027-06-11 is already a bank holiday"):
        await bank_holidays.proclaim(owner, DAY, "Again", GAZETTE)


async def test_a_moved_day_is_worked_again_and_its_history_stays(owner: AsyncEngine, cambs: Partnership) -> None:
    assert await bank_holidays.withdraw(owner, MOVED, GAZETTE) == 2
    assert MOVED not in await observed(cambs)
    with pytest.raises(Conflict, match="2027-05-03 is not a bank holiday"):
        await bank_holidays.withdraw(owner, MOVED, GAZETTE)
    assert await bank_holidays.proclaim(owner, MOVED, "Early May", GAZETTE) == 2
    assert MOVED in await observed(cambs)
    async with owner.connect() as connection:
        said = await connection.execute(
            text("SELECT entry, name FROM routing.bank_holiday WHERE day = :day ORDER BY number"), {"day": MOVED}
        )
        listed = said.all()
    assert [row.entry for row in listed] == ["listed", "withdrawn", "proclaimed"]
    assert listed[1].name == listed[0].name, "the withdrawn day keeps its name"


@pytest.mark.parametrize(
    ("day", "name", "source", "said"),
    [
        (date(2027, 6, 12), "Saturday", GAZETTE, "day: is at a weekend"),
        (date(2101, 6, 13), "Late", GAZETTE, "day: must lie in the years 2000 to 2100"),
        (DAY, " ", GAZETTE, "name: must have 1 to 120 characters"),
        (DAY, "Day", "line\nbreak", "source: must have 1 to 200 characters, all printable"),
    ],
)
async def test_what_cannot_be_a_bank_holiday_is_refused_and_owes_nothing(
    owner: AsyncEngine, day: date, name: str, source: str, said: str
) -> None:
    before = await recounts(owner)
    with pytest.raises(Invalid) as refused:
        await bank_holidays.proclaim(owner, day, name, source)
    assert said in refused.value.message
    assert await recounts(owner) == before
    assert await bank_holidays.entries(owner, day, day) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE routing.bank_holiday SET entry = 'withdrawn'",
        "DELETE FROM routing.bank_holiday",
        "INSERT INTO routing.bank_holiday (day, name) VALUES ('2027-06-11', 'A day')",
    ],
)
async def test_the_application_only_reads_the_list(environment: dict[str, str], statement: str) -> None:
    engine = make_engine(environment["DATABASE_URL"], pool_size=1)
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text(statement))
    await engine.dispose()


async def test_the_settings_of_a_receipt_are_read(owner: AsyncEngine, cambs: Partnership) -> None:
    assert repository.receipt_rule({}).cut_off is None
    rule = repository.receipt_rule({"cut_off": "17:00", "day_one": "same_day"})
    assert (str(rule.cut_off), rule.day_one.value) == ("17:00:00", "same_day")
    for wrong in ({"cut_off": "25:00"}, {"day_one": "tomorrow"}):
        with pytest.raises(ValueError, match=r"hour|not a valid DayOne"):
            repository.receipt_rule(wrong)
