"""Actors of transfers: each carries what is ready, one partnership's transaction after another's."""

import asyncio
from uuid import UUID

from backend.kit.actors import RUNS, register_once
from backend.kit.session import open_session
from backend.kit.tasks import take
from backend.sharing import copying, crossing
from backend.sharing.following import BEGIN_TRANSFER, begin_late
from backend.sharing.story import CARRY_ACROSS, CARRY_PAPER
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership


async def carry(tenant_id: UUID, task_id: UUID) -> None:
    """Bring the letters of a task's transfer. The task is removed only once they have arrived."""
    async with open_session(tenant_id) as session:
        transfer_id = await take(session, task_id)
        letters = await crossing.letters(session, transfer_id) if transfer_id is not None else []
        await session.rollback()
    if transfer_id is None:
        return
    for letter in letters:
        async with open_session(letter.receiver_id) as session:
            await crossing.take_in(session, letter)
            await session.commit()
    async with open_session(tenant_id) as session:
        await take(session, task_id)
        await crossing.arrived(session, transfer_id, {letter.number for letter in letters})
        await session.commit()


async def carry_paper(tenant_id: UUID, task_id: UUID) -> None:
    """Copy a paper's bytes, then have the receiver keep it; no transaction is open while the bytes go."""
    async with open_session(tenant_id) as session:
        paper_id = await take(session, task_id)
        parcel = await crossing.parcel(session, paper_id) if paper_id is not None else None
        sender = await partnerships.own(session)
        session.expunge(sender)
        await session.rollback()
    if paper_id is None:
        return
    there = parcel is not None and await _bring(parcel, sender)
    async with open_session(tenant_id) as session:
        await take(session, task_id)
        if there:
            await crossing.paper_arrived(session, paper_id)
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
