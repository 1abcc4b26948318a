"""What every act of a transfer leaves behind: the story, the audit log, the case's timeline, and word to the other."""

from typing import Any, Final
from uuid import UUID

from backend.cases import naming
from backend.cases import repository as case_rows
from backend.cases import service as cases
from backend.identity.policies import Caller
from backend.kit.audit import Entry
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from backend.sharing.kinds import FORMS
from backend.sharing.models import PartnershipTransfer, TransferAct, TransferMessage
from backend.sharing.states import Told
from notifications.alerts.service import raise_alert
from notifications.ladders.policy import PersonTarget
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships

CARRY_ACROSS: Final = Actor("carry_transfer_across", NOTICES)
CARRY_PAPER: Final = Actor("carry_transfer_paper", NOTICES)
CHANGED_ALERT: Final = "transfer-changed"


async def record(
    session: TenantSession, row: PartnershipTransfer, act: str, caller: Caller | None, *, ours: bool = True,
    words: str | None = None, **detail: Any,
) -> None:  # fmt: skip
    """Keep an act. The audit entry names the other side and the transfer, whose id is the same on both sides."""
    told = {name: str(value) if isinstance(value, UUID) else value for name, value in detail.items()}
    by = caller.person_id if caller is not None else None
    session.append(
        TransferAct, transfer_id=row.id, act=act, ours=ours, at=await session.now(), by_id=by, words=words, detail=told
    )
    other = str(row.partner_id) if row.partner_id is not None else "outside"
    named = {"transfer": str(row.id), "kind": row.kind.value, "side": row.side.value, "other_side": other}
    session.audit_entries.append(Entry(f"transfer.{act}", "transfer", row.id, by, named | told))
    await cases.add_event(session, row.case_id, f"transfer.{act}", by, detail={"transfer": str(row.id), **told})


async def say(session: TenantSession, row: PartnershipTransfer, told: Told, content: dict[str, Any]) -> None:
    """Owe the other partnership word of it. Nobody outside the platform is told by us."""
    if row.partner_id is None:
        return
    row.sent += 1
    session.append(
        TransferMessage, transfer_id=row.id, number=row.sent, told=told, content=content, at=await session.now()
    )
    await owe(session, CARRY_ACROSS, row.id)


async def alert_offered(session: TenantSession, row: PartnershipTransfer) -> None:
    """Tell the post that receives such a notice, by the partnership's own policy; nothing of a child is in it."""
    here = [area.id for area in await partnerships.areas(session) if area.code == row.area_code]
    alert_type = FORMS[row.kind].alert
    await raise_alert(session, alert_type, subject_kind="case", subject_id=row.case_id, area_ids=here)


async def alert_changed(session: TenantSession, row: PartnershipTransfer) -> None:
    """Tell who answers for the case, or with nobody there a duty manager, that the other side has told something."""
    case = await case_rows.case(session, row.case_id)
    called = await naming.of_roles(session, case, ["duty-manager"], confined=False)
    owner = (await contacts.people(session, [case.owner_id])).get(case.owner_id) if case.owner_id else None
    if owner is not None and owner.active and owner.id not in called["never"]:
        called["stand_ins"][naming.OWNER] = PersonTarget(person=owner.code)
    await raise_alert(session, CHANGED_ALERT, subject_kind="case", subject_id=case.id, **called)
