"""Actors of manuals."""

from uuid import UUID

from backend.kit.actors import register_once
from backend.kit.session import TenantSession, open_session
from backend.procedures import chasing, importing, keeping, printing, reviewing


async def read(session: TenantSession, import_id: UUID) -> None:
    """As ``importing.read``; how far it is is committed beside it, so that it is seen meanwhile."""

    async def told(progress: int) -> None:
        async with open_session(session.tenant_id) as beside:
            await importing.show(beside, import_id, progress)
            await beside.commit()

    await importing.read(session, import_id, told)


register_once(importing.TAKE_UP_MANUAL, importing.take_up)
register_once(importing.READ_MANUAL, read)
register_once(chasing.CHASE_AMENDMENT, chasing.chase)
register_once(reviewing.REVIEW_PROCEDURES, reviewing.remind)
register_once(printing.TAKE_UP_PRINT, printing.take_up)
register_once(printing.MAKE_PRINT, printing.make)
register_once(keeping.REVIEW_REGISTER, keeping.remind)
