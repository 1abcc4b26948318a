"""Every query on the register of deaths."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.child_deaths.models import ChildDeath
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.registers.deaths.entries import Asked, ReviewStatus
from backend.registers.deaths.models import DeathMatch, DeathNotice, DeathStep, MatchOutcome, NoticeSource, StepKind
from tenants.partnerships.models import Area

NO_NOTICE: Final = "There is no such notice of a death in this partnership."
RECONCILING: Final = (
    NoticeSource.CORONER, NoticeSource.REGISTRAR, NoticeSource.POLICE, NoticeSource.STATISTICS_OFFICE,
)  # fmt: skip
"""Whose notices a report is matched with, so that every death is known from two sides."""
_DONE: Final = {
    ReviewStatus.REVIEWED: (StepKind.REVIEWED,),
    ReviewStatus.REVIEWED_ELSEWHERE: (StepKind.REVIEWED_ELSEWHERE,),
    ReviewStatus.READY_FOR_PANEL: (StepKind.READY_FOR_PANEL,),
    ReviewStatus.GATHERING: (StepKind.FORM_B_REQUESTED, StepKind.FORM_B_RECEIVED, StepKind.FORM_C_AGREED),
}  # fmt: skip


def standing(tenant_id: UUID) -> Subquery:
    """What each notice was last found to be of."""
    return (
        select(col(DeathMatch.notice_id), col(DeathMatch.outcome), col(DeathMatch.death_id))
        .where(col(DeathMatch.tenant_id) == tenant_id)
        .ext(distinct_on(col(DeathMatch.notice_id)))
        .order_by(col(DeathMatch.notice_id), col(DeathMatch.matched_at).desc(), col(DeathMatch.id).desc())
        .subquery("standing")
    )


def listed(caller: Caller, asked: Asked, zone: str) -> Select[Any]:
    """Reported deaths of cases that are there for the caller, narrowed as asked."""
    query = select(ChildDeath).where(
        col(ChildDeath.tenant_id) == caller.tenant_id, in_sight(caller, col(ChildDeath.case_id))
    )
    day = func.date(func.timezone(zone, col(ChildDeath.died_at)))
    if asked.died_from is not None:
        query = query.where(day >= asked.died_from)
    if asked.died_until is not None:
        query = query.where(day <= asked.died_until)
    for code, column in (
        (asked.area_of_death, col(ChildDeath.area_of_death_id)), (asked.home_area, col(ChildDeath.home_area_id)),
    ):  # fmt: skip
        if code is not None:
            named = select(col(Area.id)).where(col(Area.tenant_id) == caller.tenant_id, col(Area.code) == code)
            query = query.where(column.in_(named))
    if asked.of_residents is not None:
        query = query.where(col(ChildDeath.home_area_id).is_not(None) == asked.of_residents)
    if asked.unexpected is not None:
        query = query.where(col(ChildDeath.unexpected) == asked.unexpected)
    if asked.unmatched is not None:
        query = query.where(_matched(caller.tenant_id) != asked.unmatched)
    if asked.status is not None:
        query = query.where(_has_status(asked.status))
    return query


def _matched(tenant_id: UUID) -> ColumnElement[bool]:
    """Whether a death is matched with a notice of somebody who answers for knowing of it."""
    match = standing(tenant_id)
    return (
        select(1)
        .select_from(match)
        .join(DeathNotice, and_(col(DeathNotice.tenant_id) == tenant_id, col(DeathNotice.id) == match.c.notice_id))
        .where(match.c.death_id == col(ChildDeath.id), col(DeathNotice.source).in_(RECONCILING))
        .correlate(ChildDeath)
        .exists()
    )


def _has_status(status: ReviewStatus) -> ColumnElement[bool]:
    """As ``entries.status_of``."""
    further = list(_DONE)
    before = further[: further.index(status)] if status in _DONE else further
    passed = and_(*(~_done(*_DONE[one]) for one in before)) if before else None
    done = _done(*_DONE[status]) if status in _DONE else None
    return and_(*(one for one in (passed, done) if one is not None))


def _done(*kinds: StepKind) -> ColumnElement[bool]:
    return (
        select(1)
        .where(col(DeathStep.tenant_id) == col(ChildDeath.tenant_id), col(DeathStep.death_id) == col(ChildDeath.id),
               col(DeathStep.kind).in_(kinds))
        .correlate(ChildDeath)
        .exists()
    )  # fmt: skip


async def count(session: TenantSession, query: Select[Any]) -> int:
    return int(await session.scalar(select(func.count()).select_from(query.subquery())) or 0)


async def steps(session: TenantSession, death_ids: Iterable[UUID]) -> dict[UUID, list[DeathStep]]:
    """Steps of deaths, first to last."""
    await session.flush()
    return await by_parent(session, DeathStep, "death_id", death_ids, order=("done_at", "id"))


async def same_as(session: TenantSession, death_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Other reports of the same death, read from either side; the last word on each pair holds."""
    wanted = set(death_ids)
    found = await session.scalars(
        select(DeathStep)
        .where(
            col(DeathStep.tenant_id) == session.tenant_id, col(DeathStep.other_id).is_not(None),
            or_(col(DeathStep.death_id).in_(wanted), col(DeathStep.other_id).in_(wanted)),
        )
        .order_by(col(DeathStep.recorded_at), col(DeathStep.id))
    )  # fmt: skip
    last: dict[frozenset[UUID], StepKind] = {}
    for step in found:
        if step.other_id is not None:
            last[frozenset((step.death_id, step.other_id))] = step.kind
    same = [pair for pair, kind in last.items() if kind is StepKind.SAME_DEATH_AS]
    return {one: sorted(other for pair in same if one in pair for other in pair - {one}) for one in wanted}


