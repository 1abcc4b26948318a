"""Actors of transfers: each carries what is ready, one partnership's transaction after another's."""

import asyncio
from uuid import UUID

import structlog

from backend.child_deaths.service import TELL_HOME_PANEL
from backend.kit.actors import RUNS, register_once
from backend.kit.session import open_session
from backend.kit.tasks import take
from backend.sharing import copying, crossing
from backend.sharing.following import BEGIN_TRANSFER, begin_late
from backend.sharing.home_panel import tell
from backend.sharing.story import CARRY_ACROSS, CARRY_PAPER
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership

log = structlog.get_logger(__name__)


async def carry(tenant_id: UUID, task_id: UUID) -> None:
    """Bring the letters of a task's transfer, in order, up to one that cannot be brought.

    That one is owed again later, or the sender is told that it is given up. A worker that dies leaves the task.
    """
    async with open_session(tenant_id) as session:
        transfer_id = await take(session, task_id)
        letters = await crossing.letters(session, transfer_id) if transfer_id is not None else []
        await session.rollback()
    if transfer_id is None:
        return
    brought: set[int] = set()
    for letter in letters:
        if not await _hand_over(letter):
            break
        brought.add(letter.number)
    async with open_session(tenant_id) as session:
        taken = await take(session, task_id) is not None  # a try counts once, whoever else woke up for it
        await crossing.arrived(session, transfer_id, brought, stopped=taken and len(brought) < len(letters))
        await session.commit()


async def _hand_over(letter: crossing.Letter) -> bool:
    """Whether the receiver has taken the letter in."""
    try:
        async with open_session(letter.receiver_id) as session:
            await crossing.take_in(session, letter)
            await session.commit()
    except Exception as error:  # whatever it is, the sender learns of it if it lasts
        log.warning("transfer_letter_failed", kind=letter.told.value, exc_info=error)
        return False
    return True


async def carry_paper(tenant_id: UUID, task_id: UUID) -> None:
    """Copy a paper's bytes, then have the receiver keep it; no transaction is open while the bytes go.

    One that cannot be brought is treated as a letter is.
    """
    async with open_session(tenant_id) as session:
        paper_id = await take(session, task_id)
        parcel = await crossing.parcel(session, paper_id) if paper_id is not None else None
        sender = await partnerships.own(session)
        session.expunge(sender)
        await session.rollback()
    if paper_id is None:
        return
    there = failed = False
    try:
        there = parcel is not None and await _bring(parcel, sender)
    except Exception as error:  # a store that is away, or bytes that are not what was promised
        log.warning("transfer_paper_failed", exc_info=error)
        failed = True
    async with open_session(tenant_id) as session:
        taken = await take(session, task_id) is not None
        if there:
            await crossing.paper_arrived(session, paper_id)
        elif failed and taken:
            await crossing.paper_failed(session, paper_id)
        await session.commit()


async def _bring(parcel: crossing.Parcel, sender: Partnership) -> bool:
    """Whether the receiver has the paper afterwards."""
    async with open_session(parcel.receiver_id) as session:
        if not await crossing.wanted(session, parcel):
            return await crossing.is_there(session, parcel)
        receiver = await partnerships.own(session)
        session.expunge(receiver)
    key, version = await asyncio.to_thread(copying.copy, parcel.paper, sender, receiver)
    async with open_session(parcel.receiver_id) as session:
        await crossing.take_in_paper(session, parcel, key, version)
        await session.commit()
        return await crossing.is_there(session, parcel)


RUNS[CARRY_ACROSS] = carry
RUNS[CARRY_PAPER] = carry_paper
register_once(BEGIN_TRANSFER, begin_late)
register_once(TELL_HOME_PANEL, tell)
