"""Every query on rotas, adjustments and shifts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from backend.kit.tables import INSTANT, grouped, link, table_of
from notifications.rotas.models import Rota, RotaAdjustment, RotaArea, Shift
from notifications.rotas.resolution import AdjustmentKind
from notifications.rotas.roster import OnDuty, Roster, Seat
from tenants.contacts.models import Person

NO_ROTA = "There is no such rota in this partnership."
NO_SHIFT = "There is no such shift in this partnership, or it has changed since: look at the rota again."

_RotaT, _AreaT, _ShiftT, _PersonT = (table_of(model) for model in (Rota, RotaArea, Shift, Person))
# On the path of every alert, so built once, and of tables: rows of entities' columns take the ORM twice the time.
_SERVED = (
    select(_AreaT.c.area_id)
    .where(_AreaT.c.tenant_id == _RotaT.c.tenant_id, _AreaT.c.rota_id == _RotaT.c.id)
    .correlate(_RotaT)
    .scalar_subquery()
)
_ON_DUTY: Any = (  # of more columns than the types of SQLAlchemy can follow
    select(
        _RotaT.c.id, _RotaT.c.role, _RotaT.c.uncovered_role, func.array(_SERVED).label("areas"), _ShiftT.c.position,
        _ShiftT.c.person_id, _PersonT.c.name, _PersonT.c.post, _PersonT.c.active,
    )
    .select_from(_RotaT)
    .outerjoin(
        _ShiftT, and_(link(Shift, "rota_id", Rota), _ShiftT.c.during.op("@>")(bindparam("at", type_=INSTANT)))
    )
    .outerjoin(_PersonT, link(Shift, "person_id", Person))
    .where(
        _RotaT.c.tenant_id == bindparam("tenant"),
        or_(_RotaT.c.ended_at.is_(None), _RotaT.c.ended_at > bindparam("at", type_=INSTANT)),
    )
    .order_by(_RotaT.c.role, _RotaT.c.code, _ShiftT.c.position, func.lower(_ShiftT.c.during).desc())
)  # fmt: skip


async def roster(session: TenantSession, at: datetime) -> Roster:
    """Who is on call at ``at`` in every role of the partnership, in one query.

    In the repeated hour two persons may answer for a position; who took over last comes first.
    """
    rows = await session.execute(_ON_DUTY, {"tenant": session.tenant_id, "at": at})
    made, people = Roster({}, {}), dict[UUID, OnDuty]()
    seats: dict[tuple[UUID, int], Seat] = {}
    for row in rows:
        areas, persons = frozenset(row.areas), [row.person_id] if row.person_id is not None else []
        people |= {one: OnDuty(one, row.name, row.post, row.active) for one in persons}
        made.on_duty.setdefault(row.role, [])
        made.uncovered.setdefault(row.role, None)
        if not areas:
            made.uncovered[row.role] = made.uncovered[row.role] or row.uncovered_role
        if not areas and row.position in {1, None}:
            made.on_duty[row.role] += persons
            continue
        key = (row.id, row.position or 1)
        earlier = seats[key].persons if key in seats else ()
        seats[key] = Seat(row.role, key[1], areas, (*earlier, *persons), row.uncovered_role)
    return Roster(made.on_duty, made.uncovered, tuple(seats.values()), people)


async def rotas(session: TenantSession, *, ended: bool = False) -> list[Rota]:
    """Every rota, by role and code; those that have ended only when asked for."""
    query = select(Rota).where(col(Rota.tenant_id) == session.tenant_id).order_by(col(Rota.role), col(Rota.code))
    return list(await session.scalars(query if ended else query.where(col(Rota.ended_at).is_(None))))


async def rota(session: TenantSession, rota_id: UUID) -> Rota:
    """Raises ``NotFound``."""
    found = await rotas_by_id(session, [rota_id])
    if rota_id not in found:
        raise NotFound(NO_ROTA)
    return found[rota_id]


async def rotas_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Rota]:
    return await by_key(session, Rota, ids)


async def locked(session: TenantSession, ids: Iterable[UUID]) -> list[Rota]:
    """The rotas, held against other changes until the transaction ends, always in the same order."""
    found = await session.scalars(
        select(Rota)
        .where(col(Rota.tenant_id) == session.tenant_id, col(Rota.id).in_(set(ids)))
        .order_by(col(Rota.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def areas_of_rotas(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Areas served, by rota; a rota that serves all has none."""
    found = await session.scalars(
        select(RotaArea)
        .where(col(RotaArea.tenant_id) == session.tenant_id, col(RotaArea.rota_id).in_(set(ids)))
        .order_by(col(RotaArea.id))
    )
    served = grouped(found, lambda row: row.rota_id)
    return {rota_id: [row.area_id for row in rows] for rota_id, rows in served.items()}


async def serve(session: TenantSession, rota_id: UUID, area_ids: Iterable[UUID]) -> None:
    """Have a rota serve these areas and no others; none means all."""
    await session.execute(
        delete(RotaArea).where(col(RotaArea.tenant_id) == session.tenant_id, col(RotaArea.rota_id) == rota_id)
    )
    for area_id in area_ids:
        session.append(RotaArea, rota_id=rota_id, area_id=area_id)
    await session.flush()


