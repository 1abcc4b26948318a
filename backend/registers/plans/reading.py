"""Read the register: who had a plan on a day, narrowed as asked, with what an entry says of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select

from backend.cases.children import repository as children
from backend.cases.children.identity import age_at
from backend.cases.people import repository as people
from backend.cases.people.models import CasePractitioner
from backend.cases.service import local_day
from backend.identity.policies import Caller
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.registers.plans import repository
from backend.registers.plans.entries import Asked, Earlier, Place, PlanEntry
from backend.registers.plans.models import Holder
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships

_ADULT: Final = 18


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the partnership, as the register is read at its end; ``at`` is then, or now where that is sooner."""

    day: date
    zone: str
    midnight: datetime
    at: datetime
    two_years: datetime


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; for 29 February in another year, 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def ending(day: date, zone: str) -> datetime:
    """The midnight with which a day ends."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))


async def day_of(session: TenantSession, on: date | None) -> Day:
    """The day that is asked about, by default today. Raises ``Invalid`` for one that is yet to come."""
    zone = (await partnerships.own(session)).zone
    now = await session.now()
    today = local_day(now, zone)
    day = on or today
    if day > today:
        raise Invalid([FieldError("on", "must not lie in the future")])
    if day.year < 1990:  # before any plan there is, and where years before a day end
        raise Invalid([FieldError("on", "lies before there were plans; check the year")])
    midnight = ending(day, zone)
    return Day(day, zone, midnight, min(midnight, now), ending(years_before(day, 2), zone))


def listed(caller: Caller, asked: Asked, when: Day) -> Select[Any]:
    """The query of what is asked. Raises ``Invalid`` for ages that cannot be, and for a category that is no text."""
    faults: list[FieldError] = []
    for name, years in (("youngest", asked.youngest), ("oldest", asked.oldest)):
        if years is not None and not 0 <= years < _ADULT:
            faults.append(FieldError(name, "must be an age in years, from 0 to 17"))
    if asked.category is not None and (fault := text_fault("category", asked.category, 80)):
        faults.append(fault)
    if faults:
        raise Invalid(faults)
    return repository.listed(
        caller, asked, zone=when.zone, midnight=when.midnight, at=when.at, two_years=when.two_years,
        born_by=years_before(when.day, asked.youngest) if asked.youngest is not None else None,
        born_after=years_before(when.day, asked.oldest + 1) if asked.oldest is not None else None,
    )  # fmt: skip


async def entries(session: TenantSession, caller: Caller, when: Day, places: Sequence[Place]) -> list[PlanEntry]:
    """What the register says of each place, in the same order."""
    child_ids, case_ids, now = [one.child_id for one in places], [one.case_id for one in places], await session.now()
    known = await children.children(session, child_ids)
    references = await repository.references(session, case_ids)
    areas = await partnerships.areas_by_id(session, [one.area_id for one in places if one.area_id is not None])
    working = await _working(session, case_ids, when)
    groups = await repository.core_groups(session, case_ids, when.midnight)
    reviews = await repository.reviews(session, case_ids, when.at)
    stays = await repository.stays(session, child_ids)
    ended = await repository.earlier(session, caller, when.zone, child_ids)
    made: list[PlanEntry] = []
    for place in places:
        child, due = known[place.child_id], reviews.get(place.case_id, [])
        area = areas[place.area_id].name if place.area_id is not None and place.area_id in areas else None
        stay = next((one for one in stays.get(place.child_id, []) if one.id == place.stay_id), None)
        review = due[0] if due and stay is None else None
        made.append(PlanEntry(
            place=place, child=child, case_reference=references[place.case_id], area=area,
            started_on=local_day(place.started_at, when.zone) if stay is None else stay.plan_from_on or stay.from_on,
            ended_on=local_day(place.ended_at, when.zone) if place.ended_at and place.ended_at <= now else None,
            authority=area if stay is None else stay.authority,
            key_workers=_named(working, place, repository.KEY_WORKER) or _told(stay.key_worker if stay else None),
            core_group=_named(working, place, repository.CORE_GROUP) or _told(groups.get(place.case_id)),
            earlier=tuple(
                Earlier(local_day(row.started_at, when.zone), local_day(row.ended_at, when.zone))
                for row in ended if row.child_id == place.child_id and row.ended_at <= place.started_at
            ),
            review_due_on=(review.last_day or local_day(review.due_at, when.zone)) if review is not None else None,
            review_overdue=review is not None and review.due_at < when.at,
            over_two_years=place.started_at < when.two_years,
            age=age_at(child.date_of_birth, when.day) if child.date_of_birth is not None else None,
            stay=stay,
            away=tuple(
                one for one in stays.get(place.child_id, [])
                if one.holder is Holder.OURS and one.from_on <= when.day
                and (one.until_on is None or one.until_on > when.day)
            ),
        ))  # fmt: skip
    return made


async def _working(
    session: TenantSession, case_ids: Iterable[UUID], when: Day
) -> Mapping[UUID, list[tuple[CasePractitioner, str]]]:
    """Who worked on each case at the end of the day, with their names."""
    rows = {
        case_id: [row for row in found if row.from_at < when.midnight
                  and (row.to_at is None or row.to_at >= when.at)]
        for case_id, found in (await people.practitioners(session, case_ids)).items()
    }  # fmt: skip
    ids = [row.person_id for found in rows.values() for row in found if row.person_id is not None]
    names = await contacts.people(session, ids)
    return {
        case_id: [(row, names[row.person_id].name if row.person_id is not None else row.outside_name or "")
                  for row in found]
        for case_id, found in rows.items()
    }  # fmt: skip


def _named(
    working: Mapping[UUID, list[tuple[CasePractitioner, str]]], place: Place, roles: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(name for row, name in working.get(place.case_id, []) if row.role in roles)


def _told(value: Any) -> tuple[str, ...]:
    """Names as they were written in a form: a text, or a list of texts."""
    if not value:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)
