"""Every query on rotas and shifts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select
from sqlmodel import col

from backend.kit.session import TenantSession
from backend.kit.tables import INSTANT, link
from notifications.rotas.models import Rota, Shift
from notifications.rotas.roster import Roster

_ON_DUTY = (
    select(col(Rota.role), col(Rota.uncovered_role), col(Shift.person_id))
    .outerjoin(
        Shift,
        and_(link(Shift, "rota_id", Rota), col(Shift.during).op("@>")(bindparam("at", type_=INSTANT))),
    )
    .where(col(Rota.tenant_id) == bindparam("tenant"))
    .order_by(col(Rota.role), func.lower(col(Shift.during)).desc())
)


async def roster(session: TenantSession, at: datetime) -> Roster:
    """Who is on call at ``at`` in every role of the partnership, in one query.

    In the repeated hour two persons may answer for a role; who took over last comes first.
    """
    rows = await session.execute(_ON_DUTY, {"tenant": session.tenant_id, "at": at})
    made = Roster({}, {})
    for row in rows:
        made.on_duty.setdefault(row.role, [])
        made.uncovered[row.role] = row.uncovered_role
        if row.person_id is not None:
            made.on_duty[row.role].append(row.person_id)
    return made


async def rotas(session: TenantSession) -> list[Rota]:
    found = await session.scalars(select(Rota).where(col(Rota.tenant_id) == session.tenant_id).order_by(col(Rota.role)))
    return list(found)


async def rota(session: TenantSession, rota_id: UUID) -> Rota:
    return (
        await session.scalars(select(Rota).where(col(Rota.tenant_id) == session.tenant_id, col(Rota.id) == rota_id))
    ).one()
