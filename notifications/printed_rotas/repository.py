"""Every query on printed rotas, and on the desks they list."""

from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.printed_rotas.models import PrintedRota
from tenants.contacts.models import Channel, DirectoryEntry

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('printed rota ' || app.current_tenant()::text, 0))")


async def lock(session: TenantSession) -> None:
    """Wait until no other transaction issues a rota of this partnership; held until this one ends."""
    await session.execute(_LOCK)


async def latest(session: TenantSession) -> PrintedRota | None:
    """The issue with the highest version."""
    found = await session.scalars(
        select(PrintedRota)
        .where(col(PrintedRota.tenant_id) == session.tenant_id)
        .order_by(col(PrintedRota.version).desc())
        .limit(1)
    )
    return found.one_or_none()


async def desks(session: TenantSession) -> list[DirectoryEntry]:
    """Every post of the directory that is in use, by role and name. An endpoint is not dialled from paper."""
    found = await session.scalars(
        select(DirectoryEntry)
        .where(
            col(DirectoryEntry.tenant_id) == session.tenant_id,
            col(DirectoryEntry.retired_at).is_(None),
            col(DirectoryEntry.channel) != Channel.WEBHOOK,
        )
        .order_by(col(DirectoryEntry.role), col(DirectoryEntry.name), col(DirectoryEntry.id))
    )
    return list(found)
