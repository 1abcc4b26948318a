"""Keep a case from whom it is about: nothing lets them in, and nobody calls them for it."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from backend.cases import repository as files
from backend.cases import service as cases
from backend.cases.access import repository
from backend.cases.access.models import CaseBar
from backend.cases.models import CaseFile
from backend.cases.people import following
from backend.cases.people import repository as people
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from notifications.alerts import leaving

MOST_BARRED: Final = 20


async def bar(session: TenantSession, caller: Caller, case_id: UUID, person_id: UUID, reason: str) -> CaseFile:
    """Make the case not be there for a person, also if they are on its list, work on it or break the glass.

    They are taken off the list and off the case, and what calls them for it goes on to whoever is next, as do their
    tasks on it. Raises ``NotFound``; ``Forbidden`` unless the caller owns the case or may restrict any they see;
    ``Conflict`` for somebody it is kept from already, and for its owner, in whose place somebody else is named first;
    ``Invalid`` for oneself, the reason, or too many.
    """
    case = await _to_bar(session, caller, case_id, reason)
    await cases.known(session, [person_id])
    barred = await repository.barred(session, case_id)
    if person_id == caller.person_id:
        raise Invalid([FieldError("personId", "must be somebody else; if the case is about you, hand it over")])
    if person_id in barred:
        raise Conflict("The case is kept from this person already.")
    if person_id == case.owner_id:
        raise Conflict("This person answers for the case. Hand it over to somebody else first.")
    if len(barred) >= MOST_BARRED:
        raise Invalid([FieldError("personId", f"must be one of at most {MOST_BARRED}")])
    now = await session.now()
    by = caller.person_id
    session.append(CaseBar, case_id=case_id, person_id=person_id, reason=reason, barred_by=by, from_at=now)
    for grant in (await repository.lists(session, [case_id])).get(case_id, []):
        if grant.person_id == person_id:
            grant.to_at, grant.ended_by = now, caller.person_id
    for row in (await people.practitioners(session, [case_id])).get(case_id, []):
        if row.person_id == person_id and row.to_at is None:
            row.to_at, row.ended_by, row.end_reason = now, caller.person_id, "The case is kept from this person."
    await session.flush()
    await leaving.keep_out(session, case_id, person_id, by=by)
    await following.changed(session, case_id)
    await cases.record(session, case_id, "case.barred", caller, person=person_id)
    return case


async def lift(session: TenantSession, caller: Caller, case_id: UUID, person_id: UUID, reason: str) -> CaseFile:
    """Let roles and the list decide again whether the person sees the case. Raises as ``bar``."""
    case = await _to_bar(session, caller, case_id, reason)
    await cases.known(session, [person_id])
    standing = (await repository.bars(session, [case_id])).get(case_id, [])
    found = next((row for row in standing if row.person_id == person_id), None)
    if found is None:
        raise Conflict("The case is not kept from this person.")
    found.to_at, found.lifted_by, found.lift_reason = await session.now(), caller.person_id, reason
    await cases.record(session, case_id, "case.bar_lifted", caller, person=person_id)
    return case


async def refuse_barred(session: TenantSession, case_id: UUID, field: str, person_ids: Iterable[UUID]) -> None:
    """Raise ``Invalid``, naming ``field``, if the case is kept from one of these people."""
    if set(person_ids) & await repository.barred(session, case_id):
        raise Invalid([FieldError(field, "names somebody from whom the case is kept; name somebody else")])


async def _to_bar(session: TenantSession, caller: Caller, case_id: UUID, reason: str) -> CaseFile:
    caller.require(Permission.EDIT_CASES)
    case, ties = await cases.sight(session, caller, case_id)
    if case.owner_id != caller.person_id and not caller.may(Permission.RESTRICT_CASES):
        raise Forbidden("Only its owner, or somebody whose role is to, says from whom a case is kept. Ask its owner.")
    if ties.emergency and not ties.listed:
        raise Forbidden("Breaking the glass lets you read this case, not say who else may.")
    if faults := text_faults(reason=(reason, 1_000)):
        raise Invalid(faults)
    return await files.locked(session, case_id)
