"""Record indicators on a case, end the states among them, take mistakes back, and say what it all suggests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import repository as children
from backend.cases.children.models import Child
from backend.cases.people import repository as people
from backend.cases.people.models import Party
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.pathways.definitions.faults import choose
from backend.thresholds import repository
from backend.thresholds.models import ThresholdIndicator
from tenants.partnerships import repository as partnerships
from tenants.thresholds import repository as editions
from tenants.thresholds.continuum import PARTNERSHIP, Nature, Subject
from tenants.thresholds.evaluation import Observed, OfChild, Suggestion, suggest
from tenants.thresholds.repository import InForce

MOST_NOTE: Final = 2_000
EARLIEST: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class IndicatorTold:
    """An indicator, of whom, and the day on which it was observed; today without one."""

    indicator: str
    scheme: str = PARTNERSHIP
    child_id: UUID | None = None
    party_id: UUID | None = None
    observed_on: date | None = None
    note: str | None = None


async def today(session: TenantSession) -> date:
    """The day in the partnership's zone."""
    return cases.local_day(await session.now(), (await partnerships.own(session)).zone)


async def going_by(session: TenantSession, scheme: str) -> InForce:
    """The scheme's edition in force today. Raises ``Conflict`` where there is none."""
    found = await editions.in_force(session, scheme, await today(session))
    if found is None:
        message = f"No threshold document is in force for {scheme}. Ask whoever approves them in your partnership."
        raise Conflict(message)
    return found


async def record(
    session: TenantSession, caller: Caller, case_id: UUID, told: IndicatorTold, indicator_id: UUID
) -> ThresholdIndicator:
    """Record an indicator. Raises ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid`` with every fault."""
    await cases.changeable(session, caller, case_id)
    at = await going_by(session, told.scheme)
    await _require_there(session, case_id, told)
    day = await today(session)
    row = ThresholdIndicator(
        tenant_id=session.tenant_id, id=indicator_id, case_id=case_id, scheme=told.scheme, indicator=told.indicator,
        observed_on=told.observed_on or day, child_id=told.child_id, party_id=told.party_id, note=told.note,
        recorded_by=caller.person_id, recorded_at=await session.now(),
    )  # fmt: skip
    if faults := _faults(at, told, row.observed_on, day):
        raise Invalid(faults)
    session.insert(row)
    await cases.record(session, case_id, "threshold.indicator_recorded", caller, indicator=told.indicator,
                       indicator_id=indicator_id)  # fmt: skip
    return row


def _faults(at: InForce, told: IndicatorTold, observed_on: date, day: date) -> list[FieldError]:
    faults = text_faults(note=(told.note, MOST_NOTE))
    known = {one.code: one for one in at.continuum.indicators}
    one = known.get(told.indicator)
    if one is None:
        faults.append(FieldError("indicator", f"is none of this document; {choose(told.indicator, known)}"))
    else:
        wanted = {Subject.CHILD: ("childId", told.child_id), Subject.ADULT: ("partyId", told.party_id)}
        for subject, (field, given) in wanted.items():
            if one.of is subject and given is None:
                faults.append(FieldError(field, f"{one.code} is recorded of one {subject.value}: say of whom"))
            if one.of is not subject and given is not None:
                faults.append(FieldError(field, f"{one.code} is recorded of a {one.of.value}: leave this out"))
    if not EARLIEST <= observed_on <= day:
        faults.append(FieldError("observedOn", "must not be in the future, nor before 1900"))
    return faults


async def _require_there(session: TenantSession, case_id: UUID, told: IndicatorTold) -> None:
    if told.child_id is not None and await children.subject(session, case_id, told.child_id) is None:
        raise NotFound("There is no such child on this case.")
    if told.party_id is not None and (await people.row(session, Party, told.party_id)).case_id != case_id:
        raise NotFound("There is no such party on this case.")


async def end(
    session: TenantSession, caller: Caller, recorded_id: UUID, ended_on: date | None, note: str | None,
    indicator_id: UUID, *, withdrawn: bool,
) -> ThresholdIndicator:  # fmt: skip
    """Say since when a state has ended, or that what was recorded was a mistake, and why.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that was ended or withdrawn before, ``Invalid``.
    """
    older = await repository.indicator(session, recorded_id)
    await cases.changeable(session, caller, older.case_id, otherwise=repository.NO_INDICATOR)
    known = (await repository.indicators(session, [older.case_id], older.scheme)).get(older.case_id, [])
    if older.ends_id is not None or any(row.ends_id == older.id for row in known):
        raise Conflict("This was ended or withdrawn before. Record it anew if it holds again.")
    day = await today(session)
    ended = ended_on or day
    faults = text_faults(note=(note, MOST_NOTE))
    if withdrawn and not note:
        faults.append(FieldError("note", "say why it was a mistake"))
    if not older.observed_on <= ended <= day:
        faults.append(FieldError("endedOn", "must lie between the day of the observation and today"))
    if not withdrawn and not await _is_state(session, older):
        faults.append(FieldError("withdrawn", f"{older.indicator} happened on a day and cannot end; withdraw it"))
    if faults:
        raise Invalid(faults)
    row = ThresholdIndicator(
        tenant_id=session.tenant_id, id=indicator_id, case_id=older.case_id, scheme=older.scheme,
        indicator=older.indicator, observed_on=ended, child_id=older.child_id, party_id=older.party_id, note=note,
        ends_id=older.id, withdrawn=withdrawn, recorded_by=caller.person_id, recorded_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    kind = "threshold.indicator_withdrawn" if withdrawn else "threshold.indicator_ended"
    await cases.record(session, older.case_id, kind, caller, indicator=older.indicator, indicator_id=older.id)
    return row


async def _is_state(session: TenantSession, row: ThresholdIndicator) -> bool:
    """Whether any edition in force, now or to come, knows it as a state; what no edition knows may end."""
    found = [
        one.nature for each in await editions.approved(session, row.scheme) for one in each.continuum.indicators
        if one.code == row.indicator
    ]  # fmt: skip
    return not found or Nature.STATE in found


async def suggestion(session: TenantSession, case_id: UUID, at: InForce) -> Suggestion:
    """What the edition says of a case today; who may know is the caller's to see to."""
    await session.flush()
    rows = (await repository.indicators(session, [case_id], at.scheme)).get(case_id, [])
    born = (await repository.born(session, [case_id])).get(case_id, [])
    return suggest(at.continuum, observed(rows), of_children(born), await today(session))


def observed(rows: Sequence[ThresholdIndicator]) -> list[Observed]:
    """What was recorded and stands: what was withdrawn left out, states with their ends."""
    ends = {row.ends_id: row for row in rows if row.ends_id is not None}
    return [
        Observed(row.id, row.indicator, row.observed_on, ends[row.id].observed_on if row.id in ends else None,
                 row.child_id, row.party_id)
        for row in rows
        if row.ends_id is None and not (row.id in ends and ends[row.id].withdrawn)
    ]  # fmt: skip


def of_children(rows: Iterable[Child]) -> list[OfChild]:
    """Children as criteria see them."""
    return [
        OfChild(row.id, row.date_of_birth, unborn=row.date_of_birth is None and row.expected_on is not None)
        for row in rows
    ]
