"""Actors of the webhooks."""

from uuid import UUID

from backend.kit.actors import RUNS, register_once
from backend.kit.session import open_session
from notifications.webhooks import sending
from notifications.webhooks.telling import SEND_WEBHOOK, TELL_WEBHOOKS, tell


async def send(tenant_id: UUID, task_id: UUID) -> None:
    """Make one attempt at a task's message; no transaction is open while the endpoint is called."""
    async with open_session(tenant_id) as session:
        claimed = await sending.claim(session, task_id)
        await session.commit()
    if claimed is None:
        return
    outcome = await sending.call(claimed)
    async with open_session(tenant_id) as session:
        await sending.record(session, claimed, outcome)
        await session.commit()


register_once(TELL_WEBHOOKS, tell)
RUNS[SEND_WEBHOOK] = send
