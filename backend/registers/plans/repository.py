"""Every query on the register of children with plans."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.cases.children.models import CaseSubject, Child, ChildAddress
from backend.cases.models import CaseFile
from backend.cases.people.models import CasePractitioner
from backend.clocks.models import Clock
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import grouped
from backend.pathways.models import PathwayFact, PathwayRun
from backend.registers.plans.entries import Asked, Place
from backend.registers.plans.models import Holder, PlanStay
from backend.registers.plans.spells import on_register, own

KEY_WORKER: Final = ("key-worker", "key_worker")
CORE_GROUP: Final = ("core-group-member", "core_group_member")
REVIEWS: Final = ("first-review-conference-held", "further-review-conference-held", "review-brought-forward")
"""Clocks whose limit is that of a review conference."""
NO_STAY: Final = "There is no such stay in this partnership."
NO_ENTRY: Final = "There is no such entry in this partnership's register."


def late_at(at: datetime) -> ColumnElement[bool]:
    """Clocks of reviews whose limit had passed at an instant with the review still to come."""
    done = func.coalesce(col(Clock.met_at), col(Clock.ended_at))
    return and_(col(Clock.definition).in_(REVIEWS), col(Clock.due_at) < at, or_(done.is_(None), done > at))


def lasting(at: datetime) -> ColumnElement[bool]:
    """Practitioners who worked on their case at an instant."""
    return and_(col(CasePractitioner.from_at) < at, or_(col(CasePractitioner.to_at).is_(None),
                                                        col(CasePractitioner.to_at) >= at))  # fmt: skip


def listed(
    caller: Caller, asked: Asked, *, zone: str, midnight: datetime, at: datetime, two_years: datetime,
    born_by: date | None, born_after: date | None,
) -> Select[Any]:  # fmt: skip
    """Entries that are there for the caller, narrowed as asked. ``at`` is ``midnight`` or now, whichever is first.

    Of ages, ``born_by`` and ``born_after`` are the last day of birth of the youngest wanted and the day that lies
    before the first of the oldest. ``two_years`` is the instant before which a plan began that has lasted so long.
    """
    entry = on_register(caller.tenant_id, zone, asked.on, midnight)
    query = select(entry).where(in_sight(caller, entry.c.case_id))
    if asked.area_id is not None:
        query = query.where(entry.c.area_id == asked.area_id)
    if asked.category is not None:
        query = query.where(entry.c.categories.op("?")(asked.category))
    if asked.over_two_years is not None:
        query = query.where((entry.c.started_at < two_years) == asked.over_two_years)
    if asked.held_elsewhere is not None:
        query = query.where(entry.c.stay_id.is_not(None) == asked.held_elsewhere)
    if asked.key_worker_id is not None:
        query = query.where(_has(CasePractitioner, entry.c.case_id, lasting(midnight),
                                 col(CasePractitioner.role).in_(KEY_WORKER),
                                 col(CasePractitioner.person_id) == asked.key_worker_id))  # fmt: skip
    if asked.review_overdue is not None:
        query = query.where(_has(Clock, entry.c.case_id, late_at(at)) == asked.review_overdue)
    child = [col(Child.tenant_id) == caller.tenant_id, col(Child.id) == entry.c.child_id]
    if born_by is not None:
        query = query.where(exists().where(*child, col(Child.date_of_birth) <= born_by))
    if born_after is not None:
        query = query.where(exists().where(*child, col(Child.date_of_birth) > born_after))
    if asked.unborn is not None:
        unborn = exists().where(*child, col(Child.date_of_birth).is_(None), col(Child.expected_on).is_not(None))
        query = query.where(unborn == asked.unborn)
    return query


def _has(row: Any, case_id: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a case has such a row."""
    return exists().where(row.case_id == case_id, *conditions)


def place_of(row: Any) -> Place:
    """A row of ``listed``."""
    told = row.categories
    return Place(
        row.id, row.child_id, row.case_id, row.run_id, row.area_id, row.started_at, row.ended_at,
        tuple(told) if isinstance(told, list) else ((str(told),) if told else ()), row.stay_id,
    )  # fmt: skip


async def count(session: TenantSession, query: Select[Any]) -> int:
    return int(await session.scalar(select(func.count()).select_from(query.subquery())) or 0)


async def earlier(session: TenantSession, caller: Caller, zone: str, child_ids: Iterable[UUID]) -> Sequence[Any]:
    """Plans of children that have ended, of cases that are there for the caller, first to last."""
    spell = own(session.tenant_id, zone)
    found = await session.execute(
        select(spell)
        .where(spell.c.child_id.in_(set(child_ids)), spell.c.ended_at.is_not(None), in_sight(caller, spell.c.case_id))
        .order_by(spell.c.started_at, spell.c.id)
    )
    return found.all()


