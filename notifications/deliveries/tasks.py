"""Actors of the deliveries: claim in one transaction, call the provider in none, record in another."""

import asyncio
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.actors import RUNS
from backend.kit.session import TenantSession, open_session
from backend.kit.tasks import Task, postpone, take
from notifications.channels.outcomes import NotNeeded, Outcome
from notifications.channels.providers import providers
from notifications.deliveries import service
from notifications.deliveries.service import DELIVER_NOTICES, DELIVER_PAGES, Outgoing


async def deliver(tenant_id: UUID, task_id: UUID) -> None:
    """Send what an alert has to send now. The task stays until every delivery has an end."""
    async with open_session(tenant_id) as session:
        alert_id = await _subject(session, task_id)
        if alert_id is None:
            return
        outgoing = await service.claim(session, alert_id)
        await session.commit()
    sent = list(zip(outgoing, await asyncio.gather(*map(send, outgoing)), strict=True))
    async with open_session(tenant_id) as session:
        again = await service.record(session, alert_id, sent)
        if again is None:
            await take(session, task_id)
        else:
            await postpone(session, task_id, again)
        await session.commit()


async def send(outgoing: Outgoing) -> Outcome:
    """One attempt. When an earlier one may have left, the provider is asked before it is repeated."""
    provider = providers()[outgoing.channel]
    if outgoing.ask_first:
        known = await provider.find(outgoing.message.reference)
        if known is not None:
            return known
    if not outgoing.wanted:
        return NotNeeded()
    return await provider.send(outgoing.message)


async def _subject(session: TenantSession, task_id: UUID) -> UUID | None:
    found: UUID | None = await session.scalar(
        select(Task.subject_id).where(col(Task.id) == task_id, col(Task.tenant_id) == session.tenant_id)  # type: ignore[call-overload]
    )
    return found


RUNS[DELIVER_PAGES] = RUNS[DELIVER_NOTICES] = deliver
