"""Every query on editions."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from backend.kit.configuration import remembered
from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from backend.kit.tables import table_of
from backend.pathways.models import EditionState, PathwayEdition

NO_EDITION: Final = "There is no such edition of a pathway in this partnership."


async def edition(session: TenantSession, edition_id: UUID, *, lock: bool = False) -> PathwayEdition:
    """Raises ``NotFound``."""
    if lock:
        await session.flush()  # reading it anew would lose what this transaction has changed
    found = await session.get(
        PathwayEdition,
        (session.tenant_id, edition_id),
        with_for_update={"key_share": True} if lock else None,
        populate_existing=lock,
    )
    if found is None:
        raise NotFound(NO_EDITION)
    return found


async def editions_by_id(session: TenantSession, edition_ids: Iterable[UUID]) -> dict[UUID, PathwayEdition]:
    return await by_key(session, PathwayEdition, edition_ids)


def editions(tenant_id: UUID) -> Select[PathwayEdition]:
    """All editions, withdrawn ones among them."""
    return select(PathwayEdition).where(col(PathwayEdition.tenant_id) == tenant_id)


async def in_force(session: TenantSession, pathway: str, day: date) -> PathwayEdition | None:
    """The edition that a case opened on ``day`` follows: of those approved, the one that came into force last.

    It belongs to no session and is not to be changed: the process remembers it until the configuration changes.
    """
    approved = await remembered(session, ("approved editions", pathway), partial(_approved, pathway=pathway))
    found = next((edition_id for from_day, edition_id in approved if from_day <= day), None)
    if found is None:
        return None
    return await remembered(session, ("edition", found), partial(_edition, edition_id=found))


async def _approved(session: TenantSession, *, pathway: str) -> list[tuple[date, UUID]]:
    """From when and by which id, the last to come into force first."""
    found = await session.execute(
        select(col(PathwayEdition.in_force_from), col(PathwayEdition.id))
        .where(
            col(PathwayEdition.tenant_id) == session.tenant_id,
            col(PathwayEdition.pathway) == pathway,
            col(PathwayEdition.state) == EditionState.APPROVED,
        )
        .order_by(col(PathwayEdition.in_force_from).desc(), col(PathwayEdition.number).desc())
    )
    return [(row.in_force_from, row.id) for row in found]


async def _edition(session: TenantSession, *, edition_id: UUID) -> PathwayEdition:
    columns = table_of(PathwayEdition).columns
    found = await session.execute(
        select(*columns).where(col(PathwayEdition.tenant_id) == session.tenant_id, col(PathwayEdition.id) == edition_id)
    )
    return PathwayEdition(**found.mappings().one())


async def all_in_force(session: TenantSession, day: date) -> list[PathwayEdition]:
    """Of every pathway that has one, the edition that a case opened on ``day`` follows."""
    row = PathwayEdition
    found = await session.scalars(
        select(row)
        .where(
            col(row.tenant_id) == session.tenant_id,
            col(row.state) == EditionState.APPROVED,
            col(row.in_force_from) <= day,
        )
        .ext(distinct_on(col(row.pathway)))
        .order_by(col(row.pathway), col(row.in_force_from).desc(), col(row.number).desc())
    )
    return list(found)


async def newest(session: TenantSession, pathway: str) -> PathwayEdition | None:
    """The edition with the highest number, whatever has become of it."""
    return await numbered(session, pathway, None)


async def numbered(session: TenantSession, pathway: str, number: int | None) -> PathwayEdition | None:
    """The edition with this number; without one, the newest."""
    query = select(PathwayEdition).where(
        col(PathwayEdition.tenant_id) == session.tenant_id, col(PathwayEdition.pathway) == pathway
    )
    if number is not None:
        query = query.where(col(PathwayEdition.number) == number)
    found: PathwayEdition | None = await session.scalar(query.order_by(col(PathwayEdition.number).desc()).limit(1))
    return found


async def said_before(session: TenantSession, pathway: str, digest: str) -> bool:
    """Whether some edition, withdrawn ones among them, says exactly this."""
    found = await session.scalar(
        select(col(PathwayEdition.id))
        .where(
            col(PathwayEdition.tenant_id) == session.tenant_id,
            col(PathwayEdition.pathway) == pathway,
            col(PathwayEdition.digest) == digest,
        )
        .limit(1)
    )
    return found is not None


async def next_number(session: TenantSession, pathway: str) -> int:
    """The number of the next edition; whoever else numbers one of the same pathway waits until this commits."""
    await session.execute(_ALONE, {"key": f"pathway-edition {session.tenant_id} {pathway}"})
    last = await session.scalar(
        select(func.max(PathwayEdition.number)).where(
            col(PathwayEdition.tenant_id) == session.tenant_id, col(PathwayEdition.pathway) == pathway
        )
    )
    return (last or 0) + 1


_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
