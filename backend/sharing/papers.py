"""Papers of a transfer: put in from the case, held by their own gates, and sent once every gate is open."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from backend.cases import service as cases
from backend.documents import repository as documents
from backend.documents.models import Document, DocumentState
from backend.documents.withholding import withheld
from backend.identity.policies import Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from backend.sharing import following, packet, repository, story
from backend.sharing.kinds import FORMS, Gate, PaperKind, gates_of
from backend.sharing.models import PartnershipTransfer, TransferPaper
from backend.sharing.packet import ConsentTold, CourtTold, consent_faults, court_faults
from backend.sharing.repository import NO_PAPER, NO_TRANSFER
from backend.sharing.states import Side, State
from tenants.partnerships import repository as partnerships


@dataclass(frozen=True, slots=True)
class OpenedTold:
    """What was recorded of a paper's gates."""

    consent: ConsentTold | None = None
    court: CourtTold | None = None

    def given(self) -> dict[Gate, Any]:
        told = {Gate.CONSENT: self.consent, Gate.COURT_PERMISSION: self.court}
        return {gate: msgspec.to_builtins(asdict(one)) for gate, one in told.items() if one is not None}


@dataclass(frozen=True, slots=True)
class PaperTold:
    """A document of the case, what it is, gates beyond those that its kind has, and what is recorded of them."""

    document_id: UUID
    kind: PaperKind
    gates: tuple[Gate, ...] = ()
    opened: OpenedTold = OpenedTold()


async def add(
    session: TenantSession, caller: Caller, transfer_id: UUID, told: PaperTold
) -> tuple[PartnershipTransfer, TransferPaper]:
    """Add a paper to a transfer that is offered or accepted. Raises as ``enter`` does, and ``Conflict``."""
    caller.require(Permission.OFFER_TRANSFERS)
    known = await repository.transfer(session, transfer_id)
    await cases.seen(session, caller, known.case_id, otherwise=NO_TRANSFER)
    await of_case(session, caller, known.case_id, told.document_id)
    row = await _outgoing(session, caller, transfer_id)
    return row, await enter(session, caller, row, told, await _today(session))


async def enter(
    session: TenantSession, caller: Caller, row: PartnershipTransfer, told: PaperTold, today: date
) -> TransferPaper:
    """Put a document of the transfer's case among its papers. It leaves at once only if none of its gates is shut.

    Raises ``NotFound`` for one that is not of the case, or is withheld from the caller, ``Conflict`` for one whose
    upload is not complete or that is among the papers, ``Invalid``.
    """
    document = await of_case(session, caller, row.case_id, told.document_id)
    if document.state is not DocumentState.AVAILABLE:
        raise Conflict("This document is still awaiting its upload. Complete the upload, then add it.")
    there = (await repository.papers(session, [row.id])).get(row.id, [])
    if any(one.document_id == document.id for one in there):
        raise Conflict("This document is among the papers already.")
    gates = gates_of(row.kind, told.kind) | set(told.gates)
    if faults := _opened_faults(told.opened, gates, today):
        raise Invalid(faults)
    paper = TransferPaper(
        tenant_id=session.tenant_id, id=uuid7(), transfer_id=row.id, document_id=document.id, kind=told.kind,
        title=document.title, content_type=document.content_type, size=document.size, sha256=document.sha256,
        object_key=document.object_key, version_id=document.version_id, gates=sorted(gates),
        opened={gate.value: given for gate, given in told.opened.given().items()}, added_by=caller.person_id,
        added_at=await session.now(),
    )  # fmt: skip
    session.insert(paper)
    await session.flush()
    await story.record(session, row, "paper_added", caller, paper=paper.id, paper_kind=told.kind.value,
                       gates=list(paper.gates), shut=[gate.value for gate in shut(paper)])  # fmt: skip
    await _passed(session, row, paper, set(told.opened.given()))
    return paper


async def of_case(session: TenantSession, caller: Caller, case_id: UUID, document_id: UUID) -> Document:
    """A document of a case. Raises ``NotFound``, also for one that is withheld from the caller."""
    document = await documents.document(session, document_id)
    if document.case_id != case_id or await withheld(session, [document.id], caller.person_id):
        raise NotFound(documents.NO_DOCUMENT)
    return document


async def open_gate(
    session: TenantSession, caller: Caller, paper_id: UUID, told: OpenedTold
) -> tuple[PartnershipTransfer, TransferPaper]:
    """Record what opens a gate of one paper: whose agreement, or which court's permission. Once all are open it goes.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for a gate that is open or a transfer that has ended, ``Invalid``.
    """
    known = await repository.paper(session, paper_id)
    if known is None:
        raise NotFound(NO_PAPER)
    row = await _outgoing(session, caller, known.transfer_id, otherwise=NO_PAPER)
    paper = await repository.locked_paper(session, paper_id)
    given = told.given()
    faults = _opened_faults(told, frozenset(Gate(code) for code in paper.gates), await _today(session))
    if not given:
        faults.append(FieldError("consent", "give consent or court: what opens the gate"))
    if faults:
        raise Invalid(faults)
    if not set(given) <= shut(paper):
        raise Conflict("This gate is open already.")
    paper.opened = {**paper.opened, **{gate.value: one for gate, one in given.items()}}
    await story.record(session, row, "gate_opened", caller, paper=paper.id, gates=[gate.value for gate in given])
    await _passed(session, row, paper, set(given))
    return row, paper


def shut(paper: TransferPaper) -> frozenset[Gate]:
    """The gates that still hold the paper back."""
    return frozenset(Gate(code) for code in paper.gates) - packet.satisfied(paper.opened)


async def _passed(session: TenantSession, row: PartnershipTransfer, paper: TransferPaper, opened: set[Gate]) -> None:
    """Tell the run of the court's permission, and send the paper if nothing holds it."""
    permits = FORMS[row.kind].court_permits
    if Gate.COURT_PERMISSION in opened and permits is not None:
        day = date.fromisoformat(paper.opened[Gate.COURT_PERMISSION]["permitted_on"])
        await following.tell(session, row, f"permitted:{paper.id}", {permits: day})
    if not shut(paper) and row.partner_id is not None:
        await owe(session, story.CARRY_PAPER, paper.id)


async def _outgoing(
    session: TenantSession, caller: Caller, transfer_id: UUID, *, otherwise: str = NO_TRANSFER
) -> PartnershipTransfer:
    caller.require(Permission.OFFER_TRANSFERS)
    known = await repository.find(session, transfer_id)
    if known is None:
        raise NotFound(otherwise)
    await cases.changeable(session, caller, known.case_id, otherwise=otherwise)
    row = await repository.transfer(session, transfer_id, lock=True)
    if row.side is not Side.OUTGOING:
        raise Conflict("Papers are sent by the partnership that offered the transfer.")
    if row.state not in {State.OFFERED, State.ACCEPTED}:
        raise Conflict(f"This transfer is {row.state.value}; no paper goes any more.")
    return row


def _opened_faults(told: OpenedTold, gates: frozenset[Gate], today: date) -> list[FieldError]:
    found = [
        FieldError("court" if gate is Gate.COURT_PERMISSION else "consent", "is no gate of this paper")
        for gate in told.given()
        if gate not in gates
    ]
    if told.consent is not None:
        found += consent_faults("consent", told.consent, today)
    if told.court is not None:
        found += court_faults("court", told.court, today)
    return found


async def _today(session: TenantSession) -> date:
    return cases.local_day(await session.now(), (await partnerships.own(session)).zone)
