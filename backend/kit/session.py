"""The unit of work: one transaction, in one partnership, with its audit rows and wake-ups."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.kit import audit, tasks
from backend.kit.database import engine, use_tenant


class TenantSession(AsyncSession):
    """A session bound to one partnership.

    Services take it and never commit; whoever opened it does. ``commit`` writes the audit entries
    last (they serialise a partnership's writers, so the lock is held as briefly as can be) and
    wakes workers only once the rows are durable.
    """

    def __init__(self, tenant_id: UUID, **options: Any) -> None:
        super().__init__(expire_on_commit=False, autoflush=False, **options)
        self.tenant_id = tenant_id
        self.audit_entries: list[audit.Entry] = []
        self.wakes: list[tasks.Wake] = []
        self._now: datetime | None = None

    async def now(self) -> datetime:
        """The database clock, the same instant for the whole transaction."""
        if self._now is None:
            self._now = (await self.scalar(_NOW)).astimezone(UTC)
        return self._now

    async def commit(self) -> None:
        await self.flush()
        if self.audit_entries:
            await audit.append(self, self.tenant_id, self.audit_entries)
        await super().commit()
        wakes = self.wakes
        self._forget()
        tasks.wake_soon(wakes)

    async def rollback(self) -> None:
        await super().rollback()
        self._forget()

    def _forget(self) -> None:
        self._now, self.audit_entries, self.wakes = None, [], []


_NOW = text("SELECT app.now()")


@asynccontextmanager
async def open_session(
    tenant_id: UUID, *, on: AsyncEngine | None = None
) -> AsyncIterator[TenantSession]:
    """A session in ``tenant_id``. The caller commits; leaving without a commit rolls back."""
    async with (on or engine()).connect() as connection:
        await use_tenant(connection, tenant_id)
        try:
            async with TenantSession(tenant_id, bind=connection) as session:
                yield session
        finally:
            await use_tenant(connection, None)
