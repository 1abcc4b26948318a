"""Draft an edition of a threshold document, approve it, withdraw it.

It goes into force by the approval of somebody who did not write it, from a day on. Decisions taken by an earlier
edition stand as they were taken.
"""

import hashlib
import json
from datetime import date
from typing import Any, Final
from uuid import UUID

from backend.cases.service import local_day
from backend.identity.policies import ROLES, Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.pathways.definitions.faults import Faulty
from backend.thresholds.files import from_text
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships
from tenants.thresholds import repository
from tenants.thresholds.continuum import PARTNERSHIP, Continuum
from tenants.thresholds.models import ThresholdEdition, ThresholdState

MOST_TEXT: Final = 200_000  # characters


def compiled(text: str) -> Continuum:
    """The continuum written as YAML. Raises ``Invalid`` with a fault for each line that is wrong, and the remedy."""
    if len(text) > MOST_TEXT:
        raise Invalid([FieldError("text", f"must be at most {MOST_TEXT:,} characters")])
    try:
        return from_text(text)
    except Faulty as error:
        raise error.as_invalid() from error


async def draft(session: TenantSession, caller: Caller, text: str, edition_id: UUID) -> ThresholdEdition:
    """A new edition of the scheme that the text names. Raises ``Forbidden``, ``Invalid``."""
    caller.require(Permission.DRAFT_THRESHOLDS)
    one = compiled(text)
    await _refuse_unknown_scheme(session, one)
    row = await kept(session, one, text, edition_id, caller.person_id)
    record(session, row, "threshold_edition.drafted", caller.person_id)
    return row


async def approve(
    session: TenantSession, caller: Caller, edition_id: UUID, in_force_from: date, authority: str
) -> ThresholdEdition:
    """Put the edition in force from a day on, which may lie ahead but not behind.

    ``authority`` says who decided it and where that is minuted. Raises ``Forbidden`` also for whoever wrote it,
    ``NotFound``, ``Conflict`` for one that is no draft or whose levels are not set, ``Invalid``.
    """
    caller.require(Permission.APPROVE_THRESHOLDS)
    row = await repository.edition(session, edition_id, lock=True)
    if row.made_by == caller.person_id:
        raise Forbidden("Whoever wrote an edition does not approve it. Ask somebody else who may.")
    if row.state is not ThresholdState.DRAFT:
        raise Conflict(f"This edition is {row.state.value}; only a draft can be approved.")
    if Continuum.model_validate(row.content).unset is not None:
        raise Conflict("The levels of this edition are not set. Draft another that names them.")
    zone = (await partnerships.own(session)).zone
    faults = [fault] if (fault := text_fault("authority", authority, 300)) else []
    if in_force_from < local_day(await session.now(), zone):
        faults.append(FieldError("inForceFrom", "must be today or later: decisions since then went by another text"))
    if faults:
        raise Invalid(faults)
    role = next(role for role in caller.roles if Permission.APPROVE_THRESHOLDS in ROLES.get(role, ()))
    row.state, row.approved_by, row.approved_role = ThresholdState.APPROVED, caller.person_id, role
    row.approved_at, row.authority, row.in_force_from = await session.now(), authority, in_force_from
    record(session, row, "threshold_edition.approved", caller.person_id)
    return row


async def withdraw(session: TenantSession, caller: Caller, edition_id: UUID, reason: str) -> ThresholdEdition:
    """Let no further decision go by the edition; the approved one before it holds again.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` for one withdrawn before, ``Invalid`` for the reason.
    """
    caller.require(Permission.APPROVE_THRESHOLDS)
    row = await repository.edition(session, edition_id, lock=True)
    if row.state is ThresholdState.WITHDRAWN:
        raise Conflict("This edition was withdrawn before.")
    if fault := text_fault("reason", reason, 1_000):
        raise Invalid([fault])
    row.state, row.withdrawn_by = ThresholdState.WITHDRAWN, caller.person_id
    row.withdrawn_at, row.withdrawal_reason = await session.now(), reason
    record(session, row, "threshold_edition.withdrawn", caller.person_id)
    return row


async def put_in_force(
    session: TenantSession, one: Continuum, day: date, *, role: str, authority: str
) -> ThresholdEdition | None:
    """Draft and approve at once, for an operator who brings a partnership in line with its files.

    Levels that are not set stay a draft: the readiness report names them. None when some edition says the same,
    whatever has become of it: a file does not undo what people approved or withdrew since. Raises ``Invalid`` for
    the scheme of an agency that is not here.
    """
    await _refuse_unknown_scheme(session, one)
    if await repository.said_before(session, one.scheme, digest_of(one)):
        return None
    row = await kept(session, one, None, uuid7(), None)
    record(session, row, "threshold_edition.drafted", None)
    if one.unset is None:
        row.state, row.approved_at, row.approved_role = ThresholdState.APPROVED, row.made_at, role
        row.authority, row.in_force_from = authority, day
        record(session, row, "threshold_edition.approved", None)
    return row


async def kept(
    session: TenantSession, one: Continuum, text: str | None, edition_id: UUID, made_by: UUID | None
) -> ThresholdEdition:
    """A new edition as the next of its scheme."""
    row = ThresholdEdition(
        tenant_id=session.tenant_id, id=edition_id, scheme=one.scheme, title=one.title, text=text,
        number=await repository.next_number(session, one.scheme), content=content_of(one), digest=digest_of(one),
        made_by=made_by, made_at=await session.now(),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


def content_of(one: Continuum) -> dict[str, Any]:
    """The continuum as it is stored."""
    return one.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def digest_of(one: Continuum) -> str:
    """Names what a continuum says."""
    return hashlib.sha256(json.dumps(content_of(one), sort_keys=True).encode()).hexdigest()


async def _refuse_unknown_scheme(session: TenantSession, one: Continuum) -> None:
    if one.scheme != PARTNERSHIP and await contacts.agency_by_code(session, one.scheme) is None:
        fault = f"must be {PARTNERSHIP}, or the code of an agency of this partnership; {one.scheme} is neither"
        raise Invalid([FieldError("scheme", fault)])


def record(session: TenantSession, row: ThresholdEdition, action: str, person_id: UUID | None) -> None:
    """Leave an audit entry."""
    detail = {"scheme": row.scheme, "number": row.number, "digest": row.digest}
    session.audit_entries.append(Entry(action, "threshold_edition", row.id, person_id, detail))
