"""The audit log: append-only, hash-chained for each partnership.

The application role may insert and read, never update or delete. Each entry's hash covers the one
before it, so a removed or altered entry breaks every hash that follows.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from backend.kit.ids import uuid7
from backend.kit.tables import TenantRow, column, instant, table_of

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. ``detail`` holds ids, codes and instants only: never a name, date of birth or address."""

    action: str
    subject_kind: str
    subject_id: UUID
    actor_id: UUID | None
    detail: dict[str, Any] = field(default_factory=dict)


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


def entry_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the previous hash and the entry, by column, in canonical JSON."""
    content = json.dumps(
        [row["previous_hash"], row["seq"], row["at"].timestamp(), str(row["actor_id"]), row["action"],
         row["subject_kind"], str(row["subject_id"]), row["detail"]],
        sort_keys=True, separators=(",", ":"), default=str,
    )  # fmt: skip
    return hashlib.sha256(content.encode()).hexdigest()


async def append(session: AsyncSession, tenant_id: UUID, entries: Sequence[Entry]) -> None:
    """Chain ``entries`` to the partnership's log. Holds its lock until the transaction ends."""
    last = (await session.execute(_TAIL)).one()
    previous = last.hash or GENESIS
    rows: list[dict[str, Any]] = []
    for seq, entry in enumerate(entries, start=(last.seq or 0) + 1):
        row = {**asdict(entry), "tenant_id": tenant_id, "id": uuid7(), "seq": seq, "at": last.now,
               "previous_hash": previous}  # fmt: skip
        row["hash"] = previous = entry_hash(row)
        rows.append(row)
    await session.execute(insert(table_of(AuditEntry)), rows)


async def first_broken(session: AsyncSession) -> int | None:
    """Sequence number of the first entry whose chain does not hold, or None when all do."""
    expected, previous = 1, GENESIS
    rows = await session.stream_scalars(select(AuditEntry).order_by(AuditEntry.seq))  # type: ignore[arg-type]
    async for row in rows:
        if row.seq != expected or row.previous_hash != previous or entry_hash(row.model_dump()) != row.hash:
            return expected
        expected, previous = expected + 1, row.hash
    return None


_TAIL = text("SELECT seq, hash, now FROM app.audit_tail()")
