"""The same statistics counted in another way: every row read, and told off one by one in Python."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from backend.cases.children.models import CaseSubject, Child
from backend.cases.models import CaseFile
from backend.child_deaths.models import ChildDeath
from backend.clocks.models import Clock, ClockState
from backend.kit.session import TenantSession
from backend.pathways.casework_models import DepartureState, PathwayDecision, PathwayDeparture
from backend.pathways.models import PathwayEvent, PathwayFact, PathwayRun, RunState
from backend.statistics.asked import YEARS, Asked
from tenants.partnerships.models import Area

Counted = dict[tuple[str, ...], dict[str, float | None]]
LATE = {ClockState.MET_LATE, ClockState.BREACHED, ClockState.MISSED}


@dataclass
class Everything:
    """All rows of a partnership that a statistic may be made of."""

    zone: ZoneInfo
    rows: dict[type[Any], list[Any]]

    @classmethod
    async def of(cls, session: TenantSession, zone: str) -> "Everything":
        models = (CaseFile, CaseSubject, Child, ChildDeath, Clock, PathwayDecision, PathwayDeparture, PathwayEvent,
                  PathwayFact, PathwayRun, Area)  # fmt: skip
        return cls(ZoneInfo(zone), {model: list(await session.scalars(select(model))) for model in models})

    @cached_property
    def ids(self) -> dict[UUID, Any]:
        return {row.id: row for rows in self.rows.values() for row in rows}

    @cached_property
    def subjects(self) -> dict[UUID, list[Child]]:
        return grouped((row.case_id, self.ids[row.child_id]) for row in self.rows[CaseSubject])

    @cached_property
    def in_runs(self) -> dict[tuple[type[Any], UUID], list[Any]]:
        models = (PathwayEvent, PathwayFact, PathwayDecision)
        return grouped(((model, row.run_id), row) for model in models for row in self.rows[model])

    def by_id(self, _model: type[Any], row_id: UUID | None) -> Any:
        return self.ids.get(row_id) if row_id else None

    def area(self, area_id: UUID | None, otherwise: str = "not recorded") -> str:
        found = self.by_id(Area, area_id)
        return found.name if found else otherwise

    def children(self, case_id: UUID) -> list[Child]:
        return self.subjects.get(case_id, [])

    def runs(self, pathway: str) -> list[PathwayRun]:
        return [row for row in self.rows[PathwayRun] if row.pathway == pathway]

    def of_run(self, model: type[Any], run_id: UUID) -> list[Any]:
        return self.in_runs.get((model, run_id), [])

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def of_age(self, child: Child, at: datetime, asked: Asked) -> bool:
        if asked.ages is None:
            return True
        years = self.years(child, at)
        return years is not None and YEARS[asked.ages][0] <= years < YEARS[asked.ages][1]

    def years(self, child: Child, at: datetime) -> int | None:
        """Completed years; None for a child who is not born yet."""
        born, day = child.date_of_birth, self.day(at)
        if born is None or born > day:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def within(self, at: datetime, asked: Asked) -> bool:
        return asked.from_on <= self.day(at) < asked.until_on


def grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def part(values: list[float], share: float) -> float | None:
    """The value that a share of them does not exceed, between two of them where it falls between."""
    if not values:
        return None
    ordered, place = sorted(values), share * (len(values) - 1)
    low = ordered[int(place)]
    return low + (ordered[min(int(place) + 1, len(values) - 1)] - low) * (place - int(place))


def days(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds() / 86400


def timeliness(known: Everything, asked: Asked) -> Counted:
    left = {(row.run_id, row.subject_code) for row in known.rows[PathwayDeparture]
            if row.state is DepartureState.AUTHORISED and row.subject_kind == "clock"}  # fmt: skip
    pairs = []
    for clock in known.rows[Clock]:
        case = known.by_id(CaseFile, clock.case_id)
        if (
            known.within(clock.due_at, asked) and clock.effect.value in {"breach", "miss_needs_reason"}
            and clock.state.value not in {"cancelled", "expired", "ended"} and asked.area_id in {None, case.area_id}
            and (asked.ages is None or any(known.of_age(one, case.opened_at, asked) for one in known.children(case.id)))
        ):  # fmt: skip
            pairs.append(((clock.pathway, clock.definition, known.area(case.area_id)), clock))
    found: Counted = {}
    for key, clocks in grouped(pairs).items():
        late = [one for one in clocks if one.state in LATE]
        took = [days(one.started_at, one.met_at) for one in clocks if one.met_at]
        found[key] = {
            "limits": len(clocks), "in_time": sum(one.state is ClockState.MET for one in clocks), "late": len(late),
            "not_done": sum(one.met_at is None for one in late), "explained": sum(bool(one.reason) for one in late),
            "departed": sum((one.run_id, one.definition) in left for one in late),
            "running": sum(one.state in {ClockState.RUNNING, ClockState.PAUSED} for one in clocks),
            "done": len(took), "median_days": part(took, 0.5), "ninetieth_days": part(took, 0.9),
        }  # fmt: skip
    return found


def referrals(known: Everything, asked: Asked) -> Counted:
    pairs = []
    every = known.runs("referral-to-childrens-social-care")
    for run in every:
        case = known.by_id(CaseFile, run.case_id)
        about = [child for child in known.children(case.id) if known.of_age(child, run.opened_at, asked)]
        if not known.within(run.opened_at, asked) or asked.area_id not in {None, case.area_id}:
            continue
        if asked.ages is not None and not about:
            continue
        ids = {child.id for child in about}
        before = run.opened_at.replace(year=run.opened_at.year - 1)
        again = any(
            before <= other.opened_at < run.opened_at and ids & {one.id for one in known.children(other.case_id)}
            for other in every
        )
        said = [row.value for row in sorted(known.of_run(PathwayFact, run.id), key=lambda row: row.recorded_at)
                if row.code == "referrer-type"]  # fmt: skip
        decided = [row.options for row in sorted(known.of_run(PathwayDecision, run.id), key=lambda row: row.decided_at)
                   if row.code == "next-step"]  # fmt: skip
        outcome = " and ".join(sorted(decided[-1])) if decided else "not decided"
        key = (known.area(case.area_id), said[-1] if said else "not recorded", outcome)
        pairs.append((key, (len(about), again)))
    return {
        key: {"referrals": len(rows), "children": sum(row[0] for row in rows), "repeated": sum(row[1] for row in rows)}
        for key, rows in grouped(pairs).items()
    }


@dataclass
class Plan:
    """One child's plan."""

    child: Child
    case: CaseFile
    began: datetime
    ended: datetime | None
    category: str
    place: int = 1


