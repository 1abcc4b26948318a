"""Every query on shift swaps."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from notifications.rotas.models import RotaAdjustment, ShiftSwap, SwapState

NO_SWAP = "There is no such swap in this partnership."


async def swap(session: TenantSession, swap_id: UUID) -> ShiftSwap:
    """The swap, held until the transaction ends. Raises ``NotFound``."""
    found = await session.scalar(
        select(ShiftSwap)
        .where(col(ShiftSwap.tenant_id) == session.tenant_id, col(ShiftSwap.id) == swap_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NO_SWAP)
    return found


async def swaps_by_id(session: TenantSession, ids: Iterable[UUID], *, or_refuse: bool = False) -> dict[UUID, ShiftSwap]:
    wanted = set(ids)
    found = await session.scalars(
        select(ShiftSwap).where(col(ShiftSwap.tenant_id) == session.tenant_id, col(ShiftSwap.id).in_(wanted))
    )
    made = {row.id: row for row in found}
    if or_refuse and wanted - made.keys():
        raise NotFound(NO_SWAP)
    return made


async def open_swaps(session: TenantSession, rota_id: UUID) -> list[ShiftSwap]:
    """Swaps of a rota that are asked for and not answered."""
    found = await session.scalars(
        select(ShiftSwap).where(
            col(ShiftSwap.tenant_id) == session.tenant_id,
            col(ShiftSwap.rota_id) == rota_id,
            col(ShiftSwap.state) == SwapState.ASKED,
        )
    )
    return list(found)


async def adjustments_of(session: TenantSession, swap_id: UUID) -> list[RotaAdjustment]:
    """Both sides of a swap that was agreed."""
    found = await session.scalars(
        select(RotaAdjustment)
        .where(col(RotaAdjustment.tenant_id) == session.tenant_id, col(RotaAdjustment.swap_id) == swap_id)
        .order_by(col(RotaAdjustment.id))
    )
    return list(found)
