"""What is left at the receiver of a transfer that was refused, or taken back before it was accepted."""

from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from backend.kit.tasks import cancel
from backend.pathways import voiding
from backend.sharing import following, repository
from backend.sharing.models import PartnershipTransfer


async def end_at_receiver(session: TenantSession, by: Caller | None, row: PartnershipTransfer, reason: str) -> None:
    """Take back what the receiver's clocks count from, close its run and void its case.

    What happened stays in the story, the timeline and the audit log. A case that somebody has begun to work on, or
    has offered on, stays open. ``by`` is None for what the other side did.
    """
    await following.withdraw_receipt(session, row, reason)
    cancel(session, following.BEGIN_TRANSFER, [row.id])
    if row.run_id is not None:
        await voiding.end_run(session, by, row.run_id, reason)
    if not await repository.others_of_case(session, row.case_id, row.id):
        await voiding.void_if_empty(session, by, row.case_id, row.run_id, reason)
