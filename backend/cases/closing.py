"""Close a case for good, and open it again: the file itself. What still runs on it is asked above."""

from uuid import UUID

from backend.cases import handing, repository
from backend.cases import service as cases
from backend.cases.models import CaseChange, CaseChangeKind, CaseFile, CaseState
from backend.cases.policies import may_change
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults


async def to_change(session: TenantSession, caller: Caller, case_id: UUID, state: CaseState, reason: str) -> CaseFile:
    """The case, locked and in ``state``, for its owner or somebody who may manage any they see.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one in another state, ``Invalid`` for the reason.
    """
    caller.require(Permission.EDIT_CASES)
    seen, ties = await cases.sight(session, caller, case_id)
    owns = seen.owner_id == caller.person_id or caller.may(Permission.MANAGE_CASES)
    if not (owns and may_change(ties, caller)):
        raise Forbidden("Only its owner, or somebody whose role is to, closes or re-opens a case. Ask its owner.")
    if faults := text_faults(reason=(reason, 1_000)):
        raise Invalid(faults)
    case = await repository.locked(session, case_id)
    if case.state is not state:
        raise Conflict(f"This case is {case.state.value}.")
    return case


async def close(session: TenantSession, caller: Caller, case: CaseFile, reason: str, change_id: UUID) -> CaseChange:
    """Close a case that ``to_change`` gave, on which nothing runs any more."""
    case.state = CaseState.CLOSED
    return await _changed(session, caller, case, CaseChangeKind.CLOSED, reason, change_id)


async def void(session: TenantSession, by: Caller | None, case_id: UUID, reason: str, change_id: UUID) -> CaseChange:
    """Void an open case, which is locked by this, on which nothing runs and that nobody has put anything on.

    ``by`` None is for what nobody here did.
    """
    case = await repository.locked(session, case_id)
    case.state = CaseState.VOID
    return await _changed(session, by, case, CaseChangeKind.VOIDED, reason, change_id)


async def reopen(session: TenantSession, caller: Caller, case_id: UUID, reason: str, change_id: UUID) -> CaseChange:
    """Open a closed case again. Its owner answers for it as before; where they have left, whoever re-opens it does.

    Raises as ``to_change`` does.
    """
    case = await to_change(session, caller, case_id, CaseState.CLOSED, reason)
    was = case.owner_id
    if await handing.without_owner(session, case):
        case.owner_id = caller.person_id
    case.state = CaseState.OPEN
    row = await _changed(session, caller, case, CaseChangeKind.REOPENED, reason, change_id)
    row.was_owner_id = was
    return row


async def _changed(
    session: TenantSession, caller: Caller | None, case: CaseFile, kind: CaseChangeKind, reason: str, change_id: UUID
) -> CaseChange:
    row = CaseChange(
        tenant_id=session.tenant_id, id=change_id, case_id=case.id, kind=kind, reason=reason,
        made_by=caller.person_id if caller else None, made_at=await session.now(), was_owner_id=case.owner_id,
        owner_id=case.owner_id, was_team_id=case.team_id, team_id=case.team_id,
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, case.id, f"case.{kind.value}", caller, change=change_id)
    return row
