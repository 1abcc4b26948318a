"""An urgent amendment is brought to mind each morning until every agency has passed it on."""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe_once
from backend.procedures import reviewing
from notifications.deliveries.wording import PROCEDURES_AMENDED
from tenants.procedures import changes, repository

CHASE_AMENDMENT: Final = Actor("chase_amendment", NOTICES)
"""Asks what has become of an amendment, which is its subject."""
CHASED_FOR: Final = timedelta(days=14)
_LASTS: Final = timedelta(days=1)


async def schedule(session: TenantSession, amendment_id: UUID) -> None:
    """Have it asked after tomorrow."""
    tomorrow = await repository.today(session) + timedelta(days=1)
    await owe_once(session, CHASE_AMENDMENT, amendment_id, due_at=await reviewing.morning(session, tomorrow))


async def chase(session: TenantSession, amendment_id: UUID) -> None:
    """Tell again the manager of each agency that has not said that everybody there has it.

    For two weeks: what is open then still stands in the list of circulations.
    """
    row = await changes.amendment(session, amendment_id)
    waiting = [each for each, _ in await changes.circulations(session, amendment_id) if each.forwarded_at is None]
    now, today = await session.now(), await repository.today(session)
    if not waiting or row.circulated_at is None or now > row.circulated_at + CHASED_FOR:
        return
    managers = await changes.managers(session, [each.agency_id for each in waiting])
    for each in waiting:
        manager = managers.get(each.agency_id, each.person_id)
        await reviewing.tell(session, manager, template=PROCEDURES_AMENDED, about=uuid5(each.id, f"{today}"),
                             until=now + _LASTS)  # fmt: skip
    await schedule(session, amendment_id)