def plans(known: Everything, asked: Asked) -> list[Plan]:
    found = []
    for run in known.runs("child-protection-plan"):
        case = known.by_id(CaseFile, run.case_id)
        events = known.of_run(PathwayEvent, run.id)
        corrected = {event.corrects_id for event in events}
        decided = [event.occurred_at for event in events
                   if event.code == "plan-decided" and event.id not in corrected and not event.withdrawn]  # fmt: skip
        of_case = {row.id for row in known.rows[PathwayRun] if row.case_id == case.id}
        said = [row for row in known.rows[PathwayFact]
                if row.run_id in of_case and row.code == "category"
                and known.day(row.recorded_at) < asked.until_on]  # fmt: skip
        last = max(said, key=lambda row: row.recorded_at).value if said else ["not recorded"]
        category = last[0] if len(last) == 1 else "more than one category"
        found += [Plan(child, case, min(decided, default=run.opened_at), plan_ended(known, run), category)
                  for child in known.children(case.id)]  # fmt: skip
    for plan in found:
        plan.place = 1 + sum(other.child.id == plan.child.id and other.began < plan.began for other in found)
    return [plan for plan in found if asked.area_id in {None, plan.case.area_id}]


def plan_ended(known: Everything, run: PathwayRun) -> datetime | None:
    """When the plan was ended, which may be written down later than it was; else when its run was closed."""
    endings = {row.id for row in known.runs("discontinue-child-protection-plan") if row.case_id == run.case_id
               and run.closed_at and run.opened_at <= row.opened_at <= run.closed_at}  # fmt: skip
    events = [event for ending in endings for event in known.of_run(PathwayEvent, ending)]
    corrected = {event.corrects_id for event in events}
    told = [event.occurred_at for event in events if event.code == "plan-ended" and event.occurred_at
            and event.id not in corrected and not event.withdrawn]  # fmt: skip
    return min(told, default=run.closed_at)


def two_years_on(at: datetime) -> datetime:
    return at.replace(year=at.year + 2)


