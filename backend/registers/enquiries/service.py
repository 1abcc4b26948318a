"""Take an enquiry about a child: check who asks, look, answer, and see that somebody acts on it.

Nothing is looked up or told before the enquirer is checked (Working Together 2005 ¶4.126). The child's name is in
the rows of the enquiry and nowhere else: events, audit and notices have ids.
"""

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import service as children
from backend.cases.children.identity import search_key
from backend.cases.models import CaseFile
from backend.cases.people import repository as people
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.registers.enquiries import repository
from backend.registers.enquiries.finding import Found, earlier, find, shown_ids
from backend.registers.enquiries.models import (
    CheckMethod,
    ChildEnquiry,
    DutyKind,
    DutyOutcome,
    DutyState,
    EnquirerCheck,
    EnquiryAnswer,
    EnquiryDuty,
    EnquirySearch,
    Result,
)
from backend.registers.enquiries.refusals import EnquirerNotChecked
from backend.registers.enquiries.told import (
    About,
    AnswerTold,
    CheckTold,
    EnquiryTold,
    about_faults,
    answer_faults,
    digits_of,
    faults,
    number_fault,
)
from backend.registers.plans import reading
from backend.registers.plans import repository as plans

HELD = (
    "A record that is kept to few may be this child's. Its owner has been told: answer PASSED_ON, and say that"
    " somebody calls back."
)


