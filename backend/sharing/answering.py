"""Answer a transfer that has come, write about one, and tell the event on which responsibility passes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.cases import repository as case_rows
from backend.cases import service as cases
from backend.cases.access import bars
from backend.cases.access import repository as access
from backend.cases.access.models import CaseGrant
from backend.cases.children import service as children
from backend.documents.models import Document, DocumentState
from backend.identity.policies import Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.sharing import following, repository, story
from backend.sharing.ending import end_at_receiver
from backend.sharing.following import local_day
from backend.sharing.kinds import FORMS
from backend.sharing.models import PartnershipTransfer, TransferPaper
from backend.sharing.offering import to_change
from backend.sharing.packet import Packet
from backend.sharing.states import Side, State, Told, acted, settles

_NO_RUN: Final = (
    "This event is told from the run of the pathway, and it is not recorded there. Record it in the run, then tell it."
)


@dataclass(frozen=True, slots=True)
class AcceptanceTold:
    """Who answers for the child from now on, and a word to the other side."""

    accountable_id: UUID
    note: str | None = None


async def accept(
    session: TenantSession, caller: Caller, transfer_id: UUID, told: AcceptanceTold
) -> PartnershipTransfer:
    """Accept a transfer by naming who is accountable. The child's record and the papers come onto the case with it.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that is answered, ``Invalid`` for somebody who has left
    or from whom the case is kept.
    """
    caller.require(Permission.ANSWER_TRANSFERS)
    row = await to_change(session, caller, transfer_id)
    person = (await cases.here(session, "accountableId", [told.accountable_id]))[0]
    state = acted(row.state, row.side, Told.ACCEPTED)
    if faults := text_faults(note=(told.note, 2_000)):
        raise Invalid(faults)
    await bars.refuse_barred(session, row.case_id, "accountableId", [person.id])
    now = await session.now()
    row.state, row.answered_at, row.answered_by, row.answer_reason = state, now, caller.person_id, told.note
    row.accountable_id, row.accountable_name, row.accountable_post = person.id, person.name, person.post
    case = await case_rows.locked(session, row.case_id)
    case.owner_id, case.agency_id = person.id, person.agency_id
    listed = {grant.person_id for grant in (await access.lists(session, [case.id])).get(case.id, [])}
    if case.restricted and person.id not in listed:
        session.append(CaseGrant, case_id=case.id, person_id=person.id, granted_by=caller.person_id, from_at=now)
    for child in Packet.read(row.packet).children:
        await children.enter_subject(session, row.case_id, child, recorded_by=caller.person_id)
    for paper in (await repository.papers(session, [row.id])).get(row.id, []):
        await into_case(session, row, paper, caller.person_id)
    facts = {"acceptance": f"{person.name}, {person.post}, {now.isoformat()}"}
    await following.tell(session, row, "accepted", {"position-raised": now}, facts)
    await story.record(session, row, "accepted", caller, words=told.note, accountable=person.id)
    content = {"name": person.name, "post": person.post, "note": told.note, "at": now.isoformat()}
    await story.say(session, row, Told.ACCEPTED, content)
    return row


async def into_case(session: TenantSession, row: PartnershipTransfer, paper: TransferPaper, by: UUID) -> None:
    """Make a paper that has come a document of the receiver's case."""
    now = await session.now()
    document = Document(
        tenant_id=session.tenant_id, id=uuid7(), case_id=row.case_id, title=paper.title,
        content_type=paper.content_type, size=paper.size, sha256=paper.sha256, object_key=paper.object_key,
        version_id=paper.version_id, state=DocumentState.AVAILABLE, uploaded_by=by, started_at=now, completed_at=now,
    )  # fmt: skip
    session.add(document)
    await session.flush()
    paper.document_id = document.id
    await cases.add_event(session, row.case_id, "document.available", by, detail={"document_id": str(document.id)})


async def refuse(session: TenantSession, caller: Caller, transfer_id: UUID, reason: str) -> PartnershipTransfer:
    """Refuse a transfer with the reason. The sender stays responsible, and its own clocks run on; here nothing does.

    Raises as ``accept`` does, and ``Conflict`` for a notice of a death, which nobody refuses.
    """
    caller.require(Permission.ANSWER_TRANSFERS)
    row = await to_change(session, caller, transfer_id)
    state = acted(row.state, row.side, Told.REFUSED)
    if not FORMS[row.kind].refusable:
        raise Conflict("A notice of a death is not refused: accept it, and say to the other panel what you know.")
    if faults := text_faults(reason=(reason, 2_000)):
        raise Invalid(faults)
    row.state, row.answered_at, row.answered_by, row.answer_reason = (
        state, await session.now(), caller.person_id, reason,
    )  # fmt: skip
    await story.record(session, row, "refused", caller, words=reason)
    await end_at_receiver(session, caller, row, "The transfer was refused.")
    await story.say(session, row, Told.REFUSED, {"reason": reason})
    return row


async def write(session: TenantSession, caller: Caller, transfer_id: UUID, text: str) -> PartnershipTransfer:
    """Ask the other side something, or answer it. Nothing changes by it but that both know.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for somebody outside the platform, ``Invalid``.
    """
    caller.require(Permission.OFFER_TRANSFERS)
    row = await to_change(session, caller, transfer_id)
    if faults := text_faults(text=(text, 10_000)):
        raise Invalid(faults)
    if row.partner_id is None:
        raise Conflict("The other side is not on the platform. Write to them yourself, and record their answer here.")
    await story.record(session, row, "wrote", caller, words=text)
    await story.say(session, row, Told.WROTE, {"text": text})
    return row


async def settle(session: TenantSession, caller: Caller, transfer_id: UUID) -> PartnershipTransfer:
    """Tell the other side that the event has happened on which responsibility passes, as this side's run has it.

    For a plan that is the receiver's conference; for enquiries their conclusion, and for a report its filing, by
    the sender. Nothing else of the run is told. Raises ``NotFound``, ``Forbidden``, ``Conflict``.
    """
    caller.require(Permission.OFFER_TRANSFERS)
    row = await to_change(session, caller, transfer_id)
    form = FORMS[row.kind]
    if form.settles is None or not settles(row.kind, row.side):
        raise Conflict("Responsibility for this kind passes by nothing that your side tells.")
    if row.state is not State.ACCEPTED:
        raise Conflict("Responsibility passes only once the transfer is accepted.")
    if row.settled_at is not None:
        raise Conflict("The other side was told already.")
    happened = await following.moment_of(session, row, form.settles)
    if happened is None:
        raise Conflict(_NO_RUN)
    row.settled_at = happened
    await story.record(session, row, "settled", caller, event=form.settles, happened=happened.isoformat())
    await story.say(session, row, Told.SETTLED, {"at": happened.isoformat()})
    return row


async def heard_settled(session: TenantSession, row: PartnershipTransfer, at: datetime) -> None:
    """The other side's event, in this side's run: now the old plan may be ended (Working Together 2005 ¶4.114)."""
    form = FORMS[row.kind]
    row.settled_at = at
    meeting = form.meeting if row.side is Side.OUTGOING else None
    facts = {"receiving-conference-date": (await local_day(session, at)).isoformat()} if meeting else {}
    events = {form.settles: at} if form.settles else {}
    if form.outcome_heard is not None and row.side is Side.INCOMING:
        events[form.outcome_heard] = await session.now()
    await following.tell(session, row, "settled", events, facts, meeting=meeting, at=at)
