"""The unit of work: one transaction, in one partnership, with its audit rows and wake-ups."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import SQLModel

from backend.kit import announcing, audit, tasks
from backend.kit.database import engine, use_tenant
from backend.kit.tables import TenantRow, defaults_of, table_of

RowT = TypeVar("RowT", bound=TenantRow)


class TenantSession(AsyncSession):
    """A session bound to one partnership.

    Services take it and never commit; whoever opened it does. New rows are gathered by ``insert``
    and ``append`` and written by the next flush in one statement; from then on those of ``insert``
    are as if they had been loaded, so that they can be changed and got by key. ``commit`` has the
    database chain the audit entries (within the commit itself, for that serialises a partnership's
    writers), wakes workers only once the rows are durable, and tells whoever follows the partnership's
    changes that there are some.
    """

    def __init__(self, tenant_id: UUID, **options: Any) -> None:
        super().__init__(expire_on_commit=False, autoflush=False, **options)
        self.tenant_id = tenant_id
        self.audit_entries: list[audit.Entry] = []
        self.wakes: list[tasks.Wake] = []
        self._now: datetime | None = None
        self._revision: int | None = None
        self._new: dict[Table, list[dict[str, Any] | TenantRow]] = {}
        self._inserted: list[TenantRow] = []
        self._forgotten: list[tuple[str, UUID]] = []
        self._written: list[TenantRow] = []
        self._tentative = False
        self._wrote = False
        self._planning = False

    def insert(self, row: TenantRow) -> None:
        """Write ``row`` with the next flush, as it is by then."""
        self._inserted.append(row)
        self._new.setdefault(table_of(type(row)), []).append(row)

    def inserted(self, model: type[RowT]) -> list[RowT]:
        """The rows of ``model`` given to ``insert`` in this transaction: an answer need not ask for them again."""
        return [row for row in (*self._written, *self._inserted) if isinstance(row, model)]

    def is_new(self, model: type[TenantRow], row_id: UUID) -> bool:
        """Whether this transaction made the row by ``insert``: nobody else can have added anything to it yet."""
        return any(row.id == row_id for row in self.inserted(model))

    def append(self, model: type[SQLModel], **values: Any) -> UUID:
        """As ``insert``, for a row that nobody needs as an object. Returns its id."""
        row = {**defaults_of(model), "tenant_id": self.tenant_id, **values}
        self._new.setdefault(table_of(model), []).append(row)
        return UUID(str(row["id"]))

    def forget(self, actor: str, subject_ids: Iterable[UUID]) -> None:
        """Delete what is owed by now (``tasks.cancel``), with the next flush; what this transaction owes anew stays."""
        self._forgotten += [(actor, subject_id) for subject_id in subject_ids]

    @contextmanager
    def tentatively(self) -> Iterator[None]:
        """Take back the new rows, audit entries and wake-ups of the block when it raises.

        It costs no round trip, so nothing may be written in the block: a flush raises ``RuntimeError``. Rows that
        were there before the block stay as it has left them.
        """
        new = {table: list(rows) for table, rows in self._new.items()}
        inserted, audited, wakes = list(self._inserted), list(self.audit_entries), list(self.wakes)
        forgotten = list(self._forgotten)
        self._tentative = True
        try:
            yield
        except BaseException:
            self._new, self._inserted, self.audit_entries, self.wakes = new, inserted, audited, wakes
            self._forgotten = forgotten
            raise
        finally:
            self._tentative = False

    @asynccontextmanager
    async def on_trial(self) -> AsyncIterator[None]:
        """Take back all that the block writes, with its audit entries and wake-ups, whether or not it raises."""
        await self.flush()
        written, audited, wakes = len(self._written), list(self.audit_entries), list(self.wakes)
        savepoint = await self.begin_nested()
        try:
            yield
        finally:
            await savepoint.rollback()
            self._unwrite(written)
            self._new, self._inserted, self._forgotten = {}, [], []
            self.audit_entries, self.wakes = audited, wakes
            self._planning = False

    async def flush(self, objects: Any = None) -> None:
        if self._tentative:
            message = "nothing is written in a block that may be taken back"
            raise RuntimeError(message)
        self._revision = None  # what is written may be configuration
        self._wrote = self._wrote or self._to_tell
        await super().flush(objects)
        await self._write_new()

    @property
    def _to_tell(self) -> bool:
        """Whether what waits to be written can be a change that somebody follows: a look at a record is none."""
        followed = any(table.info.get("followed", True) for table in self._new)
        return bool(followed or self.new or self.dirty or self.deleted or self.audit_entries)

    async def _write_new(self) -> None:
        new, self._new = self._new, {}
        forgotten, self._forgotten = self._forgotten, []
        if not new and not forgotten:
            return
        tables = tuple(sorted(new, key=lambda table: table.fullname))
        values: dict[str, Any] = {table.name: _as_json(table, new[table]) for table in tables}
        if forgotten:
            actors, subjects = zip(*forgotten, strict=True)
            values |= {"tenant": self.tenant_id, "actors": list(actors), "subjects": list(subjects)}
        await self.execute(_write_statement(tables, forgets=bool(forgotten)), values)
        for row in self._inserted:
            make_transient_to_detached(row)
            self.add(row)
            self._written.append(row)  # the identity map alone holds it weakly
        self._inserted = []

    async def now(self) -> datetime:
        """The database clock, the same instant for the whole transaction."""
        return self._now or self.know_now(await self.scalar(_NOW))

    def know_now(self, instant: datetime) -> datetime:
        """Spare the question: a query of this transaction has brought the database clock along."""
        self._now = instant.astimezone(UTC)
        return self._now

    async def revision(self, *, anew: bool = False) -> int:
        """Names the last change of the partnership's configuration that this transaction can see."""
        if self._revision is None or anew:
            self.know_revision(await self.scalar(_REVISION, {"tenant": self.tenant_id}))
        return self._revision or 0

    def know_revision(self, revision: int | None) -> None:
        """Spare the question: a query of this transaction has brought the revision along."""
        self._revision = revision or 0

    async def plan_for_values(self) -> None:
        """From now on in this transaction, have PostgreSQL plan each statement for the values it is run with.

        For lists, searches and counts: which index serves them best depends on what is asked for, and on how much
        of it there is. Left to choose, PostgreSQL sometimes takes a plan for any values that goes through all that a
        partnership has ever had to do. All else is planned once for any values (``make_engine``).
        """
        if not self._planning:
            await self.execute(_PLAN_FOR_VALUES)
            self._planning = True

    async def commit(self) -> None:
        wrote = self._wrote or self._to_tell
        await super().flush()
        if self.audit_entries:
            self.append(audit.AuditPending, entries=audit.for_database(self.audit_entries))
        await self._write_new()
        await super().commit()
        wakes = self.wakes
        self._forget()
        tasks.wake_soon(wakes)
        if wrote:
            announcing.announce_soon(self.tenant_id)

    async def rollback(self) -> None:
        await super().rollback()
        self._unwrite(0)
        self._forget()

    def _unwrite(self, first: int) -> None:
        """The rows written since are not there: what is done anew may give others the same ids."""
        for row in self._written[first:]:
            if row in self:
                self.expunge(row)
        del self._written[first:]

    def _forget(self) -> None:
        self._now, self._revision, self.audit_entries, self.wakes = None, None, [], []
        self._new, self._inserted, self._written, self._wrote = {}, [], [], False
        self._forgotten, self._planning = [], False


