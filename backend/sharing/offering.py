"""Offer a child's transfer to another partnership, or to somebody outside the platform; withdraw it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children.checks import ChildTold
from backend.child_deaths import repository as child_deaths
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.pathways.closing import holds_cases
from backend.sharing import following, holding, packet, papers, repository, story
from backend.sharing.death_notices import packet_of
from backend.sharing.kinds import FORMS, Kind
from backend.sharing.models import PartnershipTransfer
from backend.sharing.packet import ConsentTold, Packet
from backend.sharing.papers import PaperTold
from backend.sharing.recipients import OutsideTold, outside_faults, thumbprint
from backend.sharing.repository import NO_TRANSFER
from backend.sharing.states import ENDED, Side, State, Told, acted
from notifications.alerts.service import raise_alert
from tenants.contacts import repository as contacts
from tenants.contacts.models import Person
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership

_FAR: Final = timedelta(days=3 * 366)
MOST_PAPERS: Final = 50
holds_cases(holding.unanswered)


@dataclass(frozen=True, slots=True)
class OfferTold:
    """Everything that is said when a child's transfer is offered.

    To ``partner`` by its code, in the ``area`` of it by the area's code; or to somebody ``outside``.
    """

    kind: Kind
    case_id: UUID
    children: tuple[ChildTold, ...]
    items: Mapping[str, str]
    reason: str
    partner: str | None = None
    area: str | None = None
    outside: OutsideTold | None = None
    move_on: date | None = None
    move_known_at: datetime | None = None
    papers: tuple[PaperTold, ...] = ()
    agreement: ConsentTold | None = None
    in_doubt: bool = False
    replaces_id: UUID | None = None

    @property
    def packet(self) -> Packet:
        return Packet(self.children, dict(self.items), self.agreement)


async def offer(session: TenantSession, caller: Caller, told: OfferTold, transfer_id: UUID) -> PartnershipTransfer:
    """Offer the transfer. It crosses once this is committed; the sender stays responsible until it is accepted.

    A notice of a death that names no child, or says nothing, takes that from the report of the death. Papers whose
    gates are shut stay behind until each is opened. Raises ``NotFound``, ``Forbidden``, ``Conflict`` for a closed
    case or an offer that waits already, ``Invalid`` with every fault.
    """
    caller.require(Permission.OFFER_TRANSFERS)
    case = await cases.changeable(session, caller, told.case_id)
    told = await _filled(session, told)
    for paper in told.papers:
        await papers.of_case(session, caller, case.id, paper.document_id)
    if told.replaces_id is not None:
        await _replaced(session, told.replaces_id, told.case_id)
    now = await session.now()
    today = cases.local_day(now, (await partnerships.own(session)).zone)
    partner, faults = await _recipient(session, told)
    faults += _faults(told, now, today)
    if faults:
        raise Invalid(faults)
    # Two notices of one death are better than none.
    if told.kind is not Kind.DEATH_NOTICE and await repository.waits(
        session, case.id, told.kind, partner.id if partner else _name(told, partner)
    ):
        raise Conflict("This case is offered there already. Wait for the answer, or withdraw that offer first.")
    sender = (await contacts.people(session, [caller.person_id]))[caller.person_id]
    row = await _kept_as_offered(session, told, partner, sender, caller, transfer_id)
    for paper in told.papers:
        await papers.enter(session, caller, row, paper, today)
    if told.kind is Kind.DEATH_NOTICE and told.in_doubt:
        # If in doubt both panels are told (Cambridgeshire and Peterborough manual L480).
        areas = [case.area_id] if case.area_id else []
        alert = FORMS[told.kind].alert
        await raise_alert(session, alert, subject_kind="case", subject_id=case.id, area_ids=areas)
    return row


async def offer_unasked(
    session: TenantSession, told: OfferTold, partner: Partnership, sender: Person, transfer_id: UUID
) -> PartnershipTransfer:
    """Offer to a partnership what a rule has told without anybody's act here; ``sender`` is whom the other side asks.

    What is ``told`` was checked. The story and the audit log name nobody as having offered it.
    """
    return await _kept_as_offered(session, told, partner, sender, None, transfer_id)


async def _kept_as_offered(
    session: TenantSession, told: OfferTold, partner: Partnership | None, sender: Person, caller: Caller | None,
    transfer_id: UUID,
) -> PartnershipTransfer:  # fmt: skip
    data, now = told.packet.as_data(), await session.now()
    row = PartnershipTransfer(
        tenant_id=session.tenant_id, id=transfer_id, side=Side.OUTGOING, kind=told.kind, state=State.OFFERED,
        partner_id=partner.id if partner else None, partner_name=_name(told, partner), outside=_kept(told.outside),
        area_code=told.area, case_id=told.case_id, packet=data, digest=packet.digest(data), reason=told.reason,
        move_on=told.move_on, move_known_at=told.move_known_at, in_doubt=told.in_doubt, sender_name=sender.name,
        sender_post=sender.post, offered_by=caller.person_id if caller is not None else None, offered_at=now,
        replaces_id=told.replaces_id,
    )  # fmt: skip
    session.insert(row)
    await session.flush()
    if caller is not None:
        row.run_id = await following.begin_at_sender(session, caller, row)
    await story.record(session, row, "offered", caller, digest=row.digest, papers=len(told.papers))
    await story.say(session, row, Told.OFFERED, _offered(row))
    return row


def _name(told: OfferTold, partner: Partnership | None) -> str:
    return partner.name if partner is not None else (told.outside.organisation if told.outside else "")


async def _filled(session: TenantSession, told: OfferTold) -> OfferTold:
    """A notice of a death with what it leaves out, as the report of the death has it."""
    if told.kind is not Kind.DEATH_NOTICE or (told.children and told.items):
        return told
    death = (await child_deaths.of_cases(session, [told.case_id])).get(told.case_id)
    if death is None:
        return told
    known = await packet_of(session, death)
    return replace(told, children=told.children or known.children, items=told.items or known.items)


async def withdraw(session: TenantSession, caller: Caller, transfer_id: UUID, reason: str) -> PartnershipTransfer:
    """Take an offer back before it is answered. An acceptance that is on its way stands all the same.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that is answered, ``Invalid`` for the reason.
    """
    caller.require(Permission.OFFER_TRANSFERS)
    row = await to_change(session, caller, transfer_id)
    if faults := text_faults(reason=(reason, 2_000)):
        raise Invalid(faults)
    row.state = acted(row.state, row.side, Told.WITHDRAWN)
    row.answered_at, row.answer_reason = await session.now(), reason
    await story.record(session, row, "withdrawn", caller, words=reason)
    await story.say(session, row, Told.WITHDRAWN, {"reason": reason})
    return row


async def to_change(
    session: TenantSession, caller: Caller, transfer_id: UUID, *, otherwise: str = NO_TRANSFER
) -> PartnershipTransfer:
    """This side's copy, locked, for a caller who may change its case.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one whose case is closed, or void because it has ended.
    """
    known = await repository.transfer(session, transfer_id)
    await cases.seen(session, caller, known.case_id, otherwise=otherwise)
    if known.side is Side.INCOMING and known.state in {State.REFUSED, State.WITHDRAWN}:
        raise Conflict(ENDED.format(known.state.value))
    await cases.changeable(session, caller, known.case_id, otherwise=otherwise)
    return await repository.transfer(session, transfer_id, lock=True)


def _offered(row: PartnershipTransfer) -> dict[str, object]:
    return {
        "kind": row.kind.value, "area": row.area_code, "packet": row.packet, "digest": row.digest,
        "reason": row.reason, "move_on": row.move_on.isoformat() if row.move_on else None,
        "move_known_at": row.move_known_at.isoformat() if row.move_known_at else None,
        "in_doubt": row.in_doubt, "sender_name": row.sender_name, "sender_post": row.sender_post,
        "offered_at": row.offered_at.isoformat(), "replaces": str(row.replaces_id) if row.replaces_id else None,
    }  # fmt: skip


def _kept(outside: OutsideTold | None) -> dict[str, str] | None:
    return None if outside is None else {**asdict(outside), "thumbprint": thumbprint(outside.key)}


async def _recipient(session: TenantSession, told: OfferTold) -> tuple[Partnership | None, list[FieldError]]:
    if (told.partner is None) == (told.outside is None):
        return None, [FieldError("partner", "give either a partnership or, for somebody elsewhere, outside")]
    if told.outside is not None:
        found = outside_faults(told.outside)
        return None, found + (
            [FieldError("receivingArea", "must be left out for somebody outside")] if told.area else []
        )
    found_partner = next((one for one in await partnerships.addressable(session) if one.slug == told.partner), None)
    if found_partner is None:
        return None, [FieldError("partner", "is no partnership that can be addressed; take one of transferPartners")]
    if found_partner.id == session.tenant_id:
        hint = "is your own partnership; within it hand the case over to another team"
        return None, [FieldError("partner", hint)]
    areas = {area.code for area in await partnerships.areas_of(session, [found_partner.id])}
    if told.area not in areas:
        return None, [FieldError("receivingArea", f"must be one of its areas: {', '.join(sorted(areas))}")]
    return found_partner, []


def _faults(told: OfferTold, now: datetime, today: date) -> list[FieldError]:
    found = packet.faults(told.kind, told.packet, today)
    if fault := text_fault("reason", told.reason, 2_000):
        found.append(fault)
    if told.move_on is not None and abs(told.move_on - today) > _FAR:
        found.append(FieldError("moveOn", "lies too far from today; check the year"))
    if told.move_known_at is not None and not now - _FAR <= told.move_known_at <= now:
        found.append(FieldError("moveKnownAt", "must not lie in the future, nor years ago"))
    if told.kind is Kind.CHILD_PROTECTION_PLAN and told.move_on is None:
        found.append(FieldError("moveOn", "must be given: the day of the move, planned or past"))
    if len(told.papers) > MOST_PAPERS:
        found.append(FieldError("papers", f"must be at most {MOST_PAPERS}"))
    return found


async def _replaced(session: TenantSession, replaces_id: UUID, case_id: UUID) -> None:
    """What is offered anew was offered before, from the same case, and has ended without acceptance."""
    before = await repository.find(session, replaces_id)
    if before is None or before.side is not Side.OUTGOING or before.case_id != case_id:
        raise NotFound(NO_TRANSFER)
    if before.state not in {State.REFUSED, State.WITHDRAWN}:
        raise Conflict("Only an offer that was refused or withdrawn is made anew.")
