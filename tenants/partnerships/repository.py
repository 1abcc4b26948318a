"""Every query on partnerships, their areas and settings."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from backend.kit.session import TenantSession
from tenants.partnerships.models import Area, Partnership, PartnershipSetting

# On the path of every report, so built once.
_AREAS = select(Area).where(col(Area.tenant_id) == bindparam("tenant")).order_by(col(Area.kind), col(Area.code))
_SETTINGS = select(col(PartnershipSetting.key), col(PartnershipSetting.value)).where(
    col(PartnershipSetting.tenant_id) == bindparam("tenant"),
    col(PartnershipSetting.key).in_(bindparam("keys", expanding=True)),
)


async def own(session: TenantSession) -> Partnership:
    """The partnership this session is in."""
    return (await session.scalars(select(Partnership).where(col(Partnership.id) == session.tenant_id))).one()


async def areas(session: TenantSession) -> list[Area]:
    """The partnership's areas by kind and code."""
    return list(await session.scalars(_AREAS, {"tenant": session.tenant_id}))


async def areas_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Area]:
    found = await session.scalars(
        select(Area).where(col(Area.tenant_id) == session.tenant_id, col(Area.id).in_(set(ids)))
    )
    return {area.id: area for area in found}


async def settings(session: TenantSession, keys: Iterable[str]) -> dict[str, Any]:
    """The settings among ``keys`` that the partnership has set, by key."""
    found = await session.execute(_SETTINGS, {"tenant": session.tenant_id, "keys": list(keys)})
    return {row.key: row.value for row in found}
