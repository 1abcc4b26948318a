"""Amendments: proposed by anybody, collated, agreed by the sub-group; urgent ones go round the agencies at once.

Agreement comes first, then an email to the nominated manager of every agency that holds to the manual, then word from
each that it was passed on (Hertfordshire manual 2006 ¶1.4.1 and 1.4.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.procedures import chasing, publishing
from notifications.deliveries import notices
from notifications.deliveries.wording import PROCEDURES_AMENDED
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel
from tenants.procedures import approving, changes, corrections, drafting, repository
from tenants.procedures.change_models import ProcedureAmendment, ProcedureCirculation
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import AmendmentState, EditionState

WORD_LASTS: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ProposalTold:
    """What somebody proposes to change in a provision of an edition, and why; an urgent one, why it cannot wait."""

    edition_id: UUID
    address: str
    change: str
    reason: str
    why_urgent: str | None = None


@dataclass(frozen=True, slots=True)
class AgreementTold:
    """What the sub-group agreed: the provision's new text, where that is minuted, and from when an urgent one holds."""

    new_text: str
    minute: str
    effective_from: date | None = None


async def propose(session: TenantSession, caller: Caller, told: ProposalTold, amendment_id: UUID) -> ProcedureAmendment:
    """Propose a change to a text that is or was in force. Raises ``NotFound``, ``Invalid``."""
    edition = await repository.edition(session, told.edition_id)
    if edition.in_force_from is None:
        raise NotFound(repository.NO_EDITION)
    faults = [fault for name, text in (("change", told.change), ("reason", told.reason))
              if (fault := text_fault(name, text, 10_000))]  # fmt: skip
    faults += text_faults(whyUrgent=(told.why_urgent, 2_000))
    if faults:
        raise Invalid(faults)
    if await repository.provision(session, edition.id, told.address) is None:
        raise NotFound(repository.NO_PROVISION)
    row = ProcedureAmendment(
        tenant_id=session.tenant_id, id=amendment_id, edition_id=edition.id, address=told.address, change=told.change,
        reason=told.reason, urgent=told.why_urgent is not None, why_urgent=told.why_urgent,
        proposed_by=caller.person_id, proposed_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    _record(session, row, "proposed", caller)
    return row


async def collate(session: TenantSession, caller: Caller, amendment_id: UUID) -> ProcedureAmendment:
    """Take a proposal up among those that the sub-group sees. Raises ``NotFound``, ``Conflict``."""
    row = await _in_state(session, amendment_id, AmendmentState.PROPOSED)
    row.state, row.collated_by, row.collated_at = AmendmentState.COLLATED, caller.person_id, await session.now()
    _record(session, row, "collated", caller)
    return row


async def refuse(session: TenantSession, caller: Caller, amendment_id: UUID, reasons: str) -> ProcedureAmendment:
    """Refuse a proposal, with reasons for whoever made it. Raises ``NotFound``, ``Conflict``, ``Invalid``."""
    row = await _in_state(session, amendment_id, AmendmentState.PROPOSED, AmendmentState.COLLATED)
    if fault := text_fault("reasons", reasons, 5_000):
        raise Invalid([fault])
    row.state, row.reasons = AmendmentState.REFUSED, reasons
    _record(session, row, "refused", caller)
    return row


async def agree(
    session: TenantSession, caller: Caller, amendment_id: UUID, told: AgreementTold, role: str
) -> ProcedureAmendment:
    """Record the sub-group's formal agreement.

    An urgent one makes the next amendment level of the edition in force at once, and of those that are approved to
    follow it, in ``role``; any other waits for the next edition. Raises ``NotFound``; ``Forbidden`` for whoever
    proposed it; ``Conflict`` for one that was answered, or whose manual is not in force; ``Invalid``.
    """
    row = await _in_state(session, amendment_id, AmendmentState.PROPOSED, AmendmentState.COLLATED)
    if row.proposed_by == caller.person_id:
        raise Forbidden("Whoever proposes an amendment does not agree to it. Ask somebody else of the sub-group.")
    if role not in caller.roles:
        raise Conflict(f"You do not have the role {role}; agree in one that you have: {', '.join(caller.roles)}.")
    faults = [fault for name, text, most in (("newText", told.new_text, 50_000), ("minute", told.minute, 300))
              if (fault := text_fault(name, text, most))]  # fmt: skip
    today = await repository.today(session)
    if row.urgent and (told.effective_from is None or told.effective_from < today):
        faults.append(FieldError("effectiveFrom", "say from when the urgent amendment holds, today or later"))
    if faults:
        raise Invalid(faults)
    row.state, row.agreed_by, row.agreed_at = AmendmentState.AGREED, caller.person_id, await session.now()
    row.minute, row.new_text, row.effective_from = told.minute, told.new_text, told.effective_from
    _record(session, row, "agreed", caller)
    await session.flush()
    if row.urgent and told.effective_from is not None:
        row.text_id = (await _amended(session, caller, row, told.effective_from, role)).id
    return row


async def circulate(session: TenantSession, caller: Caller, amendment_id: UUID) -> ProcedureAmendment:
    """Send an urgent amendment to the nominated manager of every agency that holds to the manual, and ask after it.

    Raises ``NotFound``, and ``Conflict`` for one that is not agreed or is not urgent, or while an agency has nobody
    who can be sent it: the agencies are named.
    """
    row = await _in_state(session, amendment_id, AmendmentState.AGREED)
    if row.text_id is None:
        raise Conflict("Only an urgent amendment is circulated; any other waits for the next edition.")
    edition = await repository.edition(session, row.text_id)
    managers = await _managers(session, edition)
    now = await session.now()
    for agency_id, person_id in managers.items():
        sent = await notices.tell(session, [person_id], template=PROCEDURES_AMENDED, subject_id=row.id,
                                  until=now + WORD_LASTS)  # fmt: skip
        session.insert(
            ProcedureCirculation(
                tenant_id=session.tenant_id, id=uuid7(), amendment_id=row.id, agency_id=agency_id,
                person_id=person_id, notices=sent, sent_at=now,
            )
        )  # fmt: skip
    row.state, row.circulated_at = AmendmentState.CIRCULATED, now
    await session.flush()
    await chasing.schedule(session, row.id)
    _record(session, row, "circulated", caller, agencies=len(managers))
    return row


async def acknowledge(
    session: TenantSession, caller: Caller, circulation_id: UUID, device_at: datetime | None = None
) -> ProcedureCirculation:
    """Say, as the nominated manager, that the amendment has come. Raises ``NotFound``, ``Forbidden``.

    ``device_at`` is when the phone of who was offline says that it was acknowledged.
    """
    row = await _own(session, caller, circulation_id)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.device_at = await session.now(), device_at
        _record_circulation(session, row, "acknowledged", caller)
    return row


async def forward(session: TenantSession, caller: Caller, circulation_id: UUID, copies: int) -> ProcedureCirculation:
    """Say that everybody on the agency's list has the amendment, ``copies`` of them on paper.

    Raises ``NotFound``, ``Forbidden``, ``Invalid``, and ``Conflict`` before it is acknowledged.
    """
    row = await _own(session, caller, circulation_id)
    if not 0 <= copies <= 100_000:
        raise Invalid([FieldError("copies", "must be 0 to 100,000")])
    if row.acknowledged_at is None:
        raise Conflict("Confirm first that the amendment has come.")
    row.forwarded_at, row.copies = row.forwarded_at or await session.now(), copies
    _record_circulation(session, row, "forwarded", caller)
    return row


async def nominate(session: TenantSession, caller: Caller, agency: str, person_id: UUID) -> UUID:
    """As ``changes.nominate``; what the agency has not passed on yet goes to the new manager too."""
    agency_id = await changes.nominate(session, agency, person_id, caller.person_id)
    now = await session.now()
    for row in await changes.not_passed_on(session, agency_id):
        await notices.tell(session, [person_id], template=PROCEDURES_AMENDED, subject_id=row.amendment_id,
                           until=now + WORD_LASTS)  # fmt: skip
    return agency_id


async def _amended(
    session: TenantSession, caller: Caller, row: ProcedureAmendment, effective_from: date, role: str
) -> ProcedureEdition:
    """The text in force on a day, with the one provision changed, as its next amendment level.

    A text that is approved already and comes in force later would undo the change: each that still has the provision
    is amended likewise.
    """
    about = await repository.edition(session, row.edition_id)
    found = await repository.in_force(session, effective_from, about.manual)
    if not found:
        raise Conflict("No edition of this manual is in force on that day; approve one first.")
    made = await _level(session, caller, row, found[0], effective_from, role)
    for day, text in await repository.to_come(session, about.manual, effective_from):
        address = await repository.followed(session, text.id, row.edition_id, row.address)
        if await repository.provision(session, text.id, address) is not None:
            await _level(session, caller, row, text, day, role)
    return made


async def _level(
    session: TenantSession, caller: Caller, row: ProcedureAmendment, base: ProcedureEdition, day: date, role: str
) -> ProcedureEdition:
    """The next amendment level of an edition, with the one provision of ``base`` changed, in force from a day on."""
    made = ProcedureEdition(
        tenant_id=session.tenant_id, id=uuid7(), manual=base.manual, number=base.number, level=base.level,
        amendment=await repository.next_amendment(session, base.manual, base.number), title=base.title,
        law_as_at=base.law_as_at, next_review=base.next_review, summary=row.change, based_on_id=base.id,
        state=EditionState.DRAFT, made_at=await session.now(), made_by=row.proposed_by,
    )  # fmt: skip
    session.insert(made)
    await session.flush()
    await drafting.copy(session, base.id, made.id)
    address = await repository.followed(session, base.id, row.edition_id, row.address)
    await corrections.set_fields(session, made.id, [address], {"text": row.new_text}, caller.person_id)
    await approving.approve(session, made.id, caller.person_id, role=role, in_force_from=day,
                            authority=row.minute or "")  # fmt: skip
    await publishing.follow(session, made)
    return made


async def _managers(session: TenantSession, edition: ProcedureEdition) -> Mapping[UUID, UUID]:
    """The nominated manager of each agency that holds to the manual. Raises ``Conflict``."""
    agencies = await changes.agreed_agencies(session, edition.manual)
    if not agencies:
        raise Conflict("No agency is recorded as holding to this manual. Record their adoption first.")
    managers = await changes.managers(session, list(agencies))
    methods = await contacts.contact_methods(session, list(managers.values()))
    reached = {person for person, found in methods.items() if any(one.channel == Channel.EMAIL for one in found)}
    empty = [code for agency_id, code in agencies.items() if managers.get(agency_id) not in reached]
    if empty:
        names = ", ".join(sorted(empty))
        raise Conflict(f"Nobody can be sent it at {names}: nominate a manager there who has a verified email address.")
    return managers


async def _in_state(session: TenantSession, amendment_id: UUID, *states: AmendmentState) -> ProcedureAmendment:
    row = await changes.amendment(session, amendment_id, lock=True)
    if row.state not in states:
        raise Conflict(f"This amendment is {row.state.value} already.")
    return row


async def _own(session: TenantSession, caller: Caller, circulation_id: UUID) -> ProcedureCirculation:
    """The circulation, for the manager whom it went to or who has come after. Raises ``NotFound``, ``Forbidden``."""
    row = await changes.circulation(session, circulation_id, lock=True)
    now = (await changes.managers(session, [row.agency_id])).get(row.agency_id)
    if caller.person_id not in {row.person_id, now}:
        raise Forbidden("This went to another manager, who says what became of it.")
    return row


def _record(session: TenantSession, row: ProcedureAmendment, what: str, caller: Caller, **detail: int) -> None:
    session.audit_entries.append(
        Entry(f"procedure_amendment.{what}", "procedure_amendment", row.id, caller.person_id, {**detail})
    )


def _record_circulation(session: TenantSession, row: ProcedureCirculation, what: str, caller: Caller) -> None:
    session.audit_entries.append(
        Entry(f"procedure_circulation.{what}", "procedure_circulation", row.id, caller.person_id,
              {"amendment_id": str(row.amendment_id)})
    )  # fmt: skip
