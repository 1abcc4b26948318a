"""What cannot be brought to the other side: tried for a time, then told to the sender and their manager, sent anew."""

from typing import Final
from uuid import UUID

import structlog

from backend.cases import naming
from backend.cases import repository as case_rows
from backend.cases import service as cases
from backend.cases.policies import may_change
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, Forbidden
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from backend.sharing import repository, story
from backend.sharing.models import PartnershipTransfer, TransferMessage, TransferPaper
from backend.sharing.repository import NO_TRANSFER
from backend.sharing.trying import wait_after
from notifications.alerts.service import raise_alert
from notifications.ladders.policy import PersonTarget
from tenants.contacts import repository as contacts

log = structlog.get_logger(__name__)

UNDELIVERED_ALERT: Final = "transfer-undelivered"


async def failed(session: TenantSession, row: PartnershipTransfer, what: TransferMessage | TransferPaper) -> None:
    """Note one more try that has failed: it is owed again later, or given up and told. ``row`` is locked."""
    what.tries += 1
    now, wait = await session.now(), wait_after(what.tries)
    if wait is not None:
        is_paper = isinstance(what, TransferPaper)
        actor, subject_id = (story.CARRY_PAPER, what.id) if is_paper else (story.CARRY_ACROSS, row.id)
        await owe(session, actor, subject_id, due_at=now + wait)
        return
    what.undelivered_at = now
    log.error("transfer_undelivered", kind=row.kind.value, case_id=str(row.case_id), attempts=what.tries)
    part = "paper" if isinstance(what, TransferPaper) else what.told.value
    await story.record(session, row, "undelivered", None, part=part, tries=what.tries)
    if row.undelivered_at is None:  # told once until it is sent anew, however many parts are held up
        row.undelivered_at = now
        await _alert(session, row)


async def _alert(session: TenantSession, row: PartnershipTransfer) -> None:
    """Tell who sent it, or where they have left who answers for the case, and a manager besides."""
    case = await case_rows.case(session, row.case_id)
    called = await naming.of_roles(session, case, ["duty-manager"], confined=False)
    sender = row.answered_by if row.offered_by is None else row.offered_by
    known = await contacts.people(session, [one for one in (sender, case.owner_id) if one is not None])
    found = (known.get(one) for one in (sender, case.owner_id) if one is not None and one not in called["never"])
    told = next((one for one in found if one is not None and one.active), None)
    if told is not None:
        called["stand_ins"][naming.OWNER] = PersonTarget(person=told.code)
    await raise_alert(session, UNDELIVERED_ALERT, subject_kind="case", subject_id=case.id, **called)


async def arrived(session: TenantSession, row: PartnershipTransfer) -> None:
    """Note that nothing is held up any more, once nothing is. ``row`` is locked."""
    await session.flush()
    if row.undelivered_at is not None and not any(await repository.given_up(session, row)):
        row.undelivered_at = None
        await story.record(session, row, "delivered_after_all", None)


async def resend(session: TenantSession, caller: Caller, transfer_id: UUID) -> PartnershipTransfer:
    """Try anew to bring everything that was given up. Raises ``NotFound``, ``Forbidden``, ``Conflict``."""
    caller.require(Permission.OFFER_TRANSFERS)
    known = await repository.transfer(session, transfer_id)
    # Word of a refusal may be held up when the case is void already.
    _, ties = await cases.sight(session, caller, known.case_id, otherwise=NO_TRANSFER)
    if not may_change(ties, caller):
        raise Forbidden("Breaking the glass lets you read this case, not act on it. Ask its owner to send it anew.")
    row = await repository.transfer(session, transfer_id, lock=True)
    if row.undelivered_at is None:
        raise Conflict("Nothing of this transfer was given up: it has arrived, or is being tried. Look again later.")
    await take_up(session, row)
    await story.record(session, row, "sent_anew", caller)
    return row


async def take_up(session: TenantSession, row: PartnershipTransfer) -> None:
    """Owe anew what was given up, with all its tries before it."""
    letters, papers = await repository.given_up(session, row)
    for one in (*letters, *papers):
        one.tries, one.undelivered_at = 0, None
    row.undelivered_at = None
    if letters:
        await owe(session, story.CARRY_ACROSS, row.id)
    for paper in papers:
        await owe(session, story.CARRY_PAPER, paper.id)
