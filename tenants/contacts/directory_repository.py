"""Every query on the directory's entries as they are kept."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from tenants.contacts.models import Channel, DirectoryEntry


async def entry(session: TenantSession, entry_id: UUID, *, lock: bool = False) -> DirectoryEntry:
    """An entry, retired or not; locked when asked. Raises ``NotFound``."""
    query = select(DirectoryEntry).where(
        col(DirectoryEntry.tenant_id) == session.tenant_id, col(DirectoryEntry.id) == entry_id
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no such entry in this partnership's directory.")
    return found


async def entry_by_code(session: TenantSession, code: str) -> DirectoryEntry | None:
    """The entry with a code, retired or not."""
    found: DirectoryEntry | None = await session.scalar(
        select(DirectoryEntry).where(
            col(DirectoryEntry.tenant_id) == session.tenant_id, col(DirectoryEntry.code) == code
        )
    )
    return found


async def endpoints(session: TenantSession, address: str) -> list[DirectoryEntry]:
    """The entries whose webhook is an address, retired ones too: a message may still be on its way."""
    found = await session.scalars(
        select(DirectoryEntry)
        .where(
            col(DirectoryEntry.tenant_id) == session.tenant_id,
            col(DirectoryEntry.channel) == Channel.WEBHOOK,
            col(DirectoryEntry.address) == address,
        )
        .order_by(col(DirectoryEntry.retired_at).is_not(None), col(DirectoryEntry.id))
    )
    return list(found)
