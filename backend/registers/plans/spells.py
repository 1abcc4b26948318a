"""Which child had a plan when: read from the runs of plans and of their endings, a row for each child and run. SQL.

A plan begins with the conference's decision. It ends with the event of its ending, as the conference, the move or
the day says (Working Together 2005 ¶4.114), not when its run is closed: what opens then only looks for the ground.
Without such a run the closing of the plan's own is the end. At 18, or at the child's death, it ends by itself.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Subquery,
    Uuid,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB, distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.cases.children.models import CaseSubject, Child
from backend.cases.models import CaseFile
from backend.kit.tables import link
from backend.pathways.models import PathwayEvent, PathwayFact, PathwayRun
from backend.registers.plans.models import Holder, PlanEntryCorrection, PlanStay

PLAN: Final = "child-protection-plan"
ENDING: Final = "discontinue-child-protection-plan"


def _midnight(day: Any, zone: str) -> ColumnElement[datetime]:
    """The instant at which a day of the partnership begins."""
    return func.timezone(zone, cast(day, DateTime(timezone=False)))


def _first(run: Any, code: str, zone: str) -> Any:
    """When an event of a run first happened, corrections counted; a day begins at its midnight."""
    on_a_day = col(PathwayEvent.occurred_on).regexp_match(r"^\d{4}-\d{2}-\d{2}$")
    at = func.coalesce(
        col(PathwayEvent.occurred_at), case((on_a_day, _midnight(cast(col(PathwayEvent.occurred_on), Date), zone)))
    )
    correction: Any = aliased(PathwayEvent)
    corrected = (
        select(1)
        .where(correction.tenant_id == col(PathwayEvent.tenant_id), correction.corrects_id == col(PathwayEvent.id))
        .correlate(PathwayEvent)
        .exists()
    )
    return (
        select(func.min(at))
        .where(
            col(PathwayEvent.tenant_id) == run.tenant_id, col(PathwayEvent.run_id) == run.id,
            col(PathwayEvent.code) == code, col(PathwayEvent.withdrawn).is_(False),
            at <= func.app.now(), not_(corrected),
        )
        .correlate(run)
        .scalar_subquery()
    )  # fmt: skip


def _ending_of(run: Any) -> tuple[Any, Any]:
    """A run that looks for the ground to end the plan of ``run``, and the condition that it is this plan's.

    It is that of the newest plan of the case when it was opened: a review may open it, or the plan itself.
    """
    ending: Any = aliased(PathwayRun)
    later: Any = aliased(PathwayRun)
    between = (
        select(1)
        .where(
            later.tenant_id == run.tenant_id, later.case_id == run.case_id, later.pathway == PLAN,
            later.opened_at > run.opened_at, later.opened_at <= ending.opened_at,
        )
        .correlate(run, ending)
        .exists()
    )  # fmt: skip
    return ending, and_(
        ending.tenant_id == run.tenant_id, ending.case_id == run.case_id, ending.pathway == ENDING,
        ending.opened_at >= run.opened_at, not_(between),
    )  # fmt: skip


def _ended(run: Any, zone: str) -> Any:
    ending, of_this_plan = _ending_of(run)
    when = select(func.min(_first(ending, "plan-ended", zone))).where(of_this_plan).correlate(run).scalar_subquery()
    other, looked_for = _ending_of(run)
    sought = select(1).select_from(other).where(looked_for).correlate(run).exists()
    return func.coalesce(when, case((not_(sought), run.closed_at)))


def _grown_up(zone: str) -> Any:
    """The midnight at which the child is 18; somebody born on 29 February is on 1 March."""
    born = col(Child.date_of_birth)
    on = cast(born + cast(literal("18 years"), INTERVAL), Date)
    leap = and_(extract("month", born) == 2, extract("day", born) == 29)
    return _midnight(case((leap, on + 1), else_=on), zone)


def categories_of(case_id: Any, before: datetime | None) -> Any:
    """The categories last recorded in any run of a case, as JSON; known by the instant ``before``."""
    of_case: Any = aliased(PathwayRun)
    query = (
        select(col(PathwayFact.value))
        .join(of_case, and_(of_case.tenant_id == col(PathwayFact.tenant_id), of_case.id == col(PathwayFact.run_id)))
        .where(of_case.case_id == case_id, col(PathwayFact.code) == "category")
    )
    if before is not None:
        query = query.where(col(PathwayFact.recorded_at) < before)
    return query.order_by(col(PathwayFact.recorded_at).desc()).limit(1).scalar_subquery()


def own(tenant_id: UUID, zone: str) -> Subquery:
    """The plans of this partnership's children: one row for each child and run.

    ``id`` is the subject's; ``started_at`` and ``ended_at`` are instants, the latter NULL while the plan lasts.
    """
    run: Any = aliased(PathwayRun)
    correction = (
        select(PlanEntryCorrection)
        .where(
            col(PlanEntryCorrection.tenant_id) == run.tenant_id, col(PlanEntryCorrection.run_id) == run.id,
            col(PlanEntryCorrection.child_id) == col(CaseSubject.child_id),
        )
        .order_by(col(PlanEntryCorrection.recorded_at).desc(), col(PlanEntryCorrection.id).desc())
        .limit(1)
        .correlate(run, CaseSubject)
        .lateral()
    )  # fmt: skip
    began = func.coalesce(_midnight(correction.c.from_on, zone), _first(run, "plan-decided", zone), run.opened_at)
    ended = func.least(
        func.coalesce(_midnight(correction.c.until_on, zone), _ended(run, zone)), _grown_up(zone),
        _midnight(col(Child.died_on), zone),
    )  # fmt: skip
    return (
        select(
            col(CaseSubject.id).label("id"), col(CaseSubject.child_id).label("child_id"),
            col(CaseSubject.case_id).label("case_id"), run.id.label("run_id"), col(CaseFile.area_id).label("area_id"),
            began.label("started_at"), ended.label("ended_at"),
        )
        .select_from(CaseSubject)
        .join(run, and_(run.tenant_id == col(CaseSubject.tenant_id), run.case_id == col(CaseSubject.case_id)))
        .join(Child, link(CaseSubject, "child_id", Child))
        .join(CaseFile, link(CaseSubject, "case_id", CaseFile))
        .outerjoin(correction, literal(True))  # noqa: FBT003
        .where(
            col(CaseSubject.tenant_id) == tenant_id, run.pathway == PLAN,
            func.coalesce(correction.c.without_plan, False).is_(False),
        )
        .subquery("spell")
    )  # fmt: skip


def on_register(tenant_id: UUID, zone: str, day: date, midnight: datetime) -> Subquery:
    """Every child with a plan at the end of ``day``, which is ``midnight``: ours, and here under another's plan.

    Columns are those of ``own``, with ``categories`` and ``stay_id``, the latter for another's plan alone. A child
    whose case has had several plans is there once, by the latest.
    """
    spell = own(tenant_id, zone)
    ours = (
        select(
            spell.c.id, spell.c.child_id, spell.c.case_id, spell.c.run_id, spell.c.area_id, spell.c.started_at,
            spell.c.ended_at, cast(categories_of(spell.c.case_id, midnight), JSONB).label("categories"),
            cast(null(), Uuid).label("stay_id"),
        )
        .where(spell.c.started_at < midnight, or_(spell.c.ended_at.is_(None), spell.c.ended_at >= midnight))
        .ext(distinct_on(spell.c.id))
        .order_by(spell.c.id, spell.c.started_at.desc())
        .subquery()
    )  # fmt: skip
    stay = PlanStay
    theirs = (
        select(
            col(stay.id), col(stay.child_id), col(stay.case_id), cast(null(), Uuid).label("run_id"), col(stay.area_id),
            _midnight(col(stay.from_on), zone).label("started_at"),
            _midnight(col(stay.until_on), zone).label("ended_at"),
            cast(col(stay.categories), JSONB).label("categories"), col(stay.id).label("stay_id"),
        )
        .join(Child, link(stay, "child_id", Child))
        .where(
            col(stay.tenant_id) == tenant_id, col(stay.holder) == Holder.ANOTHER, col(stay.from_on) <= day,
            or_(col(stay.until_on).is_(None), col(stay.until_on) > day),
            or_(col(Child.died_on).is_(None), col(Child.died_on) > day),
            or_(col(Child.date_of_birth).is_(None), _grown_up(zone) >= midnight),
        )
    )  # fmt: skip
    return union_all(select(ours), theirs).subquery("entry")
