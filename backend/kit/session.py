"""The unit of work: one transaction, in one partnership, with its audit rows and wake-ups."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import SQLModel

from backend.kit import audit, tasks
from backend.kit.database import engine, use_tenant
from backend.kit.tables import TenantRow, defaults_of, table_of


class TenantSession(AsyncSession):
    """A session bound to one partnership.

    Services take it and never commit; whoever opened it does. New rows are gathered by ``insert``
    and ``append`` and written by the next flush in one statement; the ORM only loads and changes
    rows. ``commit`` writes the audit entries last (they serialise a partnership's writers, so the
    lock is held as briefly as can be) and wakes workers only once the rows are durable.
    """

    def __init__(self, tenant_id: UUID, **options: Any) -> None:
        super().__init__(expire_on_commit=False, autoflush=False, **options)
        self.tenant_id = tenant_id
        self.audit_entries: list[audit.Entry] = []
        self.wakes: list[tasks.Wake] = []
        self._now: datetime | None = None
        self._new: dict[Table, list[dict[str, Any]]] = {}

    def insert(self, row: TenantRow) -> None:
        """Write ``row`` with the next flush, as it is now."""
        table = table_of(type(row))
        self._new.setdefault(table, []).append({column.key: getattr(row, column.key) for column in table.columns})

    def append(self, model: type[SQLModel], **values: Any) -> UUID:
        """As ``insert``, for a row that nobody needs as an object. Returns its id."""
        row = {**defaults_of(model), "tenant_id": self.tenant_id, **values}
        self._new.setdefault(table_of(model), []).append(row)
        return UUID(str(row["id"]))

    async def flush(self, objects: Any = None) -> None:
        await super().flush(objects)
        if self._new:
            new, self._new = self._new, {}
            tables = tuple(sorted(new, key=lambda table: table.fullname))
            rows = {table.name: msgspec.json.encode(new[table]).decode() for table in tables}
            await self.execute(_insert_statement(tables), rows)

    async def now(self) -> datetime:
        """The database clock, the same instant for the whole transaction."""
        return self._now or self.know_now(await self.scalar(_NOW))

    def know_now(self, instant: datetime) -> datetime:
        """Spare the question: a query of this transaction has brought the database clock along."""
        self._now = instant.astimezone(UTC)
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
        self._now, self.audit_entries, self.wakes, self._new = None, [], [], {}


_NOW = text("SELECT app.now()")


@cache
def _insert_statement(tables: tuple[Table, ...]) -> TextClause:
    """One statement that writes rows, given as JSON, to all of ``tables``.

    A round trip for each table would cost more than all else a report does. Foreign keys are
    checked when the statement ends, so the order of the tables does not matter.
    """
    inserts = [
        f"{table.name}_rows AS (INSERT INTO {table.fullname} ({columns}) SELECT {columns}"  # noqa: S608  # our own names
        f" FROM jsonb_populate_recordset(NULL::{table.fullname}, CAST(:{table.name} AS jsonb)))"
        for table in tables
        for columns in (", ".join(column.name for column in table.columns),)
    ]
    return text(f"WITH {', '.join(inserts)} SELECT 1")  # as above


@asynccontextmanager
async def open_session(tenant_id: UUID, *, on: AsyncEngine | None = None) -> AsyncIterator[TenantSession]:
    """A session in ``tenant_id``. The caller commits; leaving without a commit rolls back."""
    async with (on or engine()).connect() as connection:
        await use_tenant(connection, tenant_id)
        try:
            async with TenantSession(tenant_id, bind=connection) as session:
                yield session
        finally:
            await use_tenant(connection, None)
