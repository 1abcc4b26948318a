"""England's bank holidays: the one list that every partnership's calendar starts from, and days proclaimed since."""

import hashlib
import time
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.settings import settings
from backend.kit.tables import table_of
from backend.kit.tasks import NOTICES, Actor, Task
from tenants.calendars.models import BankHoliday, DayEntry
from tenants.calendars.working_days import SATURDAY
from tenants.partnerships.models import Partnership

RECOUNT: Final = Actor("recount_working_days", NOTICES)
"""Owed to every partnership when a day is proclaimed or withdrawn; its subject is the partnership."""

_FRESH_SECONDS: Final = 1.0
_MEANWHILE: Final = timedelta(minutes=1)
_LAST_YEAR: Final = 2100
# A copy of what every process can read in the database, so that a report does not wait for a hundred years of days.
_known: dict[str, tuple[float, frozenset[date]]] = {}

_IN_FORCE = text("""
    SELECT array_agg(day) FROM (
        SELECT DISTINCT ON (day) day, entry FROM routing.bank_holiday ORDER BY day, number DESC
    ) AS latest WHERE entry <> 'withdrawn'
""")
_OF_YEARS = text("""
    SELECT DISTINCT ON (day) day, name, entry, source, fetched_at, checksum FROM routing.bank_holiday
    WHERE day BETWEEN :first AND :last ORDER BY day, number DESC
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('bank-holidays'))")


def checksum(days: Iterable[tuple[date, str]]) -> str:
    """SHA-256 of the days and their names, a line each in order of date."""
    lines = "".join(f"{day.isoformat()} {name}\n" for day, name in sorted(days))
    return hashlib.sha256(lines.encode()).hexdigest()


async def in_force(session: AsyncSession) -> frozenset[date]:
    """The days on which England observes a bank holiday, from 2000 to 2100, as known a second ago at most."""
    database = settings().database_url.get_secret_value()
    read_at, days = _known.get(database, (0.0, frozenset[date]()))
    if time.monotonic() - read_at > _FRESH_SECONDS or not days:
        found = frozenset(await session.scalar(_IN_FORCE) or ())
        days = days if found == days else found  # the same object: calendars are kept by it
        _known.clear()
        _known[database] = (time.monotonic(), days)
    return days


def forget() -> None:
    """Read the list anew next time."""
    _known.clear()


async def entries(engine: AsyncEngine, first: date, last: date) -> list[Row[Any]]:
    """The latest entry of each day from ``first`` to ``last``, in order."""
    async with engine.connect() as connection:
        return list((await connection.execute(_OF_YEARS, {"first": first, "last": last})).all())


async def proclaim(engine: AsyncEngine, day: date, name: str, source: str) -> int:
    """Make ``day`` a bank holiday for every partnership. Returns how many have their open clocks recounted.

    Raises ``Invalid`` for a weekend or a day beyond the list, ``Conflict`` where it is a bank holiday already.
    """
    _check(day, name, source)
    return await _enter(engine, day, name, DayEntry.PROCLAIMED, source)


async def withdraw(engine: AsyncEngine, day: date, source: str) -> int:
    """Make ``day`` an ordinary day again, as when a holiday is moved. Returns as ``proclaim``.

    Raises ``Conflict`` where it is none, ``Invalid`` without a source.
    """
    _check(day, "-", source)
    return await _enter(engine, day, "", DayEntry.WITHDRAWN, source)


def _check(day: date, name: str, source: str) -> None:
    faults = [
        FieldError(field, f"must have 1 to {most} characters, all printable")
        for field, given, most in (("name", name, 120), ("source", source, 200))
        if not 1 <= len(given.strip()) <= most or not given.isprintable()
    ]
    if day.weekday() >= SATURDAY:
        faults.append(FieldError("day", "is at a weekend, which is not worked anyway; give the substitute day"))
    if not 2000 <= day.year <= _LAST_YEAR:
        faults.append(FieldError("day", f"must lie in the years 2000 to {_LAST_YEAR}"))
    if faults:
        raise Invalid(faults)


async def _enter(engine: AsyncEngine, day: date, name: str, entry: DayEntry, source: str) -> int:
    """The entry and what it owes, in one transaction, one operator at a time."""
    async with engine.begin() as connection:
        await connection.execute(_LOCK)
        latest = (await connection.execute(_OF_YEARS, {"first": day, "last": day})).one_or_none()
        observed = latest is not None and latest.entry != DayEntry.WITHDRAWN
        if observed is (entry is not DayEntry.WITHDRAWN):
            raise Conflict(f"{day} is {'already' if observed else 'not'} a bank holiday.")
        named = name.strip() or latest.name if latest is not None else name.strip()
        await connection.execute(
            insert(table_of(BankHoliday)).values(
                day=day, name=named, entry=entry, source=source.strip(), checksum=checksum([(day, named)]),
                fetched_at=text("app.now()"),
            )
        )  # fmt: skip
        owed = await _owe_everybody(connection)
    forget()
    return owed


async def _owe_everybody(connection: AsyncConnection) -> int:
    """A recount at once, and one a minute on for clocks that were being started with the list as it was."""
    tenants = (await connection.execute(select(table_of(Partnership).c.id))).scalars().all()
    now = (await connection.execute(text("SELECT app.now()"))).scalar_one()
    rows = [
        {"id": uuid7(), "tenant_id": tenant, "queue": RECOUNT.queue, "actor": RECOUNT.name, "subject_id": tenant,
         "due_at": due, "wake_at": due, "attempts": 0}
        for tenant in tenants for due in (now, now + _MEANWHILE)
    ]  # fmt: skip
    if rows:
        await connection.execute(insert(table_of(Task)), rows)
    return len(tenants)
