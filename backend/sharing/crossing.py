"""How word crosses: read in the sender's session, taken in the receiver's, noted as arrived in the sender's again.

Each is a transaction of its own partnership, so no session ever sees two of them. What lies between is a letter
with exactly what was told. A process that dies in between leaves the task, and the letter is brought again: the
receiver counts what it has heard of a transfer, so a letter takes effect once. One that cannot be brought holds up
those behind it, and after some tries the sender is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.cases import repository as case_rows
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.sharing import delivering, receiving, repository, story
from backend.sharing.models import PartnershipTransfer, TransferPaper
from backend.sharing.repository import NO_PAPER
from backend.sharing.states import State, Told
from tenants.partnerships import repository as partnerships


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing told by a partnership to another about a transfer; ``number`` counts those of its sender."""

    transfer_id: UUID
    sender_id: UUID
    sender_name: str
    receiver_id: UUID
    number: int
    told: Told
    content: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """A paper whose every gate is open, as it lies in the sender's bucket."""

    paper_id: UUID
    transfer_id: UUID
    sender_id: UUID
    receiver_id: UUID
    paper: TransferPaper


class NotYetError(RuntimeError):
    """A letter that came before an earlier one, or a parcel before its transfer: to be brought again."""


async def letters(session: TenantSession, transfer_id: UUID) -> list[Letter]:
    """What this partnership has told of a transfer that has not arrived, in order."""
    row = await repository.transfer(session, transfer_id)
    if row.partner_id is None:
        return []
    own = await partnerships.own(session)
    return [
        Letter(row.id, own.id, own.name, row.partner_id, one.number, one.told, one.content, one.at)
        for one in await repository.underway(session, row.id)
    ]


async def arrived(session: TenantSession, transfer_id: UUID, numbers: set[int], *, stopped: bool = False) -> None:
    """Note in the sender's session which letters have arrived, and where it ``stopped`` that the next could not be."""
    row, now = await repository.transfer(session, transfer_id, lock=True), await session.now()
    underway = await repository.underway(session, transfer_id)
    for one in underway:
        if one.number in numbers:
            one.arrived_at = now
    left = [one for one in underway if one.arrived_at is None]
    if stopped and left:
        await delivering.failed(session, row, left[0])
    await delivering.arrived(session, row)


async def take_in(session: TenantSession, letter: Letter) -> None:
    """Take a letter in, in the receiver's session. One that was heard before changes nothing.

    Raises ``NotYetError`` for one whose forerunner has not come.
    """
    known = await repository.find(session, letter.transfer_id)
    if known is None:
        if letter.told is not Told.OFFERED:
            raise NotYetError("the offer has not come")
        await receiving.offered(session, letter.transfer_id, letter.sender_id, letter.sender_name, letter.content)
        return
    await case_rows.locked(session, known.case_id)  # before the transfer, as acts of people lock them
    row = await repository.transfer(session, letter.transfer_id, lock=True)
    if row.partner_id != letter.sender_id or letter.number <= row.heard:
        return
    if letter.number > row.heard + 1:
        raise NotYetError("an earlier letter has not come")
    row.heard = letter.number
    await receiving.heard(session, row, letter.told, letter.content)


async def parcel(session: TenantSession, paper_id: UUID) -> Parcel | None:
    """The paper to be carried; None for one that has crossed, is held by a gate, or is wanted no more."""
    paper = await repository.paper(session, paper_id)
    if paper is None or paper.crossed_at is not None:
        return None
    row = await repository.transfer(session, paper.transfer_id)
    shut = set(paper.gates) - set(paper.opened)
    if shut or row.partner_id is None or row.state not in {State.OFFERED, State.ACCEPTED}:
        return None
    session.expunge(paper)
    return Parcel(paper.id, row.id, session.tenant_id, row.partner_id, paper)


async def wanted(session: TenantSession, carried: Parcel) -> bool:
    """Whether the receiver has the transfer, it has not ended, and the paper is not there yet.

    Raises ``NotYetError`` before the transfer has come.
    """
    row = await repository.find(session, carried.transfer_id)
    if row is None:
        raise NotYetError("the offer has not come")
    there = await repository.paper(session, carried.paper_id)
    return there is None and row.state in {State.OFFERED, State.ACCEPTED} and row.partner_id == carried.sender_id


async def is_there(session: TenantSession, carried: Parcel) -> bool:
    """Whether the receiver keeps the paper."""
    return await repository.paper(session, carried.paper_id) is not None


async def take_in_paper(session: TenantSession, carried: Parcel, object_key: str, version_id: str) -> None:
    """Keep a paper whose bytes lie in the receiver's bucket, in the receiver's session; once, however often told."""
    row = await repository.find(session, carried.transfer_id, lock=True)
    if row is None or not await wanted(session, carried):
        return
    await receiving.paper(session, row, carried.paper, object_key, version_id)


async def paper_arrived(session: TenantSession, paper_id: UUID) -> None:
    """Note in the sender's session that a paper has crossed."""
    row, paper = await _locked(session, paper_id)
    if paper.crossed_at is not None:
        return
    paper.crossed_at = await session.now()
    await story.record(session, row, "paper_crossed", None, paper=paper.id)
    await receiving.papers_shared(session, row, paper)
    await delivering.arrived(session, row)


async def paper_failed(session: TenantSession, paper_id: UUID) -> None:
    """Note in the sender's session that a paper could not be brought."""
    row, paper = await _locked(session, paper_id)
    if paper.crossed_at is None:
        await delivering.failed(session, row, paper)


async def _locked(session: TenantSession, paper_id: UUID) -> tuple[PartnershipTransfer, TransferPaper]:
    """A paper of the sender's with its transfer, which is locked first. Raises ``NotFound``."""
    known = await repository.paper(session, paper_id)
    if known is None:
        raise NotFound(NO_PAPER)
    row = await repository.transfer(session, known.transfer_id, lock=True)
    return row, await repository.locked_paper(session, paper_id)
