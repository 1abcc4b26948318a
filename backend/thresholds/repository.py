"""Every query on indicators, decisions on levels of need and agencies' views of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, and_, cast, distinct, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.cases.children.models import CaseSubject, Child
from backend.cases.models import CaseFile, CaseState
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import grouped, link
from backend.thresholds.models import Direction, ThresholdDecision, ThresholdIndicator, ThresholdView
from tenants.partnerships.models import Area

NO_INDICATOR: Final = "There is no such recorded indicator in this partnership."
NO_DECISION: Final = "There is no such decision on a level of need in this partnership."


async def indicator(session: TenantSession, indicator_id: UUID) -> ThresholdIndicator:
    """Raises ``NotFound``."""
    found = await session.get(ThresholdIndicator, (session.tenant_id, indicator_id))
    if found is None:
        raise NotFound(NO_INDICATOR)
    return found


async def indicators(
    session: TenantSession, case_ids: Iterable[UUID], scheme: str | None = None
) -> dict[UUID, list[ThresholdIndicator]]:
    """All that was recorded on cases, ends and withdrawals among it, in the order in which it was."""
    query = select(ThresholdIndicator).where(
        col(ThresholdIndicator.tenant_id) == session.tenant_id, col(ThresholdIndicator.case_id).in_(set(case_ids))
    )
    if scheme is not None:
        query = query.where(col(ThresholdIndicator.scheme) == scheme)
    found = await session.scalars(query.order_by(col(ThresholdIndicator.recorded_at), col(ThresholdIndicator.id)))
    return grouped(found, lambda row: row.case_id)


async def decision(session: TenantSession, decision_id: UUID) -> ThresholdDecision:
    """Raises ``NotFound``."""
    found = await session.get(ThresholdDecision, (session.tenant_id, decision_id))
    if found is None:
        raise NotFound(NO_DECISION)
    return found


async def decisions(
    session: TenantSession, case_ids: Iterable[UUID], scheme: str | None = None
) -> dict[UUID, list[ThresholdDecision]]:
    """Decisions on cases, first to last."""
    query = select(ThresholdDecision).where(
        col(ThresholdDecision.tenant_id) == session.tenant_id, col(ThresholdDecision.case_id).in_(set(case_ids))
    )
    if scheme is not None:
        query = query.where(col(ThresholdDecision.scheme) == scheme)
    found = await session.scalars(query.order_by(col(ThresholdDecision.decided_at), col(ThresholdDecision.id)))
    return grouped(found, lambda row: row.case_id)


async def views(session: TenantSession, decision_ids: Iterable[UUID]) -> dict[UUID, list[ThresholdView]]:
    """Agencies' views of decisions, first to last."""
    return await by_parent(session, ThresholdView, "decision_id", decision_ids, order=("given_at", "id"))


async def view(session: TenantSession, view_id: UUID) -> ThresholdView:
    """Raises ``NotFound``."""
    found = await session.get(ThresholdView, (session.tenant_id, view_id))
    if found is None:
        raise NotFound("There is no such view of a decision in this partnership.")
    return found


async def born(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[Child]]:
    """The children of cases."""
    found = await session.execute(
        select(col(CaseSubject.case_id), Child)
        .join(Child, link(CaseSubject, "child_id", Child))
        .where(col(CaseSubject.tenant_id) == session.tenant_id, col(CaseSubject.case_id).in_(set(case_ids)))
        .order_by(col(CaseSubject.added_at), col(CaseSubject.id))
    )
    of_cases = grouped([(row[0], row[1]) for row in found], lambda pair: pair[0])
    return {case_id: [child for _, child in pairs] for case_id, pairs in of_cases.items()}


