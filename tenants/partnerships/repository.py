"""Every query on partnerships, their areas and settings."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from backend.kit.configuration import remembered
from backend.kit.session import TenantSession
from tenants.partnerships.models import Area, Partnership, PartnershipArea, PartnershipSetting, PartnershipState

_AREAS = select(Area).where(col(Area.tenant_id) == bindparam("tenant")).order_by(col(Area.kind), col(Area.code))
_SETTINGS = select(col(PartnershipSetting.key), col(PartnershipSetting.value)).where(
    col(PartnershipSetting.tenant_id) == bindparam("tenant")
)


async def own(session: TenantSession) -> Partnership:
    """The partnership this session is in."""
    return (await session.scalars(select(Partnership).where(col(Partnership.id) == session.tenant_id))).one()


async def areas(session: TenantSession) -> tuple[Area, ...]:
    """The partnership's areas by kind and code."""
    return await remembered(session, areas, _areas)


async def _areas(session: TenantSession) -> tuple[Area, ...]:
    found = tuple(await session.scalars(_AREAS, {"tenant": session.tenant_id}))
    for area in found:
        session.expunge(area)
    return found


async def areas_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Area]:
    wanted = set(ids)
    return {area.id: area for area in await areas(session) if area.id in wanted}


async def addressable(session: TenantSession) -> list[Partnership]:
    """Every active partnership by name, this one among them: what others may know of it is its name and areas.

    No real child is ever told to a sandbox, nor an invented one to a real partnership: each addresses its own kind.
    """
    kind = (await own(session)).sandbox
    found = await session.scalars(
        select(Partnership)
        .where(col(Partnership.state) == PartnershipState.ACTIVE, col(Partnership.sandbox).is_(kind))
        .order_by(col(Partnership.name), col(Partnership.id))
    )
    return list(found)


async def areas_of(session: TenantSession, partnership_ids: Iterable[UUID]) -> list[PartnershipArea]:
    """The areas by which partnerships may be addressed, by code."""
    found = await session.scalars(
        select(PartnershipArea)
        .where(col(PartnershipArea.partnership_id).in_(set(partnership_ids)))
        .order_by(col(PartnershipArea.partnership_id), col(PartnershipArea.code))
    )
    return list(found)


async def settings(session: TenantSession, keys: Iterable[str]) -> dict[str, Any]:
    """The settings among ``keys`` that the partnership has set, by key."""
    every = await remembered(session, settings, _settings)
    return {key: deepcopy(every[key]) for key in keys if key in every}


async def _settings(session: TenantSession) -> dict[str, Any]:
    found = await session.execute(_SETTINGS, {"tenant": session.tenant_id})
    return {row.key: row.value for row in found}
