"""Who answers for a case: handed over with the reason, and looked for when whoever did has left."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.cases import naming, repository
from backend.cases import service as cases
from backend.cases.access import bars
from backend.cases.access import repository as access
from backend.cases.access.models import CaseGrant
from backend.cases.models import CaseChange, CaseChangeKind, CaseFile, CaseState
from backend.cases.policies import Ties, may_change
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from notifications.deliveries import notices
from notifications.deliveries.wording import CASE_HANDED_OVER, CASE_WITHOUT_OWNER
from tenants.contacts import repository as contacts

OWNERLESS_ALERT: Final = "case-without-owner"
TELL_WITHIN: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class HandingTold:
    """Who and which team shall have the case from now on, and why. None leaves the team as it is."""

    owner_id: UUID
    team_id: UUID | None
    reason: str


async def hand_over(
    session: TenantSession, caller: Caller, case_id: UUID, told: HandingTold, change_id: UUID
) -> CaseChange:
    """Make somebody else, or another team, answer for a case. The receiver is told, unless they did it themselves.

    On a restricted case they come onto its list. Raises ``NotFound``; ``Forbidden`` unless the caller owns the case,
    may manage any they see, or is on the list of one that nobody answers for; ``Conflict`` for a closed case;
    ``Invalid`` for somebody who has left or from whom the case is kept, for no change at all, and for the reason.
    """
    case = await _to_hand_over(session, caller, case_id)
    faults = text_faults(reason=(told.reason, 1_000))
    owner = (await cases.here(session, "ownerId", [told.owner_id]))[0]
    await bars.refuse_barred(session, case_id, "ownerId", [owner.id])
    if told.team_id is not None:
        await access.team(session, told.team_id)
    team_id = told.team_id or case.team_id
    if (owner.id, team_id) == (case.owner_id, case.team_id):
        faults.append(FieldError("ownerId", "has the case already, in this team; name somebody else or another team"))
    if faults:
        raise Invalid(faults)
    now, was = await session.now(), (case.owner_id, case.team_id)
    row = CaseChange(
        tenant_id=session.tenant_id, id=change_id, case_id=case_id, kind=CaseChangeKind.HANDED_OVER,
        reason=told.reason, made_by=caller.person_id, made_at=now, was_owner_id=was[0], owner_id=owner.id,
        was_team_id=was[1], team_id=team_id,
    )  # fmt: skip
    session.insert(row)
    case.owner_id, case.team_id, case.agency_id = owner.id, team_id, owner.agency_id
    listed = {grant.person_id for grant in (await access.lists(session, [case_id])).get(case_id, [])}
    if case.restricted and owner.id not in listed:
        session.append(CaseGrant, case_id=case_id, person_id=owner.id, granted_by=caller.person_id, from_at=now)
    await cases.record(session, case_id, "case.handed_over", caller, change=change_id, owner=owner.id, team=team_id)
    if owner.id != was[0] and owner.id != caller.person_id:
        await _tell(session, case, owner.id, change_id)
    return row


async def _to_hand_over(session: TenantSession, caller: Caller, case_id: UUID) -> CaseFile:
    caller.require(Permission.EDIT_CASES)
    seen, ties = await cases.sight(session, caller, case_id)
    ownerless = await without_owner(session, seen)
    if not _may_hand_over(seen, ties, caller, ownerless=ownerless):
        raise Forbidden("Only its owner, or somebody whose role is to, hands a case over. Ask its owner.")
    case = await repository.locked(session, case_id)
    if case.state is not CaseState.OPEN:
        raise Conflict("This case is closed. Re-open it, or leave it with whoever closed it.")
    return case


def _may_hand_over(case: CaseFile, ties: Ties, caller: Caller, *, ownerless: bool) -> bool:
    """Nobody takes a case over by breaking the glass, save a manager one that nobody answers for."""
    if caller.may(Permission.MANAGE_CASES):
        return ownerless or may_change(ties, caller)
    return case.owner_id == caller.person_id or (ownerless and ties.listed)


async def without_owner(session: TenantSession, case: CaseFile) -> bool:
    """Whether nobody answers for the case, or only somebody who has left."""
    if case.owner_id is None:
        return True
    return not (await contacts.people(session, [case.owner_id]))[case.owner_id].active


async def _tell(session: TenantSession, case: CaseFile, owner_id: UUID, change_id: UUID) -> None:
    """Whoever cannot be told has a case that they do not know of: then somebody else is."""
    until = await session.now() + TELL_WITHIN
    told = await notices.tell(session, [owner_id], template=CASE_HANDED_OVER, subject_id=change_id, until=until)
    if not told:
        await naming.call(session, OWNERLESS_ALERT, case)


async def owner_left(session: TenantSession, person_id: UUID) -> None:
    """Note on each open case that its owner has left, and tell whoever can find another.

    On a restricted case those are the people on its list, if one of them can be told; otherwise whom the
    partnership's policy names. Nothing is told twice.
    """
    now = await session.now()
    for case in await repository.open_of_owner(session, person_id, lock=True):
        if await repository.left_without_owner(session, case):
            continue
        session.append(
            CaseChange, case_id=case.id, kind=CaseChangeKind.OWNER_LEFT, made_at=now, was_owner_id=person_id,
            was_team_id=case.team_id, team_id=case.team_id,
        )  # fmt: skip
        await cases.record(session, case.id, "case.owner_left", None)
        told = 0
        if case.restricted:
            listed = {grant.person_id for grant in (await access.lists(session, [case.id])).get(case.id, [])}
            others = listed - {person_id}
            until = now + TELL_WITHIN
            told = await notices.tell(
                session, others, template=CASE_WITHOUT_OWNER, subject_id=case.id, until=until
            ) if others else 0  # fmt: skip
        if not told:
            await naming.call(session, OWNERLESS_ALERT, case)