def month_on(at: datetime) -> datetime:
    """The same day of the next month, or its last."""
    year, month = at.year + at.month // 12, at.month % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def children_on_plans(known: Everything, asked: Asked) -> Counted:
    end = datetime.combine(asked.until_on, datetime.min.time(), tzinfo=known.zone)
    bands = {years: band.value for band, years in YEARS.items()}

    def age(child: Child) -> str:
        years = known.years(child, end)
        return "not born, or not known" if years is None else next(
            (band for (low, high), band in bands.items() if low <= years < high), "18 or older")  # fmt: skip

    here: dict[UUID, Plan] = {}
    for plan in sorted(plans(known, asked), key=lambda one: one.began):
        going_on = plan.began < end and (plan.ended is None or plan.ended >= end)
        if going_on and known.of_age(plan.child, end, asked):
            here.setdefault(plan.child.id, plan)
    pairs = [((known.area(one.case.area_id), age(one.child), one.category), one) for one in here.values()]
    return {
        key: {"children": len(rows), "over_two_years": sum(two_years_on(one.began) <= end for one in rows)}
        for key, rows in grouped(pairs).items()
    }


def plans_started(known: Everything, asked: Asked) -> Counted:
    pairs = [((known.area(one.case.area_id), one.category), one) for one in plans(known, asked)
             if known.within(one.began, asked) and known.of_age(one.child, one.began, asked)]  # fmt: skip
    return {
        key: {"children": len(rows), "second_or_later": sum(one.place > 1 for one in rows)}
        for key, rows in grouped(pairs).items()
    }


def plans_ended(known: Everything, asked: Asked) -> Counted:
    pairs = [((known.area(one.case.area_id),), (one.began, one.ended)) for one in plans(known, asked)
             if one.ended and known.within(one.ended, asked) and known.of_age(one.child, one.ended, asked)]  # fmt: skip
    return {
        key: {"children": len(rows), "lasted_two_years": sum(two_years_on(begin) <= end for begin, end in rows),
              "median_days": part([days(begin, end) for begin, end in rows], 0.5)}
        for key, rows in grouped(pairs).items()
    }  # fmt: skip


def allegations(known: Everything, asked: Asked) -> Counted:
    pairs = []
    for run in known.runs("allegation-against-staff"):
        case = known.by_id(CaseFile, run.case_id)
        about = [child for child in known.children(case.id) if known.of_age(child, case.opened_at, asked)]
        if known.within(run.opened_at, asked) and asked.area_id in {None, case.area_id} and (about or not asked.ages):
            decided = {row.code: " and ".join(sorted(row.options)) for row in known.of_run(PathwayDecision, run.id)}
            outcome = decided.get("allegation-outcome") or decided.get("strand-conclusions") or "not concluded"
            pairs.append(((known.area(case.area_id), outcome), run))
    found: Counted = {}
    for key, runs in grouped(pairs).items():
        took = [days(run.opened_at, run.closed_at) for run in runs if run.closed_at]
        found[key] = {
            "allegations": len(runs), "closed": len(took), "median_days": part(took, 0.5),
            "within_month": sum(run.closed_at <= month_on(run.opened_at) for run in runs if run.closed_at),
        }  # fmt: skip
    return found


def child_deaths(known: Everything, asked: Asked) -> Counted:
    pairs = []
    for death in known.rows[ChildDeath]:
        child = known.children(death.case_id)[0]
        assert child.date_of_birth == death.date_of_birth
        response = next((run for run in known.runs("child-death-joint-agency-response")
                         if run.case_id == death.case_id), None)  # fmt: skip
        state = "not begun" if death.unexpected else "notified"
        if response is not None:
            state = "reviewed" if response.state is RunState.CLOSED else str(response.stage)
        if (
            known.within(death.reported_at, asked) and asked.area_id in {None, death.home_area_id}
            and known.of_age(child, death.died_at, asked)
        ):  # fmt: skip
            pairs.append(((known.area(death.home_area_id, "outside the partnership"), state), death))
    return {
        key: {"deaths": len(rows), "unexpected": sum(one.unexpected for one in rows)}
        for key, rows in grouped(pairs).items()
    }


SLOWLY: dict[str, Callable[[Everything, Asked], Counted]] = {
    "timeliness": timeliness, "referrals": referrals, "children_on_plans": children_on_plans,
    "plans_started": plans_started, "plans_ended": plans_ended, "allegations": allegations,
    "child_deaths": child_deaths,
}  # fmt: skip
