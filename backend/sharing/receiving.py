"""What one side does when word of the other has come. Nobody has done it here, so nobody is named."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children.identity import same_name
from backend.cases.service import local_day
from backend.child_deaths import repository as child_deaths
from backend.child_deaths.rules import same_child
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.registers.deaths import service as death_register
from backend.registers.deaths.models import NoticeSource
from backend.registers.deaths.service import NoticeTold
from backend.sharing import answering, following, home_panel, packet, repository, story
from backend.sharing.ending import end_at_receiver
from backend.sharing.kinds import FORMS, Gate, Kind
from backend.sharing.models import PartnershipTransfer, TransferPaper
from backend.sharing.packet import Packet
from backend.sharing.states import Side, State, Told
from backend.sharing.states import heard as state_after
from tenants.partnerships import repository as partnerships


class BrokenSealError(RuntimeError):
    """The packet that came is not the one that was sealed."""


async def offered(
    session: TenantSession, transfer_id: UUID, sender_id: UUID, sender_name: str, content: Mapping[str, Any]
) -> None:
    """Take an offer in: a case with a run whose clocks count from now, and no child in it before acceptance.

    Raises ``BrokenSealError``.
    """
    if packet.digest(content["packet"]) != content["digest"]:
        raise BrokenSealError(str(transfer_id))
    kind, now = Kind(content["kind"]), await session.now()
    area = next((one.id for one in await partnerships.areas(session) if one.code == content["area"]), None)
    case = await cases.open_case(session, FORMS[kind].pathway, area, uuid7())
    replaces = UUID(content["replaces"]) if content["replaces"] else None
    row = PartnershipTransfer(
        tenant_id=session.tenant_id, id=transfer_id, side=Side.INCOMING, kind=kind, state=State.OFFERED,
        partner_id=sender_id, partner_name=sender_name, area_code=content["area"], case_id=case.id,
        packet=content["packet"], digest=content["digest"], reason=content["reason"], move_on=_day(content["move_on"]),
        move_known_at=_instant(content["move_known_at"]), in_doubt=content["in_doubt"],
        sender_name=content["sender_name"], sender_post=content["sender_post"],
        offered_at=datetime.fromisoformat(content["offered_at"]), received_at=now, heard=1,
        replaces_id=replaces if replaces and await repository.find(session, replaces) else None,
        possible_duplicates=await _same_deaths(session, kind, content["packet"]),
    )  # fmt: skip
    row.run_id = await following.begin_at_receiver(session, row, now)
    session.insert(row)
    await session.flush()
    await story.record(session, row, "received", None, ours=False, digest=row.digest,
                       possible_duplicates=len(row.possible_duplicates))  # fmt: skip
    await story.say(session, row, Told.RECEIVED, {"at": now.isoformat()})
    await story.alert_offered(session, row)
    if kind is Kind.DEATH_NOTICE:
        await _into_register(session, row, now)


async def _into_register(session: TenantSession, row: PartnershipTransfer, now: datetime) -> None:
    """A notice of each child in the register of deaths, where it waits to be matched."""
    told, zone = Packet.read(row.packet), (await partnerships.own(session)).zone
    died_on = local_day(datetime.fromisoformat(told.items["died-at"]), zone)
    for child in told.children:
        born = child.date_of_birth
        notice = NoticeTold(
            NoticeSource.OTHER_PANEL, f"{row.sender_name}, {row.sender_post}"[:200], now, their_reference=str(row.id),
            came_from=row.partner_name, came_from_id=row.id, child_name=child.name, date_of_birth=born,
            died_on=died_on if born is None or born <= died_on else None,
            place_of_death=told.items["area-of-death"][:500], usual_home=told.items["usual-home"][:500],
        )  # fmt: skip
        await death_register.receive(session, notice, uuid7(), by=None)


async def heard(session: TenantSession, row: PartnershipTransfer, told: Told, content: Mapping[str, Any]) -> None:
    """Take in what the other side has told of a transfer that is here."""
    was, row.state = row.state, state_after(row.state, told)
    match told:
        case Told.RECEIVED:
            await _received(session, row, datetime.fromisoformat(content["at"]))
        case Told.ACCEPTED if row.state is State.ACCEPTED:
            await _accepted(session, row, content)
        case Told.REFUSED if row.state is State.REFUSED:
            row.answered_at, row.answer_reason = await session.now(), content["reason"]
        case Told.WITHDRAWN if row.state is not was:
            row.answered_at, row.answer_reason = await session.now(), content["reason"]
            await end_at_receiver(session, None, row, "The transfer was withdrawn.")
        case Told.SETTLED:
            await answering.heard_settled(session, row, datetime.fromisoformat(content["at"]))
        case _:
            pass
    words = content.get("text") or content.get("reason") or content.get("note")
    await story.record(session, row, told.value, None, ours=False, words=words, state=row.state.value)
    if told is not Told.RECEIVED:
        await story.alert_changed(session, row)


async def paper(
    session: TenantSession, row: PartnershipTransfer, sent: TransferPaper, object_key: str, version_id: str
) -> None:
    """Keep a paper that has come. Once the transfer is accepted it belongs to the case, as the others do."""
    kept = TransferPaper(
        tenant_id=session.tenant_id, id=sent.id, transfer_id=row.id, kind=sent.kind, title=sent.title,
        content_type=sent.content_type, size=sent.size, sha256=sent.sha256, object_key=object_key,
        version_id=version_id, gates=list(sent.gates), opened=dict(sent.opened), added_at=await session.now(),
        crossed_at=await session.now(),
    )  # fmt: skip
    session.insert(kept)
    await session.flush()
    if row.state is State.ACCEPTED and row.answered_by is not None:
        await answering.into_case(session, row, kept, row.answered_by)
    await story.record(session, row, "paper_received", None, ours=False, paper=kept.id, paper_kind=kept.kind.value)


async def papers_shared(session: TenantSession, row: PartnershipTransfer, sent: TransferPaper) -> None:
    """Tell the sender's run that papers are with the other side; those of a court are an event of their own."""
    form, now = FORMS[row.kind], await session.now()
    court = Gate.COURT_PERMISSION.value in sent.gates
    code = form.court_shared if court else form.papers_sent
    if code is not None:
        await following.tell(session, row, "court_papers" if court else "papers", {code: now})


