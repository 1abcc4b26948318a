"""Actors of the notices: claim in one transaction, call the provider in none, record in another."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.actors import RUNS
from backend.kit.session import TenantSession, open_session
from backend.kit.tasks import Task, postpone, take
from notifications.channels.outcomes import Message, Outcome, reference_of
from notifications.channels.providers import provider
from notifications.notices import service
from notifications.notices.service import SEND_NOTICE, Outgoing
from notifications.notices.wording import personalisation

Fill: TypeAlias = Callable[[TenantSession, Outgoing], Awaitable[dict[str, str]]]
"""Makes the values that a notice alone has, in the transaction that claims it."""


async def send(tenant_id: UUID, task_id: UUID, fill: Fill | None = None) -> None:
    """Send the notice that a task is about. The task stays until the notice has an end."""
    async with open_session(tenant_id) as session:
        notice_id = await _subject(session, task_id)
        if notice_id is None:
            return
        outgoing = await service.claim(session, notice_id)
        own = await fill(session, outgoing) if outgoing and fill and not outgoing.ask_only else {}
        await session.commit()
    outcome = await attempt(tenant_id, outgoing, own) if outgoing else None
    async with open_session(tenant_id) as session:
        if outgoing is not None:
            await service.record(session, outgoing, outcome)
        again = await service.next_wake(session, notice_id)
        if again is None:
            await take(session, task_id)
        else:
            await postpone(session, task_id, again)
        await session.commit()


async def attempt(tenant_id: UUID, outgoing: Outgoing, own: dict[str, str]) -> Outcome | None:
    """Ask about an earlier attempt, or make one. None: the provider certainly never had it."""
    carrier, reference = provider(outgoing.channel, outgoing.provider), reference_of(tenant_id, outgoing.notice_id)
    if outgoing.ask_only:
        return await carrier.find(reference)
    values = personalisation(outgoing.template, outgoing.reference, own)
    return await carrier.send(Message(reference, outgoing.address, outgoing.template, values))


async def _subject(session: TenantSession, task_id: UUID) -> UUID | None:
    found: UUID | None = await session.scalar(
        select(Task.subject_id).where(col(Task.id) == task_id, col(Task.tenant_id) == session.tenant_id)  # type: ignore[call-overload]
    )
    return found


RUNS[SEND_NOTICE] = send