def _as_json(table: Table, rows: list[dict[str, Any] | TenantRow]) -> str:
    names = [column.key for column in table.columns]
    values = [row if isinstance(row, dict) else {name: getattr(row, name) for name in names} for row in rows]
    return msgspec.json.encode(values).decode()


_NOW = text("SELECT app.now()")
_PLAN_FOR_VALUES = text("SET LOCAL plan_cache_mode = force_custom_plan")
_REVISION = text("SELECT revision FROM routing.partnership WHERE id = :tenant")


@cache
def _write_statement(tables: tuple[Table, ...], *, forgets: bool) -> TextClause:
    """One statement that writes rows, given as JSON, to all of ``tables``, and deletes the tasks to be forgotten.

    A round trip for each table would cost more than all else a report does. Foreign keys are
    checked when the statement ends, so the order of the tables does not matter. No part of it sees what
    another writes, so a task that is owed anew by it is not forgotten.
    """
    parts = [
        f"{table.name}_rows AS (INSERT INTO {table.fullname} ({columns}) SELECT {columns}"  # noqa: S608  # our own names
        f" FROM jsonb_populate_recordset(NULL::{table.fullname}, CAST(:{table.name} AS jsonb)))"
        for table in tables
        for columns in (", ".join(column.name for column in table.columns),)
    ]
    parts += [tasks.FORGET] if forgets else []
    return text(f"WITH {', '.join(parts)} SELECT 1")


@asynccontextmanager
async def open_session(tenant_id: UUID, *, on: AsyncEngine | None = None) -> AsyncIterator[TenantSession]:
    """A session in ``tenant_id``. The caller commits; leaving without a commit rolls back."""
    async with (on or engine()).connect() as connection:
        await use_tenant(connection, tenant_id)
        try:
            async with TenantSession(tenant_id, bind=connection) as session:
                yield session
        finally:
            if not connection.invalidated:  # else it is lost, and nobody gets it again
                await use_tenant(connection, None)
