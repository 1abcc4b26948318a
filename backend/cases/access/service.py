"""A case's own list, restricting or confining a case to it, and breaking the glass."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.cases import naming
from backend.cases import repository as files
from backend.cases import service as cases
from backend.cases.access import bars, repository
from backend.cases.access.models import BreakGlass, CaseGrant
from backend.cases.models import CaseFile
from backend.cases.policies import may_see
from backend.cases.repository import NO_CASE
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from backend.kit.texts import text_faults
from notifications.deliveries import notices
from notifications.deliveries.wording import GLASS_BROKEN

TELL_OF_BROKEN_GLASS: Final = Actor("tell_of_broken_glass", NOTICES)
GLASS_ALERT: Final = "case-emergency-access"

SHORTEST: Final = 5
LONGEST: Final = 240  # minutes
MOST_A_DAY: Final = 3
LEAST_REASON: Final = 10
MOST_ON_LIST: Final = 100
# The owner may be on leave; after this the look itself is long over and stands in the access log.
TELL_WITHIN: Final = timedelta(days=3)


async def restrict(
    session: TenantSession, caller: Caller, case_id: UUID, person_ids: Iterable[UUID], reason: str
) -> CaseFile:
    """Make the case be there for its list alone: these people, its owner and whoever restricts it.

    On a restricted case it sets the list anew. Raises ``NotFound``, ``Forbidden`` unless the caller owns
    the case or may restrict any they see, ``Invalid`` with what is wrong with the list or the reason.
    """
    case = await _to_restrict(session, caller, case_id, reason)
    wanted = {*person_ids, caller.person_id, *([case.owner_id] if case.owner_id else [])}
    if len(wanted) > MOST_ON_LIST:
        raise Invalid([FieldError("personIds", f"must be at most {MOST_ON_LIST}")])
    await cases.here(session, "personIds", wanted - {case.owner_id})
    await bars.refuse_barred(session, case_id, "personIds", wanted)
    case.restricted = True
    await _set_list(session, caller, case, wanted)
    await cases.record(session, case_id, "case.restricted", caller, listed=len(wanted))
    return case


async def confine(session: TenantSession, caller: Caller, case_id: UUID, person_ids: Iterable[UUID]) -> CaseFile:
    """Restrict a case that its pathway keeps to named people: these, its owner and the caller.

    Whoever is on the list stays; for a caller who may change the case. What the law of the case says needs
    nobody's reason.
    """
    await session.flush()  # the case may have been opened a moment ago
    case = await files.locked(session, case_id)
    barred = await repository.barred(session, case_id)
    listed = {grant.person_id for grant in (await repository.lists(session, [case_id])).get(case_id, [])}
    wanted = ({*person_ids, caller.person_id, *([case.owner_id] if case.owner_id else [])} - barred) | listed
    if case.restricted and wanted == listed:
        return case
    case.restricted = True
    await _set_list(session, caller, case, wanted)
    await cases.record(session, case_id, "case.restricted", caller, listed=len(wanted))
    return case


async def lift_restriction(session: TenantSession, caller: Caller, case_id: UUID, reason: str) -> CaseFile:
    """Let roles decide again who sees the case; its list goes on letting people in. Raises as ``restrict``."""
    case = await _to_restrict(session, caller, case_id, reason)
    if not case.restricted:
        raise Conflict("This case is not restricted.")
    case.restricted = False
    await cases.record(session, case_id, "case.restriction_lifted", caller)
    return case


async def _to_restrict(session: TenantSession, caller: Caller, case_id: UUID, reason: str) -> CaseFile:
    caller.require(Permission.EDIT_CASES)
    case, ties = await cases.sight(session, caller, case_id)
    if case.owner_id != caller.person_id and not caller.may(Permission.RESTRICT_CASES):
        raise Forbidden("Only its owner, or somebody whose role is to, says who may see a case. Ask its owner.")
    if ties.emergency and not ties.listed:
        raise Forbidden("Breaking the glass lets you read this case, not say who else may.")
    if faults := text_faults(reason=(reason, 1_000)):
        raise Invalid(faults)
    return await files.locked(session, case_id)


async def _set_list(session: TenantSession, caller: Caller, case: CaseFile, wanted: set[UUID]) -> None:
    now, standing = await session.now(), (await repository.lists(session, [case.id])).get(case.id, [])
    for grant in standing:
        if grant.person_id not in wanted:
            grant.to_at, grant.ended_by = now, caller.person_id
    for person_id in wanted - {grant.person_id for grant in standing}:
        session.append(CaseGrant, case_id=case.id, person_id=person_id, granted_by=caller.person_id, from_at=now)
    await session.flush()


async def break_glass(
    session: TenantSession, caller: Caller, case_id: UUID, reason: str, minutes: int, glass_id: UUID
) -> BreakGlass:
    """Let the caller read a case they may not see, for some minutes. Its owner is told.

    Raises ``Forbidden``, ``NotFound`` also for whom the case is about, ``Invalid``, and ``Conflict`` for a case the
    caller sees already
    or after ``MOST_A_DAY`` within 24 hours.
    """
    caller.require(Permission.BREAK_GLASS)
    now = await session.now()
    before = await repository.glass_broken_since(session, caller.person_id, now - timedelta(days=1))
    found = (await repository.seen(session, caller, [case_id])).get(case_id)
    if found is None or found.ties.barred:
        raise NotFound(NO_CASE)
    faults = text_faults(reason=(reason, 1_000))
    if not faults and len(reason.strip()) < LEAST_REASON:
        faults = [FieldError("reason", f"must say why in at least {LEAST_REASON} characters")]
    if not SHORTEST <= minutes <= LONGEST:
        faults.append(FieldError("minutes", f"must be {SHORTEST} to {LONGEST}"))
    if faults:
        raise Invalid(faults)
    if may_see(found.ties, caller):
        raise Conflict("You may see this case already.")
    if len(before) >= MOST_A_DAY:
        raise Conflict(_too_often(before))
    row = BreakGlass(
        tenant_id=session.tenant_id, id=glass_id, case_id=case_id, person_id=caller.person_id, reason=reason.strip(),
        at=now, ends_at=now + timedelta(minutes=minutes),
    )  # fmt: skip
    session.insert(row)
    await owe(session, TELL_OF_BROKEN_GLASS, glass_id)
    await cases.record(session, case_id, "case.glass_broken", caller, glass_id=glass_id, minutes=minutes)
    return row


def _too_often(before: list[BreakGlass]) -> str:
    again: datetime = before[-MOST_A_DAY].at + timedelta(days=1)
    return (
        f"You have broken the glass {MOST_A_DAY} times within 24 hours; you may again after {again:%H:%M} UTC on"
        f" {again:%d %B}. Until then ask the case's owner or your duty manager."
    )


async def tell_of_broken_glass(session: TenantSession, glass_id: UUID) -> None:
    """Tell the case's owner that somebody broke the glass.

    Where there is no owner, or one who has left or cannot be reached, whoever the partnership's policy
    for such alerts names; without a policy a configuration alarm is raised.
    """
    glass = await repository.glass(session, glass_id)
    case = await files.case(session, glass.case_id)
    told = 0
    if case.owner_id is not None:
        until = await session.now() + TELL_WITHIN
        told = await notices.tell(session, [case.owner_id], template=GLASS_BROKEN, subject_id=glass_id, until=until)
    if not told:
        await naming.call(session, GLASS_ALERT, case)