async def shifts(session: TenantSession, rota_ids: Iterable[UUID], begins: datetime, until: datetime) -> list[Shift]:
    """Shifts of the rotas that are on at some instant of [begins, until), by rota, position and start."""
    found = await session.scalars(
        select(Shift)
        .where(
            col(Shift.tenant_id) == session.tenant_id,
            col(Shift.rota_id).in_(set(rota_ids)),
            col(Shift.during).op("&&")(Range(begins, until)),
        )
        .order_by(col(Shift.rota_id), col(Shift.position), func.lower(col(Shift.during)))
    )
    return list(found)


async def shifts_of_person(session: TenantSession, person_id: UUID, begins: datetime, until: datetime) -> list[Shift]:
    """A person's shifts in any rota that are on at some instant of [begins, until), by start."""
    found = await session.scalars(
        select(Shift)
        .where(
            col(Shift.tenant_id) == session.tenant_id,
            col(Shift.person_id) == person_id,
            col(Shift.during).op("&&")(Range(begins, until)),
        )
        .order_by(func.lower(col(Shift.during)), col(Shift.id))
    )
    return list(found)


async def shift(session: TenantSession, shift_id: UUID) -> Shift:
    """Raises ``NotFound``, also for a shift that a change has replaced."""
    found = await session.scalar(
        select(Shift)
        .where(col(Shift.tenant_id) == session.tenant_id, col(Shift.id) == shift_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NO_SHIFT)
    return found


async def in_force(session: TenantSession, rota_id: UUID) -> list[RotaAdjustment]:
    """The adjustments of a rota that are not withdrawn, everybody's leave among them, as they were made."""
    found = await session.scalars(
        select(RotaAdjustment)
        .where(
            col(RotaAdjustment.tenant_id) == session.tenant_id,
            or_(col(RotaAdjustment.rota_id) == rota_id, col(RotaAdjustment.rota_id).is_(None)),
            col(RotaAdjustment.withdrawn_at).is_(None),
        )
        .order_by(col(RotaAdjustment.made_at), col(RotaAdjustment.id))
    )
    return list(found)


async def adjustment(session: TenantSession, adjustment_id: UUID) -> RotaAdjustment:
    """The adjustment as it is now. Raises ``NotFound``."""
    found = await session.scalar(
        select(RotaAdjustment)
        .where(col(RotaAdjustment.tenant_id) == session.tenant_id, col(RotaAdjustment.id) == adjustment_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("There is no such adjustment in this partnership.")
    return found


async def gone_for_good(session: TenantSession, person_id: UUID) -> list[RotaAdjustment]:
    """What takes somebody who has left off every rota."""
    found = await session.scalars(
        select(RotaAdjustment).where(
            col(RotaAdjustment.tenant_id) == session.tenant_id,
            col(RotaAdjustment.person_id) == person_id,
            col(RotaAdjustment.kind) == AdjustmentKind.LEFT,
            col(RotaAdjustment.withdrawn_at).is_(None),
        )
    )
    return list(found)


async def adjustments_by_id(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, RotaAdjustment]:
    return await by_key(session, RotaAdjustment, ids)


async def ahead(session: TenantSession, rota_id: UUID, now: datetime) -> list[Any]:
    """Shifts of a rota that have not ended: plain rows, by position and start."""
    rows = await session.execute(
        select(
            col(Shift.id), col(Shift.position), col(Shift.person_id), col(Shift.during), col(Shift.turn),
            col(Shift.layer), col(Shift.turn_key), col(Shift.adjustment_id),
        )
        .where(
            col(Shift.tenant_id) == session.tenant_id,
            col(Shift.rota_id) == rota_id,
            func.upper(col(Shift.during)) > now,
        )
        .order_by(col(Shift.position), func.lower(col(Shift.turn)))
    )  # fmt: skip
    return list(rows)


async def of_roles(session: TenantSession, roles: Collection[str]) -> list[Rota]:
    """The rotas of some roles."""
    return [row for row in await rotas(session) if row.role in roles]


def shifts_between(tenant_id: UUID, begins: datetime, until: datetime) -> Select[Any]:
    """For a list: the shifts that are on at some instant of [begins, until)."""
    return select(Shift).where(col(Shift.tenant_id) == tenant_id, col(Shift.during).op("&&")(Range(begins, until)))


def adjustments_about(tenant_id: UUID, rota_id: UUID, people: Iterable[UUID]) -> Select[Any]:
    """For a list: every adjustment of a rota, withdrawn or not, and the leave of its people."""
    leave = and_(col(RotaAdjustment.rota_id).is_(None), col(RotaAdjustment.person_id).in_(set(people)))
    return select(RotaAdjustment).where(
        col(RotaAdjustment.tenant_id) == tenant_id, or_(col(RotaAdjustment.rota_id) == rota_id, leave)
    )
