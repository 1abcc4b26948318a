"""The audit log: append-only, hash-chained for each partnership.

The application role may insert and read, never update or delete. Each entry's hash covers the one
before it, so a removed or altered entry breaks every hash that follows.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Index, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from backend.kit.ids import uuid7
from backend.kit.tables import TenantRow, column, instant

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. ``detail`` holds ids, codes and instants only: never a name, date of birth or address."""

    action: str
    subject_kind: str
    subject_id: UUID
    actor_id: UUID | None
    detail: dict[str, Any] = field(default_factory=dict)


_GIVEN = tuple(one.name for one in fields(Entry))


class AuditEntry(TenantRow, table=True):
    """A stored entry; ``seq`` has no gap within a partnership."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "seq"),
        Index(None, "tenant_id", "subject_id"),
    )

    seq: int
    at: datetime = instant()
    actor_id: UUID | None = None
    action: str
    subject_kind: str
    subject_id: UUID
    detail: dict[str, Any] = column(JSONB(), default_factory=dict)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditPending(TenantRow, table=True):
    """Entries of a transaction until its commit chains them to the log; nobody ever sees a row of it.

    Chaining locks the log. Done by the commit itself, it keeps no other writer waiting for a client's next statement.
    """

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    entries: list[Any] = column(JSONB())


def entry_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the previous hash and the entry, by column, in canonical JSON."""
    place = _canonical([row["previous_hash"], row["seq"], row["at"].timestamp()])
    content = place[:-1] + "," + _sealed(Entry(**{name: row[name] for name in _GIVEN}))
    return hashlib.sha256(content.encode()).hexdigest()


def for_database(entries: Sequence[Entry]) -> msgspec.Raw:
    """``entries`` as the JSON that ``app.append_audit`` chains to the partnership's log."""
    given = [
        {**{name: getattr(entry, name) for name in _GIVEN}, "id": uuid7(), "sealed": _sealed(entry)}
        for entry in entries
    ]
    return msgspec.Raw(json.dumps(given, default=str).encode())


def _sealed(entry: Entry) -> str:
    """The part of the hashed JSON that does not depend on the entry's place in the log."""
    given = [str(entry.actor_id), entry.action, entry.subject_kind, str(entry.subject_id), entry.detail]
    return _canonical(given)[1:]


def _canonical(content: list[Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)


async def first_broken(session: AsyncSession) -> int | None:
    """Sequence number of the first entry whose chain does not hold, or None when all do."""
    expected, previous = 1, GENESIS
    rows = await session.stream_scalars(select(AuditEntry).order_by(AuditEntry.seq))  # type: ignore[arg-type]
    async for row in rows:
        if row.seq != expected or row.previous_hash != previous or entry_hash(row.model_dump()) != row.hash:
            return expected
        expected, previous = expected + 1, row.hash
    return None
