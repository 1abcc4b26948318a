"""Every query on webhooks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from notifications.webhooks.models import (
    EndpointState,
    MessageState,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookEvent,
    WebhookMessage,
)

NO_ENDPOINT: Final = "There is no such webhook endpoint in this partnership."


async def listened_to(session: TenantSession) -> frozenset[str]:
    """The types that some endpoint wants to be told of, now or once it is resumed."""
    found = await session.scalars(select(col(WebhookEndpoint.types)).where(*_in_use(session)))
    return frozenset(code for types in found for code in types)


async def endpoints(session: TenantSession) -> list[WebhookEndpoint]:
    """Every endpoint in use, in the order in which they were made."""
    found = await session.scalars(select(WebhookEndpoint).where(*_in_use(session)).order_by(col(WebhookEndpoint.id)))
    return list(found)


def _in_use(session: TenantSession) -> tuple[Any, Any]:
    return col(WebhookEndpoint.tenant_id) == session.tenant_id, col(WebhookEndpoint.state) != EndpointState.RETIRED


async def endpoint(session: TenantSession, endpoint_id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    """One endpoint, retired or not, kept from others with ``lock``. Raises ``NotFound``."""
    query = select(WebhookEndpoint).where(
        col(WebhookEndpoint.tenant_id) == session.tenant_id, col(WebhookEndpoint.id) == endpoint_id
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: WebhookEndpoint | None = await session.scalar(query)
    if found is None:
        raise NotFound(NO_ENDPOINT)
    return found


async def surely(session: TenantSession, known: WebhookEndpoint) -> WebhookEndpoint:
    """An endpoint as it is now; one that is not active stays so until the transaction ends.

    Else what is held for it at the moment in which somebody resumes it would be held for ever.
    """
    if known.state == EndpointState.ACTIVE:
        return known
    return await endpoint(session, known.id, lock=True)


async def event(session: TenantSession, event_id: UUID) -> WebhookEvent:
    """An event that is known to be there."""
    found: WebhookEvent = (
        await session.scalars(
            select(WebhookEvent).where(
                col(WebhookEvent.tenant_id) == session.tenant_id, col(WebhookEvent.id) == event_id
            )
        )
    ).one()
    return found


async def events_since(
    session: TenantSession, since: datetime, types: Iterable[str], most: int
) -> Sequence[WebhookEvent]:
    """The first events of these types that happened at ``since`` or later, in their order."""
    found = await session.scalars(
        select(WebhookEvent)
        .where(
            col(WebhookEvent.tenant_id) == session.tenant_id,
            col(WebhookEvent.at) >= since,
            col(WebhookEvent.type).in_(list(types)),
        )
        .order_by(col(WebhookEvent.at), col(WebhookEvent.id))
        .limit(most)
    )
    return found.all()


async def locked_message(session: TenantSession, message_id: UUID) -> WebhookMessage:
    """A message that is known to be there, kept from others until the transaction ends."""
    found: WebhookMessage = (
        await session.scalars(
            select(WebhookMessage)
            .where(col(WebhookMessage.tenant_id) == session.tenant_id, col(WebhookMessage.id) == message_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    ).one()
    return found


async def release(session: TenantSession, endpoint_id: UUID) -> Sequence[UUID]:
    """Set the messages that an endpoint's pause holds back to pending, as new; gives their ids."""
    found = await session.scalars(
        update(WebhookMessage)
        .where(
            col(WebhookMessage.tenant_id) == session.tenant_id,
            col(WebhookMessage.endpoint_id) == endpoint_id,
            col(WebhookMessage.state) == MessageState.HELD,
        )
        .values(state=MessageState.PENDING, attempts=0, lease_until=func.app.now())
        .returning(col(WebhookMessage.id))
    )
    return found.all()


async def events_of_messages(session: TenantSession, message_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """By message the event that it tells of, by which its receiver knows it."""
    found = await session.execute(
        select(col(WebhookMessage.id), col(WebhookMessage.event_id)).where(
            col(WebhookMessage.tenant_id) == session.tenant_id, col(WebhookMessage.id).in_(message_ids)
        )
    )
    return {row.id: row.event_id for row in found}


def attempts(tenant_id: UUID, endpoint_id: UUID) -> Select[Any]:
    """Every attempt to reach an endpoint."""
    return select(WebhookAttempt).where(
        col(WebhookAttempt.tenant_id) == tenant_id, col(WebhookAttempt.endpoint_id) == endpoint_id
    )
