"""Every query on the directory of services, posts and their holders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from backend.kit.tables import TenantRow, grouped
from tenants.contacts.service_models import (
    DirectoryHolder,
    DirectoryOrganisation,
    DirectoryPoint,
    DirectoryPost,
    DirectoryService,
    DirectoryServiceArea,
)

NO_SERVICE: Final = "There is no such service in this partnership's directory."
NO_POINT: Final = "There is no such way to reach a service in this partnership's directory."
RowT = TypeVar("RowT", bound=TenantRow)


@dataclass(frozen=True, slots=True)
class Book:
    """The directory as it stands, retired rows left out unless they were asked for."""

    organisations: dict[UUID, DirectoryOrganisation]
    services: list[DirectoryService]
    areas: dict[UUID, list[UUID]]
    points: dict[UUID, list[DirectoryPoint]]
    posts: list[DirectoryPost]
    holders: dict[UUID, list[DirectoryHolder]]


async def book(session: TenantSession, *, retired: bool = False) -> Book:
    """All services by code, with what belongs to them; points and holders in their order."""
    services = await _all(session, DirectoryService, retired=retired)
    points = await _all(session, DirectoryPoint, retired=retired)
    posts = await _all(session, DirectoryPost, retired=retired)
    organisations = await _all(session, DirectoryOrganisation, retired=True)
    areas = await _all(session, DirectoryServiceArea, retired=True)
    holders = await _all(session, DirectoryHolder, retired=True)
    return Book(
        {row.id: row for row in organisations},
        sorted(services, key=lambda row: row.code),
        {key: [row.area_id for row in rows] for key, rows in grouped(areas, lambda row: row.service_id).items()},
        grouped(sorted(points, key=lambda row: (row.position, row.code)), lambda row: row.service_id),
        sorted(posts, key=lambda row: row.code),
        grouped(sorted(holders, key=lambda row: (row.deputy, row.from_on, row.id)), lambda row: row.post_id),
    )


async def _all(session: TenantSession, model: type[RowT], *, retired: bool) -> list[RowT]:
    query = select(model).where(col(model.tenant_id) == session.tenant_id)
    if not retired:
        query = query.where(model.__table__.c.retired_at.is_(None))  # type: ignore[attr-defined]
    return list(await session.scalars(query))


async def service(session: TenantSession, service_id: UUID, *, lock: bool = False) -> DirectoryService:
    """Raises ``NotFound``."""
    found = await session.get(
        DirectoryService,
        (session.tenant_id, service_id),
        with_for_update={"key_share": True} if lock else None,
        populate_existing=lock,
    )
    if found is None:
        raise NotFound(NO_SERVICE)
    return found


async def point(session: TenantSession, point_id: UUID, *, lock: bool = False) -> DirectoryPoint:
    """Raises ``NotFound``."""
    found = await session.get(
        DirectoryPoint,
        (session.tenant_id, point_id),
        with_for_update={"key_share": True} if lock else None,
        populate_existing=lock,
    )
    if found is None:
        raise NotFound(NO_POINT)
    return found


def services(tenant_id: UUID) -> Select[DirectoryService]:
    """Services in use."""
    return select(DirectoryService).where(
        col(DirectoryService.tenant_id) == tenant_id, col(DirectoryService.retired_at).is_(None)
    )


async def organisations_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, DirectoryOrganisation]:
    return await by_key(session, DirectoryOrganisation, ids)


async def services_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, DirectoryService]:
    return await by_key(session, DirectoryService, ids)


async def points_of(session: TenantSession, service_ids: Iterable[UUID]) -> dict[UUID, list[DirectoryPoint]]:
    """How services are reached, in their order."""
    found = await session.scalars(
        select(DirectoryPoint)
        .where(
            col(DirectoryPoint.tenant_id) == session.tenant_id,
            col(DirectoryPoint.service_id).in_(set(service_ids)),
            col(DirectoryPoint.retired_at).is_(None),
        )
        .order_by(col(DirectoryPoint.position), col(DirectoryPoint.code))
    )
    return grouped(found, lambda row: row.service_id)


async def areas_of(session: TenantSession, service_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The areas that services serve; one that serves all has none."""
    found = await session.scalars(
        select(DirectoryServiceArea)
        .where(
            col(DirectoryServiceArea.tenant_id) == session.tenant_id,
            col(DirectoryServiceArea.service_id).in_(set(service_ids)),
        )
        .order_by(col(DirectoryServiceArea.id))
    )
    return {key: [row.area_id for row in rows] for key, rows in grouped(found, lambda row: row.service_id).items()}


async def due_for_verification(session: TenantSession, before: date) -> list[DirectoryPoint]:
    """Ways to reach a service in use that nobody has verified since a day, or ever."""
    found = await session.scalars(
        select(DirectoryPoint)
        .where(
            col(DirectoryPoint.tenant_id) == session.tenant_id,
            col(DirectoryPoint.retired_at).is_(None),
            or_(col(DirectoryPoint.verified_on).is_(None), col(DirectoryPoint.verified_on) < before),
        )
        .order_by(col(DirectoryPoint.service_id), col(DirectoryPoint.position), col(DirectoryPoint.code))
    )
    return list(found)
