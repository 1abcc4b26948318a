"""The registers beside a manual: entered, changed, checked, retired; and every query on them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlmodel import col

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from tenants.contacts.models import Person
from tenants.procedures import changes, registers, repository
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.register_models import (
    CheckOutcome,
    ProcedureRegisterCheck,
    ProcedureRegisterEntry,
    RegisterKind,
)
from tenants.procedures.registers import RULES, EntryTold

NO_ENTRY: Final = "There is no such entry in this partnership's registers."


async def entry(session: TenantSession, entry_id: UUID, *, lock: bool = False) -> ProcedureRegisterEntry:
    """Raises ``NotFound``."""
    return await repository.row(session, ProcedureRegisterEntry, entry_id, NO_ENTRY, lock=lock)


def entries(tenant_id: UUID) -> Select[ProcedureRegisterEntry]:
    return select(ProcedureRegisterEntry).where(col(ProcedureRegisterEntry.tenant_id) == tenant_id)


def owing(in_force: Iterable[UUID], today: date) -> ColumnElement[bool]:
    """Entries on which something is owed, as ``registers.owed`` says. ``in_force`` are the texts of all manuals."""
    made, checked = ProcedureRegisterEntry, ProcedureRegisterCheck
    last = (
        select(col(checked.id))
        .where(col(checked.tenant_id) == col(made.tenant_id), col(checked.entry_id) == col(made.id))
        .order_by(col(checked.checked_at).desc(), col(checked.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    texts = list(in_force)
    settled = (
        select(1)
        .where(
            col(checked.tenant_id) == col(made.tenant_id), col(checked.id) == last,
            col(checked.edition_id).in_(texts), col(checked.outcome) != CheckOutcome.LAXER,
        )
        .exists()
    )  # fmt: skip
    against = [kind for kind, rule in RULES.items() if rule.against_manual]
    has_text = col(made.manual).in_(
        select(col(ProcedureEdition.manual)).where(
            col(ProcedureEdition.tenant_id) == col(made.tenant_id), col(ProcedureEdition.id).in_(texts)
        )
    )
    return and_(
        col(made.retired_at).is_(None),
        or_(col(made.review_on) <= today, and_(col(made.kind).in_(against), has_text, ~settled)),
    )


async def checks(session: TenantSession, entry_ids: Iterable[UUID]) -> dict[UUID, list[ProcedureRegisterCheck]]:
    """The checks of entries, first to last."""
    return await by_parent(session, ProcedureRegisterCheck, "entry_id", entry_ids, order=("checked_at", "id"))


async def of_manual(session: TenantSession, manual: str) -> list[ProcedureRegisterEntry]:
    """The entries beside a manual that are not retired."""
    found = await session.scalars(
        entries(session.tenant_id)
        .where(col(ProcedureRegisterEntry.manual) == manual, col(ProcedureRegisterEntry.retired_at).is_(None))
        .order_by(col(ProcedureRegisterEntry.id))
    )
    return list(found)


async def enter(session: TenantSession, told: EntryTold, by: UUID, entry_id: UUID) -> ProcedureRegisterEntry:
    """A new entry. Raises ``Invalid``, and ``NotFound`` for its owner."""
    values = await _values(session, told)
    row = ProcedureRegisterEntry(
        tenant_id=session.tenant_id, id=entry_id, **values, made_by=by, made_at=await session.now()
    )
    session.insert(row)
    _record(session, row, "entered", by)
    await session.flush()
    return row


async def change(session: TenantSession, entry_id: UUID, told: EntryTold, by: UUID) -> ProcedureRegisterEntry:
    """Let an entry say what is told; its kind and manual stay. Raises as ``enter``, and ``Conflict``."""
    row = await _in_use(session, entry_id)
    if (told.kind, told.manual) != (row.kind, row.manual):
        raise Invalid([FieldError("kind", "and manual stay as they are; retire this entry and make another")])
    values = await _values(session, told)
    differing = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in differing:
        setattr(row, name, values[name])
    if differing:
        _record(session, row, "changed", by, fields=differing)
    await session.flush()
    return row


async def check(
    session: TenantSession, entry_id: UUID, outcome: CheckOutcome, review_on: date, note: str | None, by: UUID
) -> ProcedureRegisterEntry:
    """Record a check of an entry, against the manual's text in force where its kind is held against that.

    Raises ``NotFound``, ``Invalid``, ``Conflict`` for one that is retired, or while the manual has no text in force.
    """
    row = await _in_use(session, entry_id)
    today = await repository.today(session)
    faults = registers.review_faults(row.kind, review_on, today) + text_faults(note=(note, 5_000))
    rule = RULES[row.kind]
    if outcome not in rule.outcomes:
        faults.append(FieldError("outcome", f"must be one of {', '.join(sorted(one.name for one in rule.outcomes))}"))
    if outcome is CheckOutcome.LAXER and note is None:
        faults.append(FieldError("note", "say what is laxer, so that it can be mended"))
    if faults:
        raise Invalid(faults)
    texts = await repository.in_force(session, today, row.manual)
    if rule.against_manual and not texts:
        raise Conflict("The manual has no text in force that it could be held against.")
    session.append(
        ProcedureRegisterCheck, entry_id=row.id, edition_id=texts[0].id if rule.against_manual else None,
        outcome=outcome, note=note, review_on=review_on, checked_by=by, checked_at=await session.now(),
    )  # fmt: skip
    row.review_on = review_on
    _record(session, row, "checked", by, outcome=outcome.value)
    await session.flush()
    return row


async def retire(session: TenantSession, entry_id: UUID, reason: str, by: UUID) -> ProcedureRegisterEntry:
    """Take an entry out of use; it stays readable. Raises ``NotFound``, ``Invalid``, ``Conflict``."""
    row = await _in_use(session, entry_id)
    if fault := text_fault("reason", reason, 1_000):
        raise Invalid([fault])
    row.retired_at, row.retired_reason = await session.now(), reason
    _record(session, row, "retired", by)
    await session.flush()
    return row


async def _in_use(session: TenantSession, entry_id: UUID) -> ProcedureRegisterEntry:
    row = await entry(session, entry_id, lock=True)
    if row.retired_at is not None:
        raise Conflict("This entry is retired and does not change; make another.")
    return row


async def _values(session: TenantSession, told: EntryTold) -> dict[str, Any]:
    """The columns that an entry comes to. Raises as ``enter``."""
    today = await repository.today(session)
    faults = registers.faults(told, today)
    known = await repository.in_force(session, today, told.manual)
    kept = repository.editions(session.tenant_id, told.manual, drafts=False).limit(1)
    if not known and not (await session.scalars(kept)).all():
        faults.append(FieldError("manual", "is no manual of this partnership; use the code of one"))
    faults += await _provision_faults(session, [one.id for one in known], told.provisions)
    owner = await repository.row(session, Person, told.owner_id, "There is no such person in this partnership.")
    if not owner.active:
        faults.append(FieldError("ownerId", "has left; name somebody who is here"))
    agency = None
    try:
        agency = await changes.agency_of(session, told.agency) if told.agency else None
    except Invalid as refused:
        faults += refused.errors
    if faults:
        raise Invalid(faults)
    return {
        "kind": told.kind, "manual": told.manual, "title": told.title, "review_on": told.review_on,
        "owner_id": told.owner_id, "agency_id": agency,
        "body": told.body, "parties": list(told.parties), "subject": told.subject, "basis": told.basis,
        "provisions": list(told.provisions), "adoption": told.adoption, "clause_sought_on": told.clause_sought_on,
        "clause_obtained": told.clause_obtained, "reason": told.reason, "kept_at": told.kept_at,
        "agreed_on": told.agreed_on,
    }  # fmt: skip


async def _provision_faults(
    session: TenantSession, edition_ids: Sequence[UUID], provisions: Iterable[str]
) -> list[FieldError]:
    if not edition_ids:
        return []
    there = await repository.addresses(session, edition_ids[0])
    return [
        FieldError("provisions", f"{one} is not in the text in force")
        for one in provisions
        if one not in there and await repository.redirected(session, edition_ids[0], one) not in there
    ]


def _record(session: TenantSession, row: ProcedureRegisterEntry, what: str, by: UUID, **detail: Any) -> None:
    kind: RegisterKind = row.kind
    session.audit_entries.append(
        Entry(f"procedure_register_entry.{what}", "procedure_register_entry", row.id, by,
              {"kind": kind.value, "manual": row.manual, **detail})
    )  # fmt: skip
