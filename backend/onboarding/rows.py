"""Brings stored rows in line with a plan, and keeps count of what that took."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.audit import Entry
from backend.kit.session import TenantSession
from backend.kit.tables import TenantRow

RowT = TypeVar("RowT", bound=TenantRow)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class Report:
    """How many rows of each table a run added and changed.

    ``unplanned`` counts rows that the plan does not name. They are left as they are: what a person
    entered since is not undone by a file that has never heard of it. ``noted`` is for a person to look at.
    """

    slug: str
    partnership_id: UUID
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unplanned: Counter[str] = field(default_factory=Counter)
    noted: list[str] = field(default_factory=list)

    @property
    def nothing_changed(self) -> bool:
        return not self.added.total() and not self.changed.total()

    def lines(self) -> list[str]:
        """The report for a person, a line for each kind of outcome."""
        outcomes = {"added": self.added, "changed": self.changed, "left alone": self.unplanned}
        said = [f"{self.slug}: nothing to do"] if self.nothing_changed else []
        for verb, counts in outcomes.items():
            if counts.total():
                numbers = [f"{number} {kind}" for kind, number in sorted(counts.items()) if number]
                said.append(f"{self.slug}: {verb} {', '.join(numbers)}")
        return said + [f"{self.slug}: {one}" for one in self.noted]


class Rows:
    """The rows of the session's partnership. Never commits; each act leaves an audit entry."""

    def __init__(self, session: TenantSession, slug: str) -> None:
        self.session = session
        self.report = Report(slug, session.tenant_id)

    async def bring(
        self,
        table: type[RowT],
        key: tuple[str, ...],
        plans: Iterable[Mapping[str, Any]],
        *,
        at_birth: Mapping[str, Any] = _NOTHING,
    ) -> list[RowT]:
        """Add or change rows until each plan's fields are stored; returns them in the plans' order.

        ``key`` names the fields that say which row a plan means, ``at_birth`` what only a new row
        is given. Fields that a plan leaves out keep their stored values.
        """
        own = col(table.tenant_id) == self.session.tenant_id
        found = await self.session.scalars(select(table).where(own))
        stored = {tuple(getattr(row, name) for name in key): row for row in found}
        rows: list[RowT] = []
        for plan in plans:
            row = stored.pop(tuple(plan[name] for name in key), None)
            if row is None:
                row = self.add(table(tenant_id=self.session.tenant_id, **at_birth, **plan))
            else:
                self.change(row, plan)
            rows.append(row)
        self.report.unplanned[_kind(row_type=table)] += len(stored)
        await self.session.flush()
        return rows

    def add(self, row: RowT) -> RowT:
        """Add ``row`` with the next flush."""
        self.session.add(row)
        kind = _kind(row_type=type(row))
        self.report.added[kind] += 1
        self.record(f"{kind}.added", kind, row.id)
        return row

    def change(self, row: TenantRow, values: Mapping[str, Any]) -> bool:
        """Set what differs from ``values``; whether anything did."""
        differing = [name for name, value in values.items() if getattr(row, name) != value]
        for name in differing:
            setattr(row, name, values[name])
        if differing:
            kind = _kind(row_type=type(row))
            self.report.changed[kind] += 1
            self.record(f"{kind}.changed", kind, row.id, fields=differing)
        return bool(differing)

    def record(self, action: str, kind: str, subject_id: UUID, **detail: Any) -> None:  # JSON
        """Leave an audit entry. It names fields and ids, never a value: values are people's."""
        self.session.audit_entries.append(Entry(action, kind, subject_id, None, detail))


def _kind(row_type: type[TenantRow]) -> str:
    return str(row_type.__tablename__)
