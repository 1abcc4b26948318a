"""Keep the register right: stays in other areas than the plan's, and the days of one child of several."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import repository as children
from backend.identity.policies import Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.registers.plans import repository
from backend.registers.plans.models import Holder, PlanEntryCorrection, PlanStay
from backend.registers.plans.reading import day_of
from backend.registers.plans.spells import PLAN
from tenants.partnerships import repository as partnerships

MOST_CATEGORIES = 10


@dataclass(frozen=True, slots=True)
class StayTold:
    """What is told of a stay: whose plan, which other authority, from when, until when, and who told it."""

    holder: Holder
    authority: str
    area_id: UUID
    temporary: bool
    from_on: date
    told_by: str
    until_on: date | None = None
    plan_from_on: date | None = None
    categories: tuple[str, ...] = ()
    key_worker: str | None = None
    key_worker_telephone: str | None = None


async def record_stay(
    session: TenantSession, caller: Caller, case_id: UUID, child_id: UUID, told: StayTold, stay_id: UUID
) -> PlanStay:
    """Enter a child who stays where another authority than the plan's answers (Working Together 2005 ¶4.125).

    Nothing about the plan changes: who holds it goes on holding it. Raises ``Forbidden``, ``NotFound`` for a case,
    a child of it or an area that is not there, ``Conflict`` for a closed case, ``Invalid`` with every fault.
    """
    caller.require(Permission.KEEP_PLAN_REGISTER)
    await cases.changeable(session, caller, case_id)
    if await children.subject(session, case_id, child_id) is None:
        raise NotFound(children.NO_CHILD)
    if told.area_id not in await partnerships.areas_by_id(session, [told.area_id]):
        raise NotFound("There is no such area in this partnership.")
    today = (await day_of(session, None)).day
    if faults := _faults(told, today):
        raise Invalid(faults)
    for other in (await repository.stays(session, [child_id])).get(child_id, []):
        if other.holder is told.holder and (other.until_on is None or other.until_on > told.from_on):
            raise Conflict("A stay of this child is entered for that day already. End it first.")
    row = PlanStay(
        tenant_id=session.tenant_id, id=stay_id, case_id=case_id, child_id=child_id, area_id=told.area_id,
        holder=told.holder, authority=told.authority, temporary=told.temporary, from_on=told.from_on,
        until_on=told.until_on, plan_from_on=told.plan_from_on, categories=list(told.categories),
        key_worker=told.key_worker, key_worker_telephone=told.key_worker_telephone, told_by=told.told_by,
        recorded_by=caller.person_id, recorded_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, case_id, "plan_stay.recorded", caller, child_id=child_id, holder=told.holder.value)
    return row


def _faults(told: StayTold, today: date) -> list[FieldError]:
    faults = text_faults(
        authority=(told.authority, 200), toldBy=(told.told_by, 200), keyWorker=(told.key_worker, 200),
        keyWorkerTelephone=(told.key_worker_telephone, 40),
    )  # fmt: skip
    for place, category in enumerate(told.categories):
        faults += text_faults(**{f"categories.{place}": (category, 80)})
    if len(told.categories) > MOST_CATEGORIES:
        faults.append(FieldError("categories", f"must be at most {MOST_CATEGORIES}"))
    if told.from_on > today:
        faults.append(FieldError("fromOn", "must not lie in the future; enter the stay when it has begun"))
    if told.until_on is not None and told.until_on < told.from_on:
        faults.append(FieldError("untilOn", "must not lie before fromOn"))
    if told.holder is Holder.OURS and (told.plan_from_on or told.categories or told.key_worker):
        faults.append(FieldError("holder", "is OURS: the plan's own day, categories and key worker are in its run"))
    if told.plan_from_on is not None and told.plan_from_on > today:
        faults.append(FieldError("planFromOn", "must not lie in the future"))
    return faults


async def end_stay(session: TenantSession, caller: Caller, stay_id: UUID, until_on: date) -> PlanStay:
    """Say on which day a child was there no more. Raises as ``record_stay`` does; ``Conflict`` once it has ended."""
    caller.require(Permission.KEEP_PLAN_REGISTER)
    found = await repository.stay(session, stay_id)
    await cases.changeable(session, caller, found.case_id, otherwise=repository.NO_STAY)
    found = await repository.stay(session, stay_id, lock=True)
    if found.ended_at is not None:
        raise Conflict("The end of this stay is entered already.")
    if until_on < found.from_on or until_on > (await day_of(session, None)).day:
        raise Invalid([FieldError("untilOn", "must lie between the stay's first day and today")])
    found.until_on, found.ended_by, found.ended_at = until_on, caller.person_id, await session.now()
    await cases.record(session, found.case_id, "plan_stay.ended", caller, child_id=found.child_id)
    return found


@dataclass(frozen=True, slots=True)
class CorrectionTold:
    """The days of one child's plan where they are not the run's own; ``without_plan`` where the child has none."""

    reason: str
    without_plan: bool = False
    from_on: date | None = None
    until_on: date | None = None


async def correct_entry(
    session: TenantSession, caller: Caller, subject_id: UUID, told: CorrectionTold, correction_id: UUID | None = None
) -> PlanEntryCorrection:
    """Correct what the register says of one child of a case; an earlier correction no longer counts.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` where no plan has run on the case, or it is closed, and
    ``Invalid`` with every fault.
    """
    caller.require(Permission.KEEP_PLAN_REGISTER)
    subject = await repository.subject(session, subject_id)
    await cases.changeable(session, caller, subject.case_id, otherwise=repository.NO_ENTRY)
    run = await repository.plan_run(session, subject.case_id, PLAN)
    if run is None:
        raise Conflict("No child protection plan has run on this child's case.")
    today = (await day_of(session, None)).day
    faults = text_faults(reason=(told.reason, 1_000))
    faults += [
        FieldError(name, "must not lie in the future")
        for name, day in (("fromOn", told.from_on), ("untilOn", told.until_on)) if day is not None and day > today
    ]  # fmt: skip
    if told.from_on is not None and told.until_on is not None and told.until_on < told.from_on:
        faults.append(FieldError("untilOn", "must not lie before fromOn"))
    if told.without_plan == bool(told.from_on or told.until_on):
        faults.append(FieldError("withoutPlan", "is true with no days, or false with at least one"))
    if faults:
        raise Invalid(faults)
    row = PlanEntryCorrection(
        tenant_id=session.tenant_id, id=correction_id or uuid7(), run_id=run.id, child_id=subject.child_id,
        without_plan=told.without_plan, from_on=told.from_on, until_on=told.until_on, reason=told.reason,
        recorded_by=caller.person_id, recorded_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, subject.case_id, "plan_entry.corrected", caller, child_id=subject.child_id)
    return row
