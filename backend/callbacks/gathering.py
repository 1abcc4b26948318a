"""Many receipts at once cost little more than one: those of one moment share a transaction.

A receipt waits for the others of its moment, then for their commit; only after that is it answered.
What one partnership's receipts do holds up no other's.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from backend.kit.session import open_session
from notifications.deliveries import receipts
from notifications.deliveries.receipts import Receipt

log = structlog.get_logger(__name__)

MOMENT: Final = 0.02
"""Seconds."""


@dataclass
class _Moment:
    """Receipts of one partnership that will be recorded together."""

    gathered: list[Receipt] = field(default_factory=list)
    done: "asyncio.Task[None] | None" = None


_gathering: dict[UUID, _Moment] = {}


async def record(tenant_id: UUID, receipt: Receipt) -> None:
    """Return when the receipt is durable. Raises what kept its transaction from being committed."""
    moment = _gathering.setdefault(tenant_id, _Moment())
    moment.gathered.append(receipt)
    if moment.done is None:
        moment.done = asyncio.create_task(_take(tenant_id, moment))
    # Shielded: a provider that hangs up must not take the others' receipts with it.
    await asyncio.shield(moment.done)


async def _take(tenant_id: UUID, moment: _Moment) -> None:
    await asyncio.sleep(MOMENT)
    del _gathering[tenant_id]
    async with open_session(tenant_id) as session:
        unknown = await receipts.take(session, moment.gathered)
        await session.commit()
    for delivery_id in unknown:
        log.warning("receipt_of_unknown_delivery", delivery_id=str(delivery_id))
