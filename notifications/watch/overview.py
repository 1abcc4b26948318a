"""What an operator looks at: every message with its state, what is owed and since when, what the auditor found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.repository import OUTSTANDING
from notifications.watch.models import WatchFinding
from notifications.watch.repository import PAGE_LATE
from tenants.contacts.models import Channel

NEWEST: Final = col(Delivery.created_at)

# Of the caller's partnership where one is given, else of all: ids, instants and counters only.
_OVERDUE = text("""
    SELECT id, tenant_id, queue, actor, subject_id, due_at, attempts,
        extract(epoch FROM app.now() - due_at)::float AS late_seconds
    FROM routing.task WHERE due_at < app.now() - CASE queue WHEN 'pages' THEN interval '30 seconds'
        ELSE interval '15 minutes' END AND (CAST(:tenant AS uuid) IS NULL OR tenant_id = :tenant)
    ORDER BY due_at, id LIMIT 1000
""")
_OUTBOX = text("""
    SELECT queue, count(*) AS owed, min(due_at) AS oldest_due_at FROM routing.task
    WHERE due_at <= app.now() AND queue IN ('pages', 'notices') AND tenant_id = :tenant GROUP BY queue ORDER BY queue
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages; what is None or false does not narrow."""

    state: str | None = None
    channel: str | None = None
    since: datetime | None = None
    stuck: bool = False


def deliveries(session: TenantSession, wanted: Wanted) -> Select[Delivery]:
    """The partnership's messages that fit, in no order. Raises ``Invalid`` for a state or channel that is none."""
    query = select(Delivery).where(col(Delivery.tenant_id) == session.tenant_id)
    if wanted.state is not None:
        query = query.where(col(Delivery.state) == _one_of(DeliveryState, "state", wanted.state))
    if wanted.channel is not None:
        query = query.where(col(Delivery.channel) == _one_of(Channel, "channel", wanted.channel))
    if wanted.since is not None:
        query = query.where(col(Delivery.created_at) >= wanted.since)
    if wanted.stuck:
        late = func.coalesce(col(Delivery.lease_until), col(Delivery.created_at)) < func.app.now() - PAGE_LATE
        query = query.where(and_(or_(*(col(Delivery.state) == state for state in OUTSTANDING)), late))
    return query


async def overdue(on: AsyncEngine) -> list[Row[Any]]:
    """Tasks of every partnership that are late: ids and instants."""
    async with on.connect() as connection:
        return list((await connection.execute(_OVERDUE, {"tenant": None})).all())


async def overdue_here(session: TenantSession) -> list[Row[Any]]:
    """As ``overdue``, of the session's partnership."""
    return list((await session.execute(_OVERDUE, {"tenant": session.tenant_id})).all())


async def outbox(session: TenantSession) -> list[Row[Any]]:
    """What the partnership is owed now, by queue: how much, and since when."""
    return list((await session.execute(_OUTBOX, {"tenant": session.tenant_id})).all())


async def findings(session: TenantSession) -> list[WatchFinding]:
    """What the auditor sees wrong now, oldest first."""
    found = await session.scalars(
        select(WatchFinding)
        .where(col(WatchFinding.tenant_id) == session.tenant_id, col(WatchFinding.cleared_at).is_(None))
        .order_by(col(WatchFinding.found_at), col(WatchFinding.id))
    )
    return list(found)


async def audited_at(session: TenantSession) -> datetime | None:
    """When an audit of every partnership last came to its end."""
    found: datetime | None = await session.scalar(text("SELECT finished_at FROM routing.duty WHERE name = 'audit'"))
    return found


def _one_of(kind: Any, name: str, value: str) -> Any:
    try:
        return kind(value.lower())
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise Invalid([FieldError(name, f"is none; give one of {known}")]) from None
