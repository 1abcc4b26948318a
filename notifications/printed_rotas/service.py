"""Issue the printed rota: each day, and after each change to a rota, a ladder or how somebody is reached."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.pdf import render
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe_once
from notifications.coverage.findings import Duty
from notifications.coverage.service import duty_of
from notifications.coverage.spans import without
from notifications.ladders import repository as ladders
from notifications.ladders.policy import PersonTarget, SlotPolicy, TeamTarget
from notifications.printed_rotas import repository, store, words
from notifications.printed_rotas.contents import Desk, PrintedPerson, RotaSheet, Sheet, digest
from notifications.printed_rotas.models import PrintedRota
from notifications.printed_rotas.store import Link
from notifications.rotas import repository as rotas
from notifications.rotas.expansion import Window, cover_of
from notifications.rotas.models import Rota
from notifications.rotas.service import rule_of
from tenants.calendars import repository as calendars
from tenants.calendars.working_days import ONE_DAY, Calendar
from tenants.contacts import repository as contacts
from tenants.contacts.models import ContactMethod, DirectoryEntry
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership

__all__ = ["PRINT_ROTAS", "Link", "ask_for_issue", "issue", "link"]

PRINT_ROTAS: Final = Actor("print_rotas", NOTICES)
"""Issues the printed rota of a partnership, which is its subject."""
AHEAD: Final = timedelta(days=14)
AT_MOST_EVERY: Final = timedelta(minutes=1)

_TEMPLATE: Final = Path(__file__).with_name("rota.typ")
_TELEPHONES: Final = frozenset({"sms", "voice"})
_HOURS: Final = TypeAdapter(tuple[Window, ...])
_AFTER_MIDNIGHT: Final = timedelta(minutes=5)


async def ask_for_issue(session: TenantSession, _cause: UUID | None = None) -> None:
    """Have a new issue made soon after this transaction, at most one each ``AT_MOST_EVERY``."""
    last, now = await repository.latest(session), await session.now()
    due = max(now, last.issued_at + AT_MOST_EVERY) if last else now
    await owe_once(session, PRINT_ROTAS, session.tenant_id, due_at=due)


async def issue(session: TenantSession, _partnership_id: UUID | None = None) -> PrintedRota | None:
    """Print, store and record a new issue; owes itself again in the first minutes of tomorrow.

    None when today's latest issue says the same already. The file is stored before the row that names it:
    a crash between the two leaves a file that nothing names, never a row without a file. Raises
    ``StorageError`` while the partnership has no bucket.
    """
    await repository.lock(session)
    now, partnership = await session.now(), await partnerships.own(session)
    calendar = await calendars.calendar(session, partnership.zone)
    today = calendar.local(now).date()
    next_day = calendar.day_starts(today + ONE_DAY)
    begins, valid_until = calendar.day_starts(today), calendar.day_starts(today + AHEAD)
    data = (await _sheet(session, partnership, calendar, begins, valid_until)).data()
    last, said = await repository.latest(session), digest(data)
    await owe_once(session, PRINT_ROTAS, session.tenant_id, due_at=next_day + _AFTER_MIDNIGHT)
    if last is not None and last.digest == said and last.issued_at >= begins:
        return None
    made = PrintedRota(
        tenant_id=session.tenant_id, id=uuid7(), version=last.version + 1 if last else 1, issued_at=now,
        valid_until=valid_until, object_key="", version_id="", size=0, digest=said,
    )  # fmt: skip
    zone = calendar.tz
    pdf = await render(_TEMPLATE, data | {
        "version": made.version, "printed_at": words.date_and_time(now, zone),
        "valid_until": words.date_and_time(valid_until, zone),
    }, now)  # fmt: skip
    made.object_key, made.size = f"printed-rotas/{made.id}.pdf", len(pdf)
    made.version_id = await asyncio.to_thread(store.keep, partnership, made.object_key, made.version, pdf)
    session.insert(made)
    session.audit_entries.append(
        Entry("printed_rota.issued", "printed_rota", made.id, None, {"version": made.version, "digest": said})
    )
    return made


async def link(session: TenantSession, of: PrintedRota) -> Link:
    """A short-lived link to an issue. The caller has checked who asks, and records that they did."""
    return await asyncio.to_thread(store.link, await partnerships.own(session), of)


async def _sheet(
    session: TenantSession, partnership: Partnership, calendar: Calendar, begins: datetime, until: datetime
) -> Sheet:
    known = await rotas.rotas(session)
    shifts = await rotas.shifts(session, [rota.id for rota in known], begins, until)
    persons = {shift.person_id for shift in shifts}
    methods = await contacts.contact_methods(session, persons)
    people = {
        person.id: PrintedPerson(person.name, person.post, _numbers(methods.get(person.id, [])))
        for person in (await contacts.people(session, persons)).values()
    }
    policies = {
        policy.alert_type: [SlotPolicy.model_validate(slot) for slot in policy.slots]
        for policy in await ladders.all_in_force(session)
    }
    sheets = []
    for rota in known:
        duties = tuple(duty_of(shift) for shift in shifts if shift.rota_id == rota.id)
        sheets.append(_rota_sheet(rota, duties, calendar, begins, until))
    areas = {area.id: area.name for area in await partnerships.areas(session)}
    return Sheet(
        partnership=partnership.name, zone=partnership.zone, begins=begins, until=until, rotas=tuple(sheets),
        people=people,
        policies=policies,
        desks=tuple(_desk(entry, areas) for entry in await repository.desks(session)),
        named=await _named(session, policies.values()),
    )  # fmt: skip


async def _named(session: TenantSession, policies: Iterable[Iterable[SlotPolicy]]) -> dict[str, PrintedPerson]:
    """Whom ladders name themselves: nobody finds them in a rota's table."""
    targets = [step.target for slots in policies for slot in slots for step in slot.steps]
    codes = {target.person for target in targets if isinstance(target, PersonTarget)}
    codes |= {member for target in targets if isinstance(target, TeamTarget) for member in target.members}
    found = [person for person in (await contacts.active_people(session)).values() if person.code in codes]
    methods = await contacts.contact_methods(session, [person.id for person in found])
    return {
        person.code: PrintedPerson(person.name, person.post, _numbers(methods.get(person.id, []))) for person in found
    }


def _rota_sheet(
    rota: Rota, duties: tuple[Duty, ...], calendar: Calendar, begins: datetime, until: datetime
) -> RotaSheet:
    rule = rule_of(rota)
    gaps = {
        position: without(
            cover_of(rule, begins, until, calendar, position=position),
            [duty.span for duty in duties if duty.position == position],
        )
        for position in rule.positions
    }
    return RotaSheet(rota.role, rota.name, rule, rota.uncovered_role, duties, gaps)


def _numbers(methods: list[ContactMethod]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(method.address for method in methods if method.channel in _TELEPHONES))


def _desk(entry: DirectoryEntry, areas: dict[UUID, str]) -> Desk:
    hours = "; ".join(words.hours(_HOURS.validate_python(entry.hours))) or "At all hours"
    return Desk(
        entry.code, entry.name, entry.role, areas.get(entry.area_id, "") if entry.area_id else "", hours, entry.address
    )
