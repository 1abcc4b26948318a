"""Every query on rota warnings, and the facts that they are found from."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.coverage.findings import WarningKind
from notifications.coverage.models import RotaWarning
from tenants.qualifications.models import Qualification

# Two checks of a partnership at once would each find the same fault new.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('coverage ' || app.current_tenant()::text, 0))")
_COUNT: Final = text("""
    INSERT INTO routing.rota_warning_count (tenant_id, kind, open)
    SELECT :tenant, given.kind, given.open
    FROM unnest(CAST(:kinds AS text[]), CAST(:numbers AS integer[])) AS given(kind, open)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET open = excluded.open
""")


async def lock(session: TenantSession) -> None:
    """Wait until no other transaction checks this partnership; held until this one ends."""
    await session.execute(_LOCK)


async def open_warnings(session: TenantSession) -> list[RotaWarning]:
    """Warnings that have not ended, the oldest first."""
    found = await session.scalars(
        select(RotaWarning)
        .where(col(RotaWarning.tenant_id) == session.tenant_id, col(RotaWarning.ended_at).is_(None))
        .order_by(col(RotaWarning.first_seen_at), col(RotaWarning.id))
        .execution_options(populate_existing=True)
    )
    return list(found)


def warnings(
    tenant_id: UUID, *, rota_id: UUID | None = None, kind: WarningKind | None = None, is_open: bool | None = None
) -> Select[RotaWarning]:
    """The warnings that fit; ``is_open`` false gives those that have ended."""
    query = select(RotaWarning).where(col(RotaWarning.tenant_id) == tenant_id)
    if rota_id is not None:
        query = query.where(col(RotaWarning.rota_id) == rota_id)
    if kind is not None:
        query = query.where(col(RotaWarning.kind) == kind)
    if is_open is not None:
        ended = col(RotaWarning.ended_at)
        query = query.where(ended.is_(None) if is_open else ended.is_not(None))
    return query


async def store_counts(session: TenantSession, counts: Mapping[WarningKind, int]) -> None:
    """Say how many warnings of each kind are open, for the gauge over all partnerships."""
    values = {"tenant": session.tenant_id, "kinds": [kind.value for kind in counts], "numbers": list(counts.values())}
    await session.execute(_COUNT, values)


async def qualified(session: TenantSession, code: str, persons: Iterable[UUID]) -> dict[UUID, datetime | None]:
    """Those of ``persons`` who ever had the qualification, and until when; None for always."""
    found = await session.execute(
        select(col(Qualification.person_id), col(Qualification.valid_until)).where(
            col(Qualification.tenant_id) == session.tenant_id,
            col(Qualification.code) == code,
            col(Qualification.person_id).in_(set(persons)),
        )
    )
    return {row.person_id: row.valid_until for row in found}