async def with_anything_since(session: TenantSession, scheme: str, since: datetime) -> Sequence[CaseFile]:
    """Cases on which an indicator was recorded, or a level decided, since an instant; whoever asks."""
    recorded = select(col(ThresholdIndicator.case_id)).where(
        col(ThresholdIndicator.tenant_id) == session.tenant_id, col(ThresholdIndicator.scheme) == scheme,
        col(ThresholdIndicator.recorded_at) >= since,
    )  # fmt: skip
    decided = select(col(ThresholdDecision.case_id)).where(
        col(ThresholdDecision.tenant_id) == session.tenant_id, col(ThresholdDecision.scheme) == scheme,
        col(ThresholdDecision.decided_at) >= since,
    )  # fmt: skip
    found = await session.scalars(
        select(CaseFile)
        .where(col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.id).in_(recorded.union(decided)))
        .order_by(col(CaseFile.opened_at), col(CaseFile.id))
    )
    return list(found)


async def seen_among(session: TenantSession, caller: Caller, case_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the cases that are there for the caller."""
    found = await session.scalars(
        select(col(CaseFile.id)).where(
            col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.id).in_(set(case_ids)),
            in_sight(caller, col(CaseFile.id)),
        )
    )  # fmt: skip
    return set(found)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many decisions an area took for a level, in a direction, and on how many cases."""

    area_id: UUID | None
    area: str | None
    level: str
    direction: Direction
    decisions: int
    cases: int
    against: int
    """Decisions for another level than the criteria suggested."""


async def figures(session: TenantSession, scheme: str, since: date, until: date, zone: str) -> list[Figure]:
    """Decisions taken from ``since`` to before ``until``, days of the partnership's zone, by area and level."""
    day = cast(func.timezone(zone, col(ThresholdDecision.decided_at)), Date)
    against = and_(
        col(ThresholdDecision.suggested).is_not(None),
        col(ThresholdDecision.suggested) != col(ThresholdDecision.level),
    )
    keys: tuple[Any, ...] = (
        col(ThresholdDecision.area_id), col(Area.name).label("area"), col(ThresholdDecision.level),
        col(ThresholdDecision.direction),
    )  # fmt: skip
    query: Any = (
        select(
            *keys, func.count().label("decisions"),
            func.count(distinct(col(ThresholdDecision.case_id))).label("cases"),
            func.count().filter(against).label("against"),
        )
        .outerjoin(Area, link(ThresholdDecision, "area_id", Area))
        .where(
            col(ThresholdDecision.tenant_id) == session.tenant_id, col(ThresholdDecision.scheme) == scheme,
            day >= since, day < until,
        )
        .group_by(*keys)
        .order_by(col(Area.name), col(ThresholdDecision.level), col(ThresholdDecision.direction))
    )  # fmt: skip
    return [Figure(**row._mapping) for row in await session.execute(query)]  # noqa: SLF001  # SQLAlchemy's own name


@dataclass(frozen=True, slots=True)
class Standing:
    """How many open cases of an area stand at a level now."""

    area: str | None
    level: str
    cases: int


async def standing(session: TenantSession, scheme: str) -> list[Standing]:
    """Open cases by their area and the level last decided on."""
    last = (
        select(col(ThresholdDecision.case_id), col(ThresholdDecision.level))
        .ext(distinct_on(col(ThresholdDecision.case_id)))
        .where(col(ThresholdDecision.tenant_id) == session.tenant_id, col(ThresholdDecision.scheme) == scheme)
        .order_by(
            col(ThresholdDecision.case_id), col(ThresholdDecision.decided_at).desc(), col(ThresholdDecision.id).desc()
        )
        .subquery()
    )  # fmt: skip
    keys: tuple[Any, ...] = (col(Area.name).label("area"), last.c.level)
    query: Any = (
        select(*keys, func.count().label("cases"))
        .join(CaseFile, and_(col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.id) == last.c.case_id))
        .outerjoin(Area, link(CaseFile, "area_id", Area))
        .where(col(CaseFile.state) == CaseState.OPEN)
        .group_by(col(CaseFile.area_id), *keys)
        .order_by(*keys)
    )
    return [Standing(**row._mapping) for row in await session.execute(query)]  # noqa: SLF001  # SQLAlchemy's own name
