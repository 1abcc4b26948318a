"""What follows the approval of a text: subscribers are told, proposals are met, its review falls due."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.identity.policies import Caller
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.procedures import keeping, reviewing
from notifications.deliveries import notices
from notifications.deliveries.wording import PROCEDURES_CHANGED
from tenants.procedures import approving, repository
from tenants.procedures.change_models import ProcedureAmendment, ProcedureSubscription
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import AmendmentState

WORD_LASTS: Final = timedelta(days=7)


async def approve(
    session: TenantSession, caller: Caller, edition_id: UUID, role: str, in_force_from: date, authority: str
) -> ProcedureEdition:
    """Approve an edition in one of the caller's roles, and set off what follows. Raises as ``approving.approve``."""
    if role not in caller.roles:
        raise Conflict(f"You do not have the role {role}; approve in one that you have: {', '.join(caller.roles)}.")
    row = await approving.approve(
        session, edition_id, caller.person_id, role=role, in_force_from=in_force_from, authority=authority
    )
    await follow(session, row)
    return row


async def follow(session: TenantSession, row: ProcedureEdition) -> None:
    """Tell those who want to know, meet the proposals that the text has, and let its review fall due.

    What is held against the manual is to be checked again.
    """
    people = await _subscribers(session, row.manual)
    await notices.tell(session, people, template=PROCEDURES_CHANGED, subject_id=row.id,
                       until=await session.now() + WORD_LASTS)  # fmt: skip
    await keeping.follow(session, row)
    if not row.amendment:
        await _meet(session, row)
        await reviewing.schedule(session, row)


async def _subscribers(session: TenantSession, manual: str) -> Sequence[UUID]:
    found = await session.scalars(
        select(col(ProcedureSubscription.person_id)).where(
            col(ProcedureSubscription.tenant_id) == session.tenant_id, col(ProcedureSubscription.manual) == manual
        )
    )
    return found.all()


async def _meet(session: TenantSession, row: ProcedureEdition) -> None:
    """Agreed proposals that waited for this edition, and whose words it has, are incorporated in it."""
    waiting = await session.scalars(
        select(ProcedureAmendment)
        .join(ProcedureEdition, col(ProcedureEdition.id) == col(ProcedureAmendment.edition_id))
        .where(
            col(ProcedureAmendment.tenant_id) == session.tenant_id,
            col(ProcedureEdition.tenant_id) == session.tenant_id,
            col(ProcedureEdition.manual) == row.manual,
            col(ProcedureAmendment.state) == AmendmentState.AGREED,
            col(ProcedureAmendment.text_id).is_(None),
        )
        .with_for_update(key_share=True, of=ProcedureAmendment)
    )
    for one in waiting.all():
        address = await repository.followed(session, row.id, one.edition_id, one.address)
        provision = await repository.provision(session, row.id, address)
        if provision is not None and provision.text == one.new_text:
            one.state, one.text_id = AmendmentState.INCORPORATED, row.id