async def references(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """References of cases."""
    found = await session.execute(
        select(col(CaseFile.id), col(CaseFile.reference)).where(
            col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.id).in_(set(case_ids))
        )
    )
    return {row.id: row.reference for row in found}


async def with_plan(session: TenantSession, zone: str, day: date, midnight: datetime) -> dict[UUID, Place]:
    """Every child with a plan at the end of a day, whoever asks, by child."""
    found = await session.execute(select(on_register(session.tenant_id, zone, day, midnight)))
    return {row.child_id: place_of(row) for row in found}


async def reviews(session: TenantSession, case_ids: Iterable[UUID], at: datetime) -> dict[UUID, list[Clock]]:
    """Clocks of reviews that were to come at an instant, by case, the first due first."""
    done = func.coalesce(col(Clock.met_at), col(Clock.ended_at))
    found = await session.scalars(
        select(Clock)
        .where(
            col(Clock.tenant_id) == session.tenant_id, col(Clock.case_id).in_(set(case_ids)),
            col(Clock.definition).in_(REVIEWS), col(Clock.started_at) < at, or_(done.is_(None), done > at),
        )
        .order_by(col(Clock.due_at), col(Clock.id))
    )  # fmt: skip
    return grouped(found, lambda clock: clock.case_id)


async def core_groups(session: TenantSession, case_ids: Iterable[UUID], before: datetime) -> dict[UUID, Any]:
    """The core group's members as last recorded in a run of each case, as they were written."""
    found = await session.execute(
        select(col(PathwayRun.case_id), col(PathwayFact.value))
        .join(PathwayRun, and_(col(PathwayRun.tenant_id) == col(PathwayFact.tenant_id),
                               col(PathwayRun.id) == col(PathwayFact.run_id)))
        .where(
            col(PathwayFact.tenant_id) == session.tenant_id, col(PathwayRun.case_id).in_(set(case_ids)),
            col(PathwayFact.code) == "core-group-members", col(PathwayFact.recorded_at) < before,
        )
        .order_by(col(PathwayFact.recorded_at))
    )  # fmt: skip
    return {row.case_id: row.value for row in found}


async def stays(session: TenantSession, child_ids: Iterable[UUID]) -> dict[UUID, list[PlanStay]]:
    """Stays of children, first to last."""
    return await by_parent(session, PlanStay, "child_id", child_ids, order=("from_on", "id"))


def every_stay(caller: Caller, holder: Holder | None = None) -> Select[Any]:
    """Stays of children of cases that are there for the caller."""
    query = select(PlanStay).where(col(PlanStay.tenant_id) == caller.tenant_id, in_sight(caller, col(PlanStay.case_id)))
    return query.where(col(PlanStay.holder) == holder) if holder is not None else query


async def stay(session: TenantSession, stay_id: UUID, *, lock: bool = False) -> PlanStay:
    """Raises ``NotFound``."""
    await session.flush()
    found = await session.get(
        PlanStay, (session.tenant_id, stay_id), with_for_update={"key_share": True} if lock else None,
        populate_existing=lock,
    )  # fmt: skip
    if found is None:
        raise NotFound(NO_STAY)
    return found


async def subject(session: TenantSession, subject_id: UUID) -> CaseSubject:
    """The subject that an entry of ours is of. Raises ``NotFound``."""
    found = await session.get(CaseSubject, (session.tenant_id, subject_id))
    if found is None:
        raise NotFound(NO_ENTRY)
    return found


async def plan_run(session: TenantSession, case_id: UUID, pathway: str) -> PathwayRun | None:
    """The newest plan that runs, or ran, on a case."""
    found: PathwayRun | None = await session.scalar(
        select(PathwayRun)
        .where(col(PathwayRun.tenant_id) == session.tenant_id, col(PathwayRun.case_id) == case_id,
               col(PathwayRun.pathway) == pathway)
        .order_by(col(PathwayRun.opened_at).desc())
        .limit(1)
    )  # fmt: skip
    return found


async def living_at(session: TenantSession, match_key: str, day: date) -> list[UUID]:
    """Children who live, in the open, at an address on a day."""
    found = await session.scalars(
        select(col(ChildAddress.child_id)).where(
            col(ChildAddress.tenant_id) == session.tenant_id, col(ChildAddress.match_key) == match_key,
            col(ChildAddress.hidden).is_(False),
            or_(col(ChildAddress.to_on).is_(None), col(ChildAddress.to_on) > day),
        )
    )  # fmt: skip
    return list(dict.fromkeys(found))