async def record(session: TenantSession, caller: Caller, told: EnquiryTold, enquiry_id: UUID) -> ChildEnquiry:
    """Note who asks about whom, before anything else. Raises ``Forbidden``, and ``Invalid`` with every fault."""
    caller.require(Permission.TAKE_ENQUIRIES)
    today = (await reading.day_of(session, None)).day
    if found := faults(told, today):
        raise Invalid(found)
    about = told.about
    row = ChildEnquiry(
        tenant_id=session.tenant_id, id=enquiry_id, enquirer_name=told.enquirer_name,
        enquirer_agency=told.enquirer_agency, enquirer_post=told.enquirer_post,
        call_back_number=told.call_back_number, concern=told.concern, child_name=about.name,
        other_names=list(about.other_names), date_of_birth=about.date_of_birth, address=about.address,
        search_name=search_key(*about.terms.names), match_key=about.terms.address_key, taken_by=caller.person_id,
        taken_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    _audit(session, "enquiry.recorded", row.id, caller)
    return row


async def check(session: TenantSession, caller: Caller, enquiry_id: UUID, told: CheckTold) -> EnquirerCheck:
    """Note how the enquirer was checked, or that they could not be. The latest check holds.

    Whoever is called back is called on a number that the partnership's directory has: the one they gave proves
    nothing. Raises ``Forbidden``, ``NotFound``, ``Conflict`` once answered, and ``Invalid`` for another number.
    """
    caller.require(Permission.TAKE_ENQUIRIES)
    await _unanswered(session, caller, enquiry_id)
    found, listed_as = text_faults(note=(told.note, 1_000)), None
    if (told.method is CheckMethod.CALLED_BACK) != (told.number is not None):
        found.append(FieldError("number", "is the number that was called, with CALLED_BACK and only with it"))
    elif told.number is not None:
        if fault := number_fault("number", told.number):
            found.append(fault)
        else:
            listed_as = await repository.listed_number(session, digits_of(told.number))
            if listed_as is None:
                found.append(
                    FieldError(
                        "number", "is not in the directory; call the agency on a number that is, and ask for them"
                    )
                )
    if found:
        raise Invalid(found)
    row = EnquirerCheck(
        tenant_id=session.tenant_id, enquiry_id=enquiry_id, method=told.method, number=told.number,
        listed_as=listed_as, note=told.note, checked_by=caller.person_id, checked_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    _audit(session, "enquiry.enquirer_checked", enquiry_id, caller, method=told.method.value)
    return row


async def search(session: TenantSession, caller: Caller, enquiry_id: UUID, told: About | None) -> Found:
    """Look for the child, as the enquiry describes them or by another spelling; what is shown is kept.

    A record that is kept to its list is not shown: its owner owes a look at it from then on. Raises ``Forbidden``,
    ``NotFound``, ``EnquirerNotChecked``, ``Conflict`` once answered, and ``Invalid``.
    """
    caller.require(Permission.TAKE_ENQUIRIES)
    enquiry = await _unanswered(session, caller, enquiry_id)
    if await repository.check(session, enquiry_id) is None:
        raise EnquirerNotChecked
    await session.plan_for_values()
    about = told or about_of(enquiry)
    if found := about_faults(about, (await reading.day_of(session, None)).day):
        raise Invalid(found)
    result = await find(session, caller, enquiry, about.terms)
    shown = [
        {"child": str(one.child.id), "why": [why.value for why in one.why], "likely": one.likely}
        for one in result.matches
    ]
    shown += [{"child": str(one.child.id), "why": ["at_address"], "likely": False} for one in result.at_address]
    now = await session.now()
    session.append(
        EnquirySearch, enquiry_id=enquiry_id, terms=asdict(about), shown=shown,
        held=[str(case.id) for case in result.withheld], searched_by=caller.person_id, searched_at=now,
    )  # fmt: skip
    for case, _ in result.held:
        await _owe(session, enquiry_id, DutyKind.LOOK_AT_HELD_RECORD, "case-owner", case.owner_id, case)
    _audit(session, "enquiry.searched", enquiry_id, caller, children=[one["child"] for one in shown])
    await cases.log_access(session, caller.person_id, "enquiry", enquiry_id, "search")
    return result


async def answer(session: TenantSession, caller: Caller, enquiry_id: UUID, told: AnswerTold) -> EnquiryAnswer:
    """Note what the enquirer was told, once, and let somebody owe what follows.

    The key worker of the child, or of another child with a plan at the address, is to hear of the enquiry; for a
    child who is not known and was asked about before, the designated manager sees that need is considered
    (¶4.126-4.127). Raises ``Forbidden``, ``NotFound``, ``EnquirerNotChecked``, ``Conflict`` where nothing was looked
    for, where a record is held, or once answered; and ``Invalid`` for an answer that the record contradicts.
    """
    caller.require(Permission.TAKE_ENQUIRIES)
    enquiry = await _unanswered(session, caller, enquiry_id)
    for child_id in (*((told.child_id,) if told.child_id else ()), *told.somebody_else):
        await children.seen(session, caller, child_id)
    checked = await repository.check(session, enquiry_id)
    if told.result is Result.NOTHING_TOLD:
        if checked is not None:
            raise Conflict("The enquirer was checked: answer them, or pass the enquiry on.")
    elif checked is None:
        raise EnquirerNotChecked
    searches: list[EnquirySearch] = (await repository.of_enquiries(session, EnquirySearch, [enquiry_id])).get(
        enquiry_id, []
    )
    if not searches and told.result is not Result.NOTHING_TOLD:
        raise Conflict("Search for the child first.")
    before = [] if told.result is Result.NOTHING_TOLD else await earlier(session, enquiry, about_of(enquiry).terms)
    neighbours = {UUID(str(one["child"])) for row in searches for one in row.shown if one["why"] == ["at_address"]}
    if found := answer_faults(told, earlier=bool(before), at_address=bool(neighbours)):
        raise Invalid(found)
    await _agrees(session, caller, told, searches)
    row = EnquiryAnswer(
        tenant_id=session.tenant_id, enquiry_id=enquiry_id, result=told.result, child_id=told.child_id,
        check_id=checked.id if checked is not None else None, disclosed=[one.value for one in told.disclosed],
        advice=told.advice, answered_by=caller.person_id, answered_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    _audit(session, "enquiry.answered", enquiry_id, caller, result=told.result.value,
           disclosed=[one.value for one in told.disclosed], somebody_else=[str(one) for one in told.somebody_else],
           child=str(told.child_id) if told.child_id is not None else None)  # fmt: skip
    await _tell_key_workers(session, caller, enquiry_id, [*([told.child_id] if told.child_id else []), *neighbours])
    if before and told.result is Result.NOT_KNOWN:
        await _owe(session, enquiry_id, DutyKind.CONSIDER_NEED, "designated-manager", None, None)
    return row


async def _agrees(session: TenantSession, caller: Caller, told: AnswerTold, searches: list[EnquirySearch]) -> None:
    """Raise where the answer is not what the searches have shown."""
    shown = shown_ids(row.shown for row in searches)
    if told.child_id is not None:
        if told.child_id not in shown:
            raise Invalid([FieldError("childId", "must be a child that a search for this enquiry has shown")])
        has_plan = told.child_id in await _plans_in_sight(session, caller, [told.child_id])
        if has_plan != (told.result is Result.ON_A_PLAN):
            right = "ON_A_PLAN: the child has a plan today" if has_plan else "KNOWN: the child has no plan today"
            raise Invalid([FieldError("result", f"must be {right}")])
    if told.result is Result.NOT_KNOWN:
        if any(row.held for row in searches):
            raise Conflict(HELD)
        likely = shown_ids([one for one in row.shown if one["likely"]] for row in searches)
        if likely - set(told.somebody_else):
            raise Invalid([
                FieldError("somebodyElse", "must name each likely child that was shown, if it is none of them")
            ])  # fmt: skip


async def _plans_in_sight(session: TenantSession, caller: Caller, child_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The cases of the plans that children have today, of cases that are there for the caller."""
    when = await reading.day_of(session, None)
    found = await plans.with_plan(session, when.zone, when.day, when.midnight)
    own = await repository.cases_of(session, caller, child_ids)
    return {
        child_id: found[child_id].case_id for child_id, there in own.items()
        if child_id in found and found[child_id].case_id in {case.id for case in there}
    }  # fmt: skip


async def _tell_key_workers(
    session: TenantSession, caller: Caller, enquiry_id: UUID, child_ids: list[UUID]
) -> None:  # fmt: skip
    """Somebody is to tell the key worker of each child, or to have heard of it being one themselves."""
    own = await repository.cases_of(session, caller, child_ids)
    by_plan = await _plans_in_sight(session, caller, child_ids)
    for child_id in dict.fromkeys(child_ids):
        there = own.get(child_id, [])
        case = next((one for one in there if one.id == by_plan.get(child_id)), None)
        case = case or next((one for one in there if one.state == "open"), None)
        if case is None:
            continue
        working = (await people.practitioners(session, [case.id])).get(case.id, [])
        worker = next(
            (row.person_id for row in working
             if row.role in plans.KEY_WORKER and row.to_at is None and row.person_id is not None), case.owner_id,
        )  # fmt: skip
        await _owe(session, enquiry_id, DutyKind.TELL_KEY_WORKER, "key-worker", worker, case)
        await cases.record(session, case.id, "enquiry.answered", caller, enquiry=enquiry_id)


async def _owe(
    session: TenantSession, enquiry_id: UUID, kind: DutyKind, role: str, owner_id: UUID | None, case: CaseFile | None
) -> None:  # fmt: skip
    case_id = case.id if case is not None else None
    if await repository.open_duty(session, enquiry_id, kind, case_id):
        return
    session.insert(EnquiryDuty(
        tenant_id=session.tenant_id, id=uuid7(), enquiry_id=enquiry_id, kind=kind, role=role, owner_id=owner_id,
        case_id=case_id, began_at=await session.now(),
    ))  # fmt: skip


async def decide(
    session: TenantSession, caller: Caller, duty_id: UUID, outcome: DutyOutcome, reasons: str
) -> EnquiryDuty:
    """Say what was decided about a duty, and why. Whoever it falls to decides, or who oversees enquiries.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` once decided, and ``Invalid`` for the reasons.
    """
    duty = await repository.duty(session, caller, duty_id)
    if duty.owner_id != caller.person_id:
        caller.require(Permission.OVERSEE_ENQUIRIES)
    if found := text_faults(reasons=(reasons, 10_000)):
        raise Invalid(found)
    if duty.state is not DutyState.OPEN:
        raise Conflict("This is decided already.")
    duty.state, duty.outcome, duty.reasons = DutyState.DECIDED, outcome, reasons
    duty.decided_by, duty.decided_at = caller.person_id, await session.now()
    _audit(session, "enquiry.duty_decided", duty.enquiry_id, caller, duty=str(duty.id), outcome=outcome.value)
    return duty


async def _unanswered(session: TenantSession, caller: Caller, enquiry_id: UUID) -> ChildEnquiry:
    found = await repository.enquiry(session, caller, enquiry_id, lock=True)
    if await repository.answer(session, enquiry_id) is not None:
        raise Conflict("This enquiry has been answered. Record another one.")
    return found


def about_of(enquiry: ChildEnquiry) -> About:
    """Whom an enquiry is about, as it was told."""
    return About(enquiry.child_name, tuple(enquiry.other_names), enquiry.date_of_birth, enquiry.address)


def _audit(session: TenantSession, action: str, enquiry_id: UUID, caller: Caller, **detail: object) -> None:
    session.audit_entries.append(Entry(action, "enquiry", enquiry_id, caller.person_id, dict(detail)))
