"""From what happened to a message for each endpoint that wants to be told of it.

The event is written in the transaction of the fact, so that there is never one without the other; who is
told is worked out afterwards. Where nobody listens for a type nothing is written at all.
"""

from typing import Final
from uuid import UUID

from backend.kit.configuration import remembered
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from notifications.webhooks import repository
from notifications.webhooks.events import EVENTS, TEST
from notifications.webhooks.models import EndpointState, MessageState, WebhookEndpoint, WebhookEvent, WebhookMessage
from notifications.webhooks.places import areas_of
from tenants.applications import repository as applications
from tenants.applications.scopes import events_of

TELL_WEBHOOKS: Final = Actor("tell_webhooks", NOTICES)
SEND_WEBHOOK: Final = Actor("send_webhook", NOTICES)


async def happened(session: TenantSession, code: str, subject_id: UUID) -> None:
    """Record an event of a type of ``events``, and owe that whoever listens for it is told."""
    if code not in await remembered(session, "types listened for by webhooks", repository.listened_to):
        return
    event_id = session.append(WebhookEvent, type=code, subject_id=subject_id, at=await session.now())
    await owe(session, TELL_WEBHOOKS, event_id)


async def tell(session: TenantSession, event_id: UUID) -> None:
    """Write a message to each endpoint that listens for the event and may know of it."""
    event = await repository.event(session, event_id)
    listening = [one for one in await repository.endpoints(session) if event.type in one.types]
    for endpoint in listening:
        if await is_of(session, endpoint, event) and await may_know(session, endpoint, event.type):
            await address(session, endpoint, event_id)


async def is_of(session: TenantSession, endpoint: WebhookEndpoint, event: WebhookEvent) -> bool:
    """Whether an event happened where its endpoint listens.

    One of which no area is known is told to every endpoint: nobody can say that it is not theirs, and to be told of
    too much by an id is better than to miss a child.
    """
    if not endpoint.area_ids:
        return True
    areas = await areas_of(session, EVENTS[event.type].kind, event.subject_id)
    return not areas or any(str(area) in endpoint.area_ids for area in areas)


async def address(session: TenantSession, endpoint: WebhookEndpoint, event_id: UUID, *, replayed: bool = False) -> UUID:
    """Write a message of an event to an endpoint and owe its sending, or hold it while the endpoint is paused."""
    now = await session.now()
    endpoint = await repository.surely(session, endpoint)
    active = endpoint.state == EndpointState.ACTIVE
    message_id = session.append(
        WebhookMessage, endpoint_id=endpoint.id, event_id=event_id, replayed=replayed, created_at=now, lease_until=now,
        state=MessageState.PENDING if active else MessageState.HELD,
    )  # fmt: skip
    if active:
        await owe(session, SEND_WEBHOOK, message_id)
    return message_id


async def may_know(session: TenantSession, endpoint: WebhookEndpoint, code: str) -> bool:
    """Whether an endpoint's owner may know of such events now: an application, as far as its grant goes."""
    if endpoint.application_id is None:
        return True
    granted = await applications.scopes_in_force(session, [endpoint.application_id])
    scopes = granted.get(endpoint.application_id, frozenset())
    return code in events_of(scopes) or (code == TEST and bool(scopes))
