"""Enter significant events by hand, and correct them by further entries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import repository as children
from backend.cases.chronology import repository
from backend.cases.chronology.dates import EARLIEST, Occurred, Precision, fuzzy
from backend.cases.chronology.models import ChronologyEntry, EventKind
from backend.cases.chronology.repository import NO_ENTRY
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from tenants.partnerships import repository as partnerships


@dataclass(frozen=True, slots=True)
class EventTold:
    """A significant event. Either the moment it ``occurred_at``, or when it ``occurred`` as it is remembered."""

    kind: EventKind
    title: str
    text: str
    occurred_at: datetime | None = None
    occurred: str | None = None
    child_id: UUID | None = None
    source: str | None = None


async def enter(
    session: TenantSession, caller: Caller, case_id: UUID, told: EventTold, entry_id: UUID
) -> ChronologyEntry:
    """Add a significant event. Raises ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid`` with every fault."""
    await cases.changeable(session, caller, case_id)
    await _require_subject(session, case_id, told)
    row = await _enter(session, caller, case_id, told, entry_id, corrects_id=None)
    await cases.record(session, case_id, "chronology.entered", caller, entry_id=entry_id)
    return row


async def correct(
    session: TenantSession, caller: Caller, corrects_id: UUID, told: EventTold, entry_id: UUID
) -> ChronologyEntry:
    """Put a new entry in an older one's place; both stay. Raises as ``enter``, and ``Conflict`` for an entry
    that was corrected before: its correction is the one to correct.
    """
    older = await repository.entry(session, corrects_id)
    await cases.changeable(session, caller, older.case_id, otherwise=NO_ENTRY)
    await _require_subject(session, older.case_id, told)
    if corrects_id in await repository.corrections(session, [corrects_id]):
        raise Conflict("This entry was corrected before. Correct the entry that corrects it.")
    row = await _enter(session, caller, older.case_id, told, entry_id, corrects_id=corrects_id)
    await cases.record(session, older.case_id, "chronology.corrected", caller, entry_id=entry_id,
                       corrects_id=corrects_id)  # fmt: skip
    return row


async def _require_subject(session: TenantSession, case_id: UUID, told: EventTold) -> None:
    if told.child_id is not None and await children.subject(session, case_id, told.child_id) is None:
        raise NotFound("There is no such child on this case.")


async def _enter(
    session: TenantSession, caller: Caller, case_id: UUID, told: EventTold, entry_id: UUID, *, corrects_id: UUID | None
) -> ChronologyEntry:
    now, zone = await session.now(), (await partnerships.own(session)).zone
    occurred = checked(told, now=now, zone=zone)
    row = ChronologyEntry(
        tenant_id=session.tenant_id, id=entry_id, case_id=case_id, child_id=told.child_id, kind=told.kind,
        occurred_at=occurred.at, precision=occurred.precision, title=told.title, text=told.text, source=told.source,
        corrects_id=corrects_id, recorded_by=caller.person_id, recorded_at=now,
    )  # fmt: skip
    session.insert(row)
    return row


def checked(told: EventTold, *, now: datetime, zone: str) -> Occurred:
    """When it occurred. Raises ``Invalid`` with every fault of what is told."""
    found = text_faults(source=(told.source, 200))
    for field, text, most in (("title", told.title, 200), ("text", told.text, 10_000)):
        fault = text_fault(field, text, most)
        found += [fault] if fault else []
    occurred: Occurred | None = None
    if (told.occurred_at is None) == (told.occurred is None):
        found.append(FieldError("occurredAt", "give either occurredAt or, for a date, occurred"))
    elif told.occurred_at is not None:
        occurred = Occurred(told.occurred_at.astimezone(UTC), Precision.MOMENT)
        if occurred.at.date() < EARLIEST:
            found.append(FieldError("occurredAt", "lies before 1900; check the year"))
    else:
        try:
            occurred = fuzzy(told.occurred or "", zone)
        except ValueError as fault:
            found.append(FieldError("occurred", str(fault)))
    if occurred is not None and occurred.at > now:
        field = "occurredAt" if told.occurred is None else "occurred"
        found.append(FieldError(field, "must not be in the future; what is still to come is a task or a meeting"))
    if found or occurred is None:
        raise Invalid(found)
    return occurred
