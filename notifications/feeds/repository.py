"""Every query on calendar feeds."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from notifications.feeds.models import CalendarFeed


async def by_hash(session: TenantSession, token_hash: str) -> CalendarFeed | None:
    """The feed that a token opens, unless it has been revoked."""
    found = await session.scalars(
        select(CalendarFeed).where(
            col(CalendarFeed.tenant_id) == session.tenant_id,
            col(CalendarFeed.token_hash) == token_hash,
            col(CalendarFeed.revoked_at).is_(None),
        )
    )
    return found.one_or_none()


async def feed(session: TenantSession, feed_id: UUID, *, lock: bool = False) -> CalendarFeed:
    """The feed, revoked or not; locked when asked. Raises ``NotFound``."""
    query = select(CalendarFeed).where(
        col(CalendarFeed.tenant_id) == session.tenant_id, col(CalendarFeed.id) == feed_id
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no such calendar feed in this partnership.")
    return found


async def live(session: TenantSession, owner_id: UUID) -> int:
    """How many feeds a person has that are not revoked."""
    found = await session.scalar(
        select(func.count()).where(
            col(CalendarFeed.tenant_id) == session.tenant_id,
            col(CalendarFeed.owner_id) == owner_id,
            col(CalendarFeed.revoked_at).is_(None),
        )
    )
    return found or 0
