"""Preview and apply the import of a rota that is kept elsewhere."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from notifications.rota_imports.diagnostics import Diagnostic, Fault, Severity, warning
from notifications.rota_imports.events import normal
from notifications.rota_imports.reading import Reading, bounded, read
from notifications.rotas import eligibility
from notifications.rotas import repository as rotas
from notifications.rotas.changes import refuse_overlapping
from notifications.rotas.expansion import Gap
from notifications.rotas.materialisation import resolved, uncovered_by
from notifications.rotas.service import HORIZON, replace_span, rule_of
from notifications.rotas.walltime import wall
from tenants.contacts import repository as contacts

LARGEST: Final = 1024 * 1024  # bytes
MOST_NAMES: Final = 500
LONGEST_NAME: Final = 200
MOST_POSITIONS: Final = 9


@dataclass(frozen=True, slots=True)
class Request:
    """A calendar and what it is to become: ``people`` are ids by attendee's address or event's summary.

    ``begins`` is now unless it is given; ``until`` is the end of the last turn that begins within ``HORIZON``.
    """

    rota_id: UUID
    position: int
    calendar: str
    people: Mapping[str, UUID]
    begins: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the calendar comes to in [begins, until), which is the time that applying it replaces."""

    reading: Reading
    begins: datetime
    until: datetime


async def preview(session: TenantSession, wanted: Request) -> Preview:
    """Read the calendar and change nothing. Raises ``NotFound`` for the rota or a person, and ``Invalid``.

    Hours of cover that the calendar leaves to nobody are among the diagnostics.
    """
    now = await session.now()
    begins = max(wanted.begins or now, now)
    if begins > now + HORIZON:
        raise Invalid([FieldError("from", f"must be at most {HORIZON.days} days ahead")])
    until = wanted.until or begins + HORIZON
    _check(wanted, begins, until)
    rota = await rotas.rota(session, wanted.rota_id)
    known = await contacts.people(session, wanted.people.values())
    if set(wanted.people.values()) - known.keys():
        raise NotFound("There is no such person in this partnership.")
    if left := sorted(person.name for person in known.values() if not person.active):
        raise Invalid([FieldError("people", f"names {left[0]}, who has left; name somebody else")])
    zone = ZoneInfo(rule_of(rota).zone)
    # Parsing a large calendar takes seconds, which other requests shall not wait for.
    reading = await asyncio.to_thread(
        read, wanted.calendar, wanted.people, zone, begins, until, clip_end=wanted.until is not None
    )
    if wanted.until is None:
        until = max((turn.ends_at for turn in reading.turns), default=until)
    if not reading.faulty:
        await eligibility.check(session, rota, {turn.person for turn in reading.turns}, until, "people")
        held = await resolved(session, rota, begins, until)
        others = [one.turn for one in held if one.position != wanted.position]
        refuse_overlapping([*others, *reading.turns], (turn.person for turn in reading.turns), "calendar")
        gaps = await uncovered_by(session, rota, reading.turns, begins, until, position=wanted.position)
        reading = replace(reading, diagnostics=bounded([*reading.diagnostics, *(_gap(one, zone) for one in gaps)]))
    return Preview(reading, begins, until)


async def apply(session: TenantSession, wanted: Request, *, by: UUID) -> Preview:
    """Put the calendar in the rota's place for its time. Raises as ``preview`` does.

    Any error among the diagnostics is raised as ``Invalid``, and nothing is changed: a rota that is taken
    over in part is one nobody has checked.
    """
    found = await preview(session, wanted)
    if found.reading.faulty:
        raise Invalid(
            [
                FieldError("calendar", f"{said.uid + ': ' if said.uid else ''}{said.message} {said.remedy}")
                for said in found.reading.diagnostics
                if said.severity is Severity.ERROR
            ]
        )
    try:
        await replace_span(
            session, wanted.rota_id, found.begins, found.until, found.reading.turns,
            by=by, reason="Imported from an iCalendar calendar", position=wanted.position,
        )  # fmt: skip
    except Invalid as fault:
        raise Invalid([FieldError("calendar", each.message) for each in fault.errors]) from None
    return found


def _gap(found: Gap, zone: ZoneInfo) -> Diagnostic:
    begins, until = (f"{wall(at, zone):%H:%M on %-d %B %Y}" for at in (found.starts_at, found.ends_at))
    message = f"Nobody would be on call from {begins} to {until}, which the rota is to cover."
    return warning(Fault.GAP, message, "Add an event, or give the from and until that the calendar is meant for.")


def _check(wanted: Request, begins: datetime, until: datetime) -> None:
    faults: list[FieldError] = []
    if len(wanted.calendar.encode(errors="replace")) > LARGEST:
        faults.append(FieldError("calendar", f"must be at most {LARGEST:,} bytes; export a shorter time"))
    if "\0" in wanted.calendar:
        faults.append(FieldError("calendar", "holds a null byte; send the text of an .ics file"))
    if not 1 <= wanted.position <= MOST_POSITIONS:
        faults.append(FieldError("position", f"must be 1 for first on call, up to {MOST_POSITIONS}"))
    if len(wanted.people) > MOST_NAMES or any(not 1 <= len(name) <= LONGEST_NAME for name in wanted.people):
        faults.append(FieldError("people", f"must be at most {MOST_NAMES} names of 1 to {LONGEST_NAME} characters"))
    if len({normal(name) for name in wanted.people}) < len(wanted.people):
        faults.append(FieldError("people", "names the same address or summary twice; capitals make no difference"))
    if not begins < until <= begins + HORIZON:
        faults.append(FieldError("until", f"must be after from and now, and at most {HORIZON.days} days later"))
    if faults:
        raise Invalid(faults)
