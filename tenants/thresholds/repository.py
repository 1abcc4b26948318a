"""Every query on editions of threshold documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlmodel import col

from backend.kit.configuration import remembered
from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from tenants.thresholds.continuum import Continuum
from tenants.thresholds.models import ThresholdEdition, ThresholdState

NO_EDITION: Final = "There is no such edition of a threshold document in this partnership."
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True, slots=True)
class InForce:
    """A threshold document in force. It belongs to no session: the process remembers it."""

    edition_id: UUID
    scheme: str
    in_force_from: date
    continuum: Continuum


async def edition(session: TenantSession, edition_id: UUID, *, lock: bool = False) -> ThresholdEdition:
    """Raises ``NotFound``."""
    found = await session.get(
        ThresholdEdition,
        (session.tenant_id, edition_id),
        with_for_update={"key_share": True} if lock else None,
        populate_existing=lock,
    )
    if found is None:
        raise NotFound(NO_EDITION)
    return found


async def editions_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, ThresholdEdition]:
    return await by_key(session, ThresholdEdition, ids)


def editions(tenant_id: UUID) -> Select[ThresholdEdition]:
    """All editions, withdrawn ones among them."""
    return select(ThresholdEdition).where(col(ThresholdEdition.tenant_id) == tenant_id)


async def in_force(session: TenantSession, scheme: str, day: date) -> InForce | None:
    """Of the scheme's approved editions, the one that came into force last by ``day``."""
    return next((one for one in await approved(session, scheme) if one.in_force_from <= day), None)


async def approved(session: TenantSession, scheme: str) -> tuple[InForce, ...]:
    """Every approved edition of a scheme, the last to come into force first."""
    return await remembered(session, ("approved thresholds", scheme), partial(_approved, scheme=scheme))


async def _approved(session: TenantSession, *, scheme: str) -> tuple[InForce, ...]:
    found = await session.execute(
        select(
            col(ThresholdEdition.id), col(ThresholdEdition.in_force_from), col(ThresholdEdition.content)
        )
        .where(
            col(ThresholdEdition.tenant_id) == session.tenant_id,
            col(ThresholdEdition.scheme) == scheme,
            col(ThresholdEdition.state) == ThresholdState.APPROVED,
        )
        .order_by(col(ThresholdEdition.in_force_from).desc(), col(ThresholdEdition.number).desc())
    )  # fmt: skip
    return tuple(InForce(row.id, scheme, row.in_force_from, Continuum.model_validate(row.content)) for row in found)


async def schemes(session: TenantSession) -> list[str]:
    """The schemes that have an approved edition."""
    found = await session.scalars(
        select(col(ThresholdEdition.scheme))
        .where(
            col(ThresholdEdition.tenant_id) == session.tenant_id,
            col(ThresholdEdition.state) == ThresholdState.APPROVED,
        )
        .distinct()
        .order_by(col(ThresholdEdition.scheme))
    )
    return list(found)


async def said_before(session: TenantSession, scheme: str, digest: str) -> bool:
    """Whether some edition of the scheme, withdrawn ones among them, says exactly this."""
    found = await session.scalar(
        select(col(ThresholdEdition.id))
        .where(
            col(ThresholdEdition.tenant_id) == session.tenant_id,
            col(ThresholdEdition.scheme) == scheme,
            col(ThresholdEdition.digest) == digest,
        )
        .limit(1)
    )
    return found is not None


async def next_number(session: TenantSession, scheme: str) -> int:
    """The number of the next edition; whoever else numbers one of the scheme waits until this commits."""
    await session.execute(_ALONE, {"key": f"threshold-edition {session.tenant_id} {scheme}"})
    last = await session.scalar(
        select(func.max(ThresholdEdition.number)).where(
            col(ThresholdEdition.tenant_id) == session.tenant_id, col(ThresholdEdition.scheme) == scheme
        )
    )
    return (last or 0) + 1
