"""Endpoints as a partnership's administrators keep them. Every act is audited without the address."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.addresses import require_public
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from backend.kit.tasks import owe
from backend.kit.texts import text_fault
from notifications.webhooks import repository, telling
from notifications.webhooks.events import EVENTS, TEST
from notifications.webhooks.models import EndpointState, WebhookEndpoint, WebhookEvent
from notifications.webhooks.secrets import secret_of
from tenants.applications import repository as applications
from tenants.applications.scopes import events_of
from tenants.partnerships import repository as partnerships

MOST_ENDPOINTS: Final = 20
LONGEST_OVERLAP: Final = timedelta(days=7)
OLDEST_REPLAY: Final = timedelta(days=30)
MOST_REPLAYED: Final = 1_000
_LONGEST_URL: Final = 1_000


async def create(
    session: TenantSession, endpoint_id: UUID, *, name: str, url: str, types: Sequence[str],
    application_id: UUID | None, by: UUID, area_ids: Sequence[UUID] = (),
) -> tuple[WebhookEndpoint, str]:  # fmt: skip
    """A new endpoint and its secret, which is told here and never again.

    An application's is told only of what the application was granted, one with areas only of what happens there.
    Raises ``Invalid`` for an address that cannot be called, for types that there are not or that were not granted,
    ``NotFound`` for an area of nowhere here, and ``Conflict`` for one too many.
    """
    faults = [fault] if (fault := text_fault("name", name, 200)) else []
    wanted = sorted(set(types))
    possible = EVENTS.keys() - {TEST}
    if application_id is not None:
        granted = await applications.scopes_in_force(session, [application_id])
        possible &= events_of(granted.get(application_id, frozenset()))
    if not wanted or not set(wanted) <= possible:
        named = ", ".join(code for code in EVENTS if code in possible) or "none, before the application is granted any"
        faults.append(FieldError("types", f"must be one or more of: {named}"))
    address = url.strip()
    if len(address) > _LONGEST_URL or "#" in address:
        faults.append(FieldError("url", f"must be at most {_LONGEST_URL:,} characters, with no # in it"))
    areas = sorted({str(area) for area in area_ids})
    if len(await partnerships.areas_by_id(session, area_ids)) < len(areas):
        raise NotFound("There is no such area in this partnership.")
    if faults:
        raise Invalid(faults)
    await require_public(address, "url")
    if len(await repository.endpoints(session)) >= MOST_ENDPOINTS:
        raise Conflict(f"There are {MOST_ENDPOINTS} endpoints already; retire one first.")
    endpoint = WebhookEndpoint(
        tenant_id=session.tenant_id, id=endpoint_id, application_id=application_id, name=name, url=address,
        types=wanted, area_ids=areas, created_by=by, created_at=await session.now(),
    )  # fmt: skip
    secret = _secret(endpoint)
    session.insert(endpoint)
    await session.flush()
    _audit(session, "created", endpoint, by, types=wanted, areas=areas,
           application=str(application_id) if application_id else None)  # fmt: skip
    return endpoint, secret


async def rotate_secret(
    session: TenantSession, endpoint_id: UUID, overlap: timedelta, *, by: UUID
) -> tuple[WebhookEndpoint, str]:
    """A new secret, told here and never again; messages are signed with the one before as well for ``overlap``.

    Raises ``NotFound``, ``Invalid`` for an overlap out of bounds, ``Conflict`` for a retired endpoint.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid([FieldError("overlapHours", f"must be 0 to {LONGEST_OVERLAP.days * 24}")])
    endpoint = await in_use(session, endpoint_id)
    endpoint.secret_generation += 1
    endpoint.previous_secret_until = await session.now() + overlap if overlap else None
    _audit(session, "secret_rotated", endpoint, by, overlap_seconds=int(overlap.total_seconds()))
    return endpoint, _secret(endpoint)


