"""Links between cases: made, read from either side, ended."""

from uuid import UUID

from backend.cases import repository
from backend.cases.models import CaseLink, LinkKind
from backend.cases.repository import NO_LINK
from backend.cases.service import changeable, record, seen
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults

DIRECTED = frozenset({LinkKind.UMBRELLA, LinkKind.TRANSFER})


async def link_cases(
    session: TenantSession, caller: Caller, case_id: UUID, other_id: UUID, kind: LinkKind, reason: str | None,
    link_id: UUID,
) -> CaseLink:  # fmt: skip
    """Link a case the caller may change to another that they may see; both then show it.

    Raises ``NotFound`` for either, ``Invalid`` for a case and itself, ``Conflict`` for a link there is.
    """
    if faults := text_faults(reason=(reason, 1_000)):
        raise Invalid(faults)
    await seen(session, caller, other_id)
    await changeable(session, caller, case_id)
    if case_id == other_id:
        raise Invalid([FieldError("otherCaseId", "must be another case")])
    for made in (await repository.links(session, [case_id]))[case_id]:
        same_way = made.case_id == case_id or kind not in DIRECTED
        if made.kind is kind and other_id in (made.case_id, made.other_id) and same_way:
            raise Conflict("These cases are linked in this way already.")
    row = CaseLink(
        tenant_id=session.tenant_id, id=link_id, case_id=case_id, other_id=other_id, kind=kind, reason=reason,
        linked_by=caller.person_id, linked_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    # Without the other's id: who may see one case need not be let know of the other.
    for side in (case_id, other_id):
        await record(session, side, "case.linked", caller, link_id=link_id, relation=kind.value)
    return row


async def unlink_cases(session: TenantSession, caller: Caller, link_id: UUID) -> CaseLink:
    """End a link. Raises ``NotFound`` unless both cases may be seen, ``Conflict`` when it has ended."""
    row = await repository.case_link(session, link_id)
    await seen(session, caller, row.other_id, otherwise=NO_LINK)
    await changeable(session, caller, row.case_id, otherwise=NO_LINK)
    await session.refresh(row)
    if row.ended_at is not None:
        raise Conflict("This link has ended already.")
    row.ended_at, row.ended_by = await session.now(), caller.person_id
    for side in (row.case_id, row.other_id):
        await record(session, side, "case.unlinked", caller, link_id=link_id, relation=row.kind.value)
    return row
