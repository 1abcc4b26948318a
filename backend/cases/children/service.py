"""Make a child the subject of a case; record the birth; correct what was thought to be known."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import checks, repository
from backend.cases.children.changes import CHILD_DATES_CHANGED
from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.children.identity import address_key, same_name, search_key
from backend.cases.children.models import CaseSubject, ChangeKind, Child, ChildAddress, ChildChange
from backend.cases.children.repository import NO_CHILD
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from backend.kit.texts import text_faults
from tenants.partnerships import repository as partnerships

_DETAILS: Final = (
    "name", "other_names", "date_of_birth", "nhs_number", "sex", "ethnicity", "first_language", "interpreter_needed",
    "communication_needs", "died_on",
)  # fmt: skip


async def today(session: TenantSession) -> date:
    """The day it is in the partnership, by the database clock."""
    zone = (await partnerships.own(session)).zone
    return cases.local_day(await session.now(), zone)


async def add_new_subject(
    session: TenantSession, caller: Caller, case_id: UUID, told: ChildTold, subject_id: UUID
) -> CaseSubject:
    """Record a child and make them a subject of the case.

    A likely duplicate is found when the child is looked at (``duplicates``) and blocks nothing. Raises
    ``NotFound``, ``Forbidden``, ``Conflict``, and ``Invalid`` with every fault.
    """
    await cases.changeable(session, caller, case_id)
    if faults := checks.faults(told, await today(session)):
        raise Invalid(faults)
    child = await enter(session, told, recorded_by=caller.person_id)
    return await _subject(session, caller, case_id, child, subject_id)


async def add_known_subject(
    session: TenantSession, caller: Caller, case_id: UUID, child_id: UUID, subject_id: UUID
) -> CaseSubject:
    """Make a child who is recorded already, and whom the caller may see, a subject of one more case.

    Raises as ``add_new_subject`` does, and ``Conflict`` for a child who is a subject of it already.
    """
    await cases.changeable(session, caller, case_id)
    child = await seen(session, caller, child_id)
    if await repository.subject(session, case_id, child_id) is not None:
        raise Conflict("This child is a subject of this case already.")
    return await _subject(session, caller, case_id, child, subject_id)


async def _subject(
    session: TenantSession, caller: Caller, case_id: UUID, child: Child, subject_id: UUID
) -> CaseSubject:
    row = CaseSubject(
        tenant_id=session.tenant_id, id=subject_id, case_id=case_id, child_id=child.id, added_by=caller.person_id,
        added_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    if child.expected_on is not None:
        await owe(session, CHILD_DATES_CHANGED, child.id)  # what runs on the case counts back from it
    await cases.record(session, case_id, "subject.added", caller, child_id=child.id)
    return row


async def enter(session: TenantSession, told: ChildTold, *, recorded_by: UUID | None) -> Child:
    """Write a child's record and addresses, which are known to be without fault; None: nobody here recorded it."""
    now = await session.now()
    facts = asdict(replace(told, addresses=()))
    del facts["addresses"]
    child = Child(
        **{**facts, "other_names": list(told.other_names)}, tenant_id=session.tenant_id, id=uuid7(),
        search_name=search_key(told.name or "", *told.other_names), recorded_by=recorded_by, recorded_at=now,
    )  # fmt: skip
    session.insert(child)
    for address in told.addresses:
        await _enter_address(session, child.id, address, recorded_by)
    return child


async def enter_subject(session: TenantSession, case_id: UUID, told: ChildTold, *, recorded_by: UUID | None) -> Child:
    """A child and their place in a case, for a domain that has checked what was told and keeps its own trace."""
    child = await enter(session, told, recorded_by=recorded_by)
    session.append(CaseSubject, case_id=case_id, child_id=child.id, added_by=recorded_by, added_at=await session.now())
    return child


async def _enter_address(session: TenantSession, child_id: UUID, told: AddressTold, recorded_by: UUID | None) -> UUID:
    return session.append(
        ChildAddress, child_id=child_id, address=told.address, match_key=address_key(told.address),
        from_on=told.from_on, to_on=told.to_on, hidden=told.hidden, recorded_by=recorded_by,
        recorded_at=await session.now(),
    )  # fmt: skip


async def seen(session: TenantSession, caller: Caller, child_id: UUID) -> Child:
    """The child, for a caller who may see a case about them. Raises ``NotFound``."""
    await session.flush()
    found = (await repository.seen(session, caller, [child_id])).get(child_id)
    if found is None:
        raise NotFound(NO_CHILD)
    return found


async def changeable(session: TenantSession, caller: Caller, child_id: UUID) -> tuple[Child, UUID]:
    """The child, locked, and a case of theirs that the caller may add to.

    Raises ``NotFound`` for a child who is not there for the caller, ``Forbidden`` and ``Conflict`` when
    none of the cases in sight may be changed.
    """
    caller.require(Permission.EDIT_CASES)
    await seen(session, caller, child_id)
    refused: Forbidden | Conflict | None = None
    for case_id in await repository.case_ids(session, child_id):
        try:
            await cases.changeable(session, caller, case_id)
        except NotFound:
            continue
        except (Forbidden, Conflict) as problem:
            refused = problem
            continue
        return await repository.child(session, child_id, lock=True), case_id
    raise refused or NotFound(NO_CHILD)