async def pause(session: TenantSession, endpoint_id: UUID, *, by: UUID) -> WebhookEndpoint:
    """Hold back what is for an endpoint until it is resumed; twice is no error. Raises ``NotFound``, ``Conflict``."""
    endpoint = await in_use(session, endpoint_id)
    if endpoint.state != EndpointState.PAUSED:
        endpoint.state = EndpointState.PAUSED
        _audit(session, "paused", endpoint, by)
    return endpoint


async def resume(session: TenantSession, endpoint_id: UUID, *, by: UUID) -> WebhookEndpoint:
    """Send to an endpoint again, first what was held back. Raises ``NotFound``, ``Conflict`` for a retired one."""
    endpoint = await in_use(session, endpoint_id)
    if endpoint.state != EndpointState.ACTIVE:
        endpoint.state, endpoint.failing_since = EndpointState.ACTIVE, None
        await session.flush()
        held = await repository.release(session, endpoint.id)
        for message_id in held:
            await owe(session, telling.SEND_WEBHOOK, message_id)
        _audit(session, "resumed", endpoint, by, held=len(held))
    return endpoint


async def retire(session: TenantSession, endpoint_id: UUID, *, by: UUID) -> WebhookEndpoint:
    """Never call an endpoint again; twice is no error. Raises ``NotFound``."""
    endpoint = await repository.endpoint(session, endpoint_id, lock=True)
    if endpoint.state != EndpointState.RETIRED:
        endpoint.state, endpoint.retired_at = EndpointState.RETIRED, await session.now()
        _audit(session, "retired", endpoint, by)
    return endpoint


async def replay(session: TenantSession, endpoint_id: UUID, since: datetime, *, by: UUID) -> int:
    """Send an endpoint again what happened at ``since`` or later where it listens. Returns how many events that is.

    Each goes with the id that it had, so a receiver drops those that it has. Raises ``NotFound``, ``Invalid``
    for an instant out of bounds or too many events, ``Conflict`` for an endpoint that is not active.
    """
    endpoint = await in_use(session, endpoint_id)
    now = await session.now()
    if endpoint.state != EndpointState.ACTIVE:
        raise Conflict("This endpoint is paused. Resume it first.")
    if not now - OLDEST_REPLAY <= since <= now:
        raise Invalid([FieldError("since", f"must be within the last {OLDEST_REPLAY.days} days")])
    events = await repository.events_since(session, since, endpoint.types, MOST_REPLAYED + 1)
    if len(events) > MOST_REPLAYED:
        raise Invalid([FieldError("since", f"covers more than {MOST_REPLAYED:,} events; choose a later instant")])
    told = [event for event in events if await telling.is_of(session, endpoint, event)]
    for event in told:
        await telling.address(session, endpoint, event.id, replayed=True)
    _audit(session, "replayed", endpoint, by, since=since.isoformat(), events=len(told))
    return len(told)


async def test(session: TenantSession, endpoint_id: UUID, *, by: UUID) -> WebhookEndpoint:
    """Send an endpoint a message that says only that. Raises ``NotFound``, ``Conflict`` for one that is not active."""
    endpoint = await in_use(session, endpoint_id)
    if endpoint.state != EndpointState.ACTIVE:
        raise Conflict("This endpoint is paused. Resume it first.")
    event_id = session.append(WebhookEvent, type=TEST, subject_id=endpoint.id, at=await session.now())
    await telling.address(session, endpoint, event_id)
    _audit(session, "tested", endpoint, by)
    return endpoint


async def in_use(session: TenantSession, endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = await repository.endpoint(session, endpoint_id, lock=True)
    if endpoint.state == EndpointState.RETIRED:
        raise Conflict("This endpoint is retired. Create another one.")
    return endpoint


def _secret(endpoint: WebhookEndpoint) -> str:
    key = settings().webhook_signing_key
    if key is None:
        raise Conflict("Webhooks cannot be signed here yet: who runs the service must set WEBHOOK_SIGNING_KEY.")
    return secret_of(key.get_secret_value(), endpoint)


def _audit(session: TenantSession, action: str, endpoint: WebhookEndpoint, by: UUID, **detail: object) -> None:
    session.audit_entries.append(Entry(f"webhook_endpoint.{action}", "webhook_endpoint", endpoint.id, by, detail))
