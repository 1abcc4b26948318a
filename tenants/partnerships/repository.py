"""Every query on partnerships, their areas and settings."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.session import TenantSession
from tenants.partnerships.models import Area, AreaKind, Partnership, PartnershipSetting


async def own(session: TenantSession) -> Partnership:
    """The partnership this session is in."""
    return (await session.scalars(select(Partnership).where(col(Partnership.id) == session.tenant_id))).one()


async def areas(session: TenantSession, kind: AreaKind | None = None) -> list[Area]:
    """The partnership's areas by code, of one kind or of all."""
    query = select(Area).where(col(Area.tenant_id) == session.tenant_id).order_by(col(Area.kind), col(Area.code))
    if kind is not None:
        query = query.where(col(Area.kind) == kind)
    return list(await session.scalars(query))


async def areas_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Area]:
    found = await session.scalars(
        select(Area).where(col(Area.tenant_id) == session.tenant_id, col(Area.id).in_(set(ids)))
    )
    return {area.id: area for area in found}


async def settings(session: TenantSession, keys: Iterable[str]) -> dict[str, Any]:
    """The settings among ``keys`` that the partnership has set, by key."""
    found = await session.execute(
        select(col(PartnershipSetting.key), col(PartnershipSetting.value)).where(
            col(PartnershipSetting.tenant_id) == session.tenant_id, col(PartnershipSetting.key).in_(set(keys))
        )
    )
    return {row.key: row.value for row in found}