async def in_sight_of(session: TenantSession, caller: Caller, death_ids: Iterable[UUID]) -> set[UUID]:
    """Those of some deaths whose case is there for the caller."""
    found = await session.scalars(
        select(col(ChildDeath.id)).where(
            col(ChildDeath.tenant_id) == session.tenant_id, col(ChildDeath.id).in_(set(death_ids)),
            in_sight(caller, col(ChildDeath.case_id)),
        )
    )  # fmt: skip
    return set(found)


async def notices_of(session: TenantSession, death_ids: Iterable[UUID]) -> dict[UUID, list[DeathNotice]]:
    """Notices that are matched with each death, first to last."""
    await session.flush()
    match = standing(session.tenant_id)
    found = await session.execute(
        select(match.c.death_id, DeathNotice)
        .join(DeathNotice, and_(col(DeathNotice.tenant_id) == session.tenant_id,
                                col(DeathNotice.id) == match.c.notice_id))
        .where(match.c.death_id.in_(set(death_ids)))
        .order_by(col(DeathNotice.received_at), col(DeathNotice.id))
    )  # fmt: skip
    by_death: dict[UUID, list[DeathNotice]] = {}
    for row in found:
        by_death.setdefault(row[0], []).append(row[1])
    return by_death


def notices(caller: Caller, *, unmatched: bool | None = None, source: NoticeSource | None = None) -> Select[Any]:
    """Notices that came in, but for those of deaths whose case is not there for the caller."""
    match = standing(caller.tenant_id)
    hidden = (
        select(1)
        .select_from(match)
        .join(ChildDeath, and_(col(ChildDeath.tenant_id) == caller.tenant_id, col(ChildDeath.id) == match.c.death_id))
        .where(match.c.notice_id == col(DeathNotice.id), ~in_sight(caller, col(ChildDeath.case_id)))
        .correlate(DeathNotice)
        .exists()
    )
    query = select(DeathNotice).where(col(DeathNotice.tenant_id) == caller.tenant_id, ~hidden)
    if source is not None:
        query = query.where(col(DeathNotice.source) == source)
    if unmatched is not None:
        settled = (
            select(1)
            .select_from(match)
            .where(match.c.notice_id == col(DeathNotice.id), match.c.outcome != MatchOutcome.UNMATCHED)
            .correlate(DeathNotice)
            .exists()
        )
        query = query.where(settled != unmatched)
    return query


async def notice(session: TenantSession, caller: Caller, notice_id: UUID) -> DeathNotice:
    """A notice that is there for the caller. Raises ``NotFound``."""
    await session.flush()
    found: DeathNotice | None = await session.scalar(notices(caller).where(col(DeathNotice.id) == notice_id))
    if found is None:
        raise NotFound(NO_NOTICE)
    return found


async def matches(session: TenantSession, notice_ids: Iterable[UUID]) -> dict[UUID, DeathMatch]:
    """What notices were last found to be of."""
    await session.flush()
    found = await session.scalars(
        select(DeathMatch)
        .where(col(DeathMatch.tenant_id) == session.tenant_id, col(DeathMatch.notice_id).in_(set(notice_ids)))
        .order_by(col(DeathMatch.matched_at), col(DeathMatch.id))
    )
    return {row.notice_id: row for row in found}


async def alike(session: TenantSession, caller: Caller, row: DeathNotice) -> list[ChildDeath]:
    """Reported deaths that a notice may be of: by the date of birth, or by a like name."""
    conditions: list[ColumnElement[bool]] = []
    if row.date_of_birth is not None:
        conditions.append(col(ChildDeath.date_of_birth) == row.date_of_birth)
    if row.child_name:
        conditions.append(func.similarity(func.lower(col(ChildDeath.child_name)), row.child_name.lower()) > 0.5)
    if not conditions:
        return []
    found = await session.scalars(
        select(ChildDeath)
        .where(col(ChildDeath.tenant_id) == session.tenant_id, or_(*conditions),
               in_sight(caller, col(ChildDeath.case_id)))
        .order_by(col(ChildDeath.reported_at).desc())
        .limit(20)
    )  # fmt: skip
    return list(found)


def since(row: datetime, now: datetime) -> int:
    """Whole days that something has waited."""
    return max((now - row).days, 0)