async def record_birth(
    session: TenantSession, caller: Caller, child_id: UUID, born: date, told: ChildTold
) -> Child:  # fmt: skip
    """The unborn child is born: the same child, the same subject of the same cases.

    Of ``told`` name, NHS number and sex are taken. Raises as ``changeable`` does, ``Conflict`` for a
    child who is born already, ``Invalid`` with every fault.
    """
    child, case_id = await changeable(session, caller, child_id)
    if child.date_of_birth is not None:
        raise Conflict("This child's birth is recorded already.")
    faults = checks.birth_faults(born, await today(session), expected_on=child.expected_on) + checks.details(told)
    if faults:
        raise Invalid(faults)
    known = {name: value for name in ("name", "nhs_number", "sex") if (value := getattr(told, name)) is not None}
    await _change(session, caller, child, ChangeKind.BIRTH_RECORDED, {"date_of_birth": born, **known}, None)
    await owe(session, CHILD_DATES_CHANGED, child.id)
    await cases.record(session, case_id, "child.born", caller, child_id=child.id)
    return child


async def correct_expected_date(
    session: TenantSession, caller: Caller, child_id: UUID, expected_on: date, reason: str
) -> Child:
    """Another expected date, for what counts back from it. Raises as ``record_birth`` does."""
    child, case_id = await changeable(session, caller, child_id)
    if child.date_of_birth is not None:
        raise Conflict("This child is born; what counts back from an expected date has ended.")
    if child.expected_on is None:
        raise Conflict("This child was never recorded as unborn.")
    faults = checks.expected_faults(expected_on, await today(session)) + text_faults(reason=(reason, 1_000))
    if expected_on == child.expected_on:
        faults.append(FieldError("expectedOn", "is the date that is recorded already"))
    if faults:
        raise Invalid(faults)
    await _change(session, caller, child, ChangeKind.EXPECTED_DATE_CORRECTED, {"expected_on": expected_on}, reason)
    await owe(session, CHILD_DATES_CHANGED, child.id)
    await cases.record(session, case_id, "child.expected_date_corrected", caller, child_id=child.id)
    return child


async def correct_details(
    session: TenantSession, caller: Caller, child_id: UUID, told: ChildTold, reason: str
) -> Child:
    """Correct names, number, sex, ethnicity, language, needs or the days of birth and death; what is None stays.

    What counts on from a birth is counted anew. The birth of an unborn child is recorded, not corrected. Raises as
    ``changeable`` does, and ``Invalid`` with every fault.
    """
    child, case_id = await changeable(session, caller, child_id)
    day = await today(session)
    faults = checks.details(told) + text_faults(reason=(reason, 1_000))
    faults += checks.death_faults(told.died_on, told.date_of_birth or child.date_of_birth, day)
    if told.date_of_birth is not None:
        faults += _corrected_birth_faults(child, told, told.date_of_birth, day)
    given = {name: getattr(told, name) for name in _DETAILS}
    new = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items() if value}
    if told.interpreter_needed is not None:
        new["interpreter_needed"] = told.interpreter_needed
    if not new:
        faults.append(FieldError("name", "give at least one thing to correct"))
    if faults:
        raise Invalid(faults)
    await _change(session, caller, child, ChangeKind.DETAILS_CORRECTED, new, reason)
    if told.date_of_birth is not None:
        await owe(session, CHILD_DATES_CHANGED, child.id)
    await cases.record(session, case_id, "child.details_corrected", caller, child_id=child.id, fields=sorted(new))
    return child


def _corrected_birth_faults(child: Child, told: ChildTold, born: date, day: date) -> list[FieldError]:
    if child.date_of_birth is None and child.expected_on is not None:
        return [FieldError("dateOfBirth", "is of a child recorded as unborn; record the birth instead")]
    found = checks.birth_faults(born, day, expected_on=child.expected_on)
    if told.died_on is None and child.died_on is not None and born > child.died_on:
        found.append(FieldError("dateOfBirth", "must not be after the day of death; correct diedOn with it"))
    return found


async def _change(
    session: TenantSession, caller: Caller, child: Child, kind: ChangeKind, new: dict[str, Any], reason: str | None
) -> None:
    before = {name: getattr(child, name) for name in new}
    for name, value in new.items():
        setattr(child, name, value)
    child.search_name = search_key(child.name or "", *child.other_names)
    child.version += 1
    session.append(
        ChildChange, child_id=child.id, kind=kind, before=before, after=new, reason=reason,
        recorded_by=caller.person_id, recorded_at=await session.now(),
    )  # fmt: skip
    session.audit_entries.append(
        Entry(f"child.{kind.value}", "child", child.id, caller.person_id, {"fields": sorted(new)})
    )


async def add_address(session: TenantSession, caller: Caller, child_id: UUID, told: AddressTold) -> Child:
    """A further address of the child; earlier ones stay as they are. Raises as ``correct_details`` does."""
    child, case_id = await changeable(session, caller, child_id)
    if faults := checks.address_faults("", told, await today(session)):
        raise Invalid(faults)
    await _enter_address(session, child.id, told, caller.person_id)
    await cases.record(session, case_id, "child.address_added", caller, child_id=child.id, hidden=told.hidden)
    return child


async def duplicates(session: TenantSession, caller: Caller, child: Child) -> list[Child]:
    """Children in the caller's sight who may be the same: by NHS number, by name and date of birth, by address.

    An address that is hidden matches nothing, and a case that is not there for the caller gives nobody away.
    """
    return [
        other
        for other, same_address in await repository.alike(session, caller, child)
        if (child.nhs_number is not None and other.nhs_number == child.nhs_number)
        or same_name(child.name or "", other.name or "")
        or (same_address and other.date_of_birth == child.date_of_birth)
    ]
