"""One answer for one idempotency key, however often and however concurrently it is sent, for seven days."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import UniqueConstraint, text
from sqlmodel import Field

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.kit.tables import TenantRow, instant

KEPT: Final = timedelta(days=7)


class IdempotencyKey(TenantRow, table=True):
    """What a person's key stood for: a digest of the request, and the id of what it made."""

    __table_args__ = (UniqueConstraint("tenant_id", "person_id", "key"),)

    person_id: UUID
    key: str = Field(max_length=100)
    operation: str
    request_hash: str
    result_id: UUID
    created_at: datetime = instant()


async def claim(
    session: TenantSession, *, person_id: UUID, key: str, operation: str, request: Any, result_id: UUID
) -> tuple[UUID, bool]:
    """Reserve ``key`` for ``result_id`` within this transaction: the id, and True for the first time.

    For a key that was used in the last seven days, the id it stands for, and False. A concurrent twin waits here
    until the first commits, then gets the first one's id. Raises ``Conflict`` when the key was used for a different
    request.
    """
    digest = hashlib.sha256(json.dumps([operation, request], sort_keys=True, default=str).encode()).hexdigest()
    values = {"id": uuid7(), "tenant": session.tenant_id, "person": person_id, "key": key,
              "operation": operation, "digest": digest, "result": result_id}  # fmt: skip
    if await session.scalar(_RESERVE, values) is not None:
        return result_id, True
    who = {"person": person_id, "key": key, "before": await session.now() - KEPT}
    await session.execute(_EXPIRE, who)
    # Who deleted it first has it again; whoever was second reads what that one made.
    if await session.scalar(_RESERVE, values) is not None:
        return result_id, True
    stored = (await session.execute(_STORED, {"person": person_id, "key": key})).one()
    if stored.request_hash != digest:
        raise Conflict("This idempotency key was used for a different request. Use a new key.")
    return UUID(str(stored.result_id)), False


async def prune(session: TenantSession, *, most: int) -> int:
    """Delete the oldest keys that are older than seven days, at most so many; gives how many there were."""
    asked = {"before": await session.now() - KEPT, "most": most}
    done: Any = await session.execute(_PRUNE, asked)
    return int(done.rowcount)


_RESERVE = text(
    "INSERT INTO idempotency_key (tenant_id, id, person_id, key, operation, request_hash, result_id, created_at)"
    " VALUES (:tenant, :id, :person, :key, :operation, :digest, :result, app.now())"
    " ON CONFLICT (tenant_id, person_id, key) DO NOTHING RETURNING id"
)
_EXPIRE = text(
    "DELETE FROM idempotency_key WHERE tenant_id = (SELECT app.current_tenant())"
    " AND person_id = :person AND key = :key AND created_at < :before"
)
_STORED = text(
    "SELECT request_hash, result_id FROM idempotency_key WHERE tenant_id = (SELECT app.current_tenant())"
    " AND person_id = :person AND key = :key"
)
# Ids are made in the order of time.
_PRUNE = text(
    "DELETE FROM idempotency_key WHERE tenant_id = (SELECT app.current_tenant()) AND created_at < :before AND id IN ("
    "SELECT id FROM idempotency_key WHERE tenant_id = (SELECT app.current_tenant()) ORDER BY id LIMIT :most)"
)