async def _received(session: TenantSession, row: PartnershipTransfer, at: datetime) -> None:
    row.received_at = at
    await following.received(session, row, at)
    await home_panel.received(session, row, at)


async def _accepted(session: TenantSession, row: PartnershipTransfer, content: Mapping[str, Any]) -> None:
    at = datetime.fromisoformat(content["at"])
    row.answered_at, row.answer_reason = at, content["note"]
    row.accountable_name, row.accountable_post = content["name"], content["post"]
    facts = {"acceptance": f"{content['name']}, {content['post']}, {at.isoformat()}"}
    await following.tell(session, row, "accepted", {"position-raised": at}, facts)


async def _same_deaths(session: TenantSession, kind: Kind, data: Mapping[str, Any]) -> list[str]:
    """Deaths reported here and notices that came before which may be of the same child. They block nothing."""
    if kind is not Kind.DEATH_NOTICE:
        return []
    found: set[str] = set()
    for child in Packet.read(data).children:
        if child.date_of_birth is not None:
            for other in await child_deaths.may_be_same(session, child.date_of_birth, child.nhs_number):
                if same_child(child.name or "", child.nhs_number, other.child_name, other.nhs_number):
                    found.add(str(other.id))
        for key, before in await repository.incoming_deaths(session):
            if any(
                (one.nhs_number is not None and one.nhs_number == child.nhs_number)
                or (one.date_of_birth == child.date_of_birth and same_name(one.name or "", child.name or ""))
                for one in Packet.read(before).children
            ):
                found.add(str(key))
    return sorted(found)


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told is not None else None


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told).astimezone(UTC) if told is not None else None
