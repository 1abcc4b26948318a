"""Put practitioners on a case and take them off it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.access import bars
from backend.cases.people import following, repository
from backend.cases.people.models import CasePractitioner
from backend.cases.people.repository import no_such
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults

LEFT: Final = "They have left the partnership."
_ROLE: Final = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class AssignmentTold:
    """Who works on a case in which role: a person of the partnership, or a name and agency from outside it.

    ``from_at`` None is now; it may lie in the past, not in the future.
    """

    role: str
    person_id: UUID | None = None
    outside_name: str | None = None
    outside_agency: str | None = None
    from_at: datetime | None = None


async def assign(
    session: TenantSession, caller: Caller, case_id: UUID, told: AssignmentTold, practitioner_id: UUID
) -> CasePractitioner:
    """Put somebody on the case. It lets them see the case, unless it is restricted: its list decides then.

    Raises ``NotFound``, ``Forbidden``, ``Invalid`` (somebody who has left among it), and ``Conflict`` for
    somebody who has this role on the case already.
    """
    case = await cases.changeable(session, caller, case_id)
    now = await session.now()
    _check(told, case.opened_at, now)
    agency_id = None
    if told.person_id is not None:
        agency_id = (await cases.here(session, "personId", [told.person_id]))[0].agency_id
        await bars.refuse_barred(session, case_id, "personId", [told.person_id])
        for other in (await repository.practitioners(session, [case_id]))[case_id]:
            if other.to_at is None and (other.person_id, other.role) == (told.person_id, told.role):
                raise Conflict("This person has this role on the case already.")
    row = CasePractitioner(
        tenant_id=session.tenant_id, id=practitioner_id, case_id=case_id, person_id=told.person_id,
        outside_name=told.outside_name, agency_id=agency_id, outside_agency=told.outside_agency, role=told.role,
        from_at=told.from_at or now, assigned_by=caller.person_id,
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, case_id, "practitioner.assigned", caller, practitioner_id=practitioner_id,
                       role=told.role)  # fmt: skip
    await following.changed(session, case_id)
    return row


def _check(told: AssignmentTold, opened_at: datetime, now: datetime) -> None:
    found = text_faults(outsideName=(told.outside_name, 200), outsideAgency=(told.outside_agency, 200))
    if (told.person_id is None) == (told.outside_name is None):
        found.append(FieldError("personId", "give either personId or, for somebody from elsewhere, outsideName"))
    if told.person_id is not None and told.outside_agency is not None:
        found.append(FieldError("outsideAgency", "must be left out: the person's own agency is known"))
    if len(told.role) > 60 or not _ROLE.fullmatch(told.role):
        found.append(FieldError("role", "must be a role's code, such as lead-social-worker"))
    if told.from_at is not None and not opened_at <= told.from_at <= now:
        found.append(FieldError("fromAt", "must lie between the opening of the case and now"))
    if found:
        raise Invalid(found)


async def end(session: TenantSession, caller: Caller, practitioner_id: UUID, reason: str | None) -> CasePractitioner:
    """Take somebody off the case now; also somebody who has left the partnership.

    Raises ``NotFound``, ``Forbidden``, ``Invalid``, ``Conflict`` for somebody who is off it already.
    """
    row = await repository.row(session, CasePractitioner, practitioner_id)
    await cases.changeable(session, caller, row.case_id, otherwise=no_such(CasePractitioner))
    if found := text_faults(reason=(reason, 1_000)):
        raise Invalid(found)
    await session.refresh(row)
    if row.to_at is not None:
        raise Conflict("This practitioner is off the case already.")
    row.to_at, row.end_reason, row.ended_by = await session.now(), reason, caller.person_id
    await cases.record(
        session, row.case_id, "practitioner.ended", caller, practitioner_id=practitioner_id, role=row.role
    )
    await following.changed(session, row.case_id)
    return row


async def left(session: TenantSession, person_id: UUID) -> None:
    """Take somebody who has left the partnership off every case that they work on."""
    now = await session.now()
    rows = await repository.working_of(session, person_id)
    for row in rows:
        row.to_at, row.end_reason = now, LEFT
        await cases.record(session, row.case_id, "practitioner.ended", None, practitioner_id=row.id, role=row.role)
    await session.flush()
    for case_id in dict.fromkeys(row.case_id for row in rows):
        await following.changed(session, case_id)
