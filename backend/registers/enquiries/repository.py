"""Every query on enquiries, on the children they may be about, and on numbers to call back."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select
from sqlmodel import col

from backend.cases.access.repository import in_sight, seen, visible
from backend.cases.children.models import CaseSubject, Child, ChildAddress
from backend.cases.children.repository import in_sight_of
from backend.cases.models import CaseFile, CaseState
from backend.cases.policies import may_see
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.registers.enquiries.likeness import ALIKE, Terms, dates_like
from backend.registers.enquiries.models import (
    CheckMethod,
    ChildEnquiry,
    DutyState,
    EnquirerCheck,
    EnquiryAnswer,
    EnquiryDuty,
    EnquirySearch,
    Result,
)
from tenants.contacts.models import Channel, DirectoryEntry
from tenants.contacts.service_models import DirectoryPoint, DirectoryService, PointKind

NO_ENQUIRY: Final = "There is no such enquiry in this partnership."
NO_DUTY: Final = "There is no such duty in this partnership."
_MOST: Final = 200
_LEAST_ALIKE: Final = 0.25
"""Under which likeness a name says nothing even beside a date of birth."""


async def enquiry(session: TenantSession, caller: Caller, enquiry_id: UUID, *, lock: bool = False) -> ChildEnquiry:
    """An enquiry that is there for the caller. With ``lock`` one at a time goes on. Raises ``NotFound``."""
    await session.flush()
    if lock:
        key = f"enquiry {session.tenant_id} {enquiry_id}"
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    found: ChildEnquiry | None = await session.scalar(log(caller).where(col(ChildEnquiry.id) == enquiry_id))
    if found is None:
        raise NotFound(NO_ENQUIRY)
    return found


async def enquiries(session: TenantSession, ids: Iterable[UUID]) -> list[ChildEnquiry]:
    """Enquiries by id, whoever asks: what a duty that is there for the caller came of."""
    found = await session.scalars(
        select(ChildEnquiry).where(col(ChildEnquiry.tenant_id) == session.tenant_id, col(ChildEnquiry.id).in_(set(ids)))
    )
    return list(found)


async def check(session: TenantSession, enquiry_id: UUID) -> EnquirerCheck | None:
    """The check that holds, if the enquirer passed it."""
    await session.flush()
    found: EnquirerCheck | None = await session.scalar(
        select(EnquirerCheck)
        .where(col(EnquirerCheck.tenant_id) == session.tenant_id, col(EnquirerCheck.enquiry_id) == enquiry_id)
        .order_by(col(EnquirerCheck.checked_at).desc(), col(EnquirerCheck.id).desc())
        .limit(1)
    )
    return found if found is not None and found.method is not CheckMethod.FAILED else None


async def of_enquiries(session: TenantSession, table: type[Any], ids: Iterable[UUID]) -> dict[UUID, list[Any]]:
    """Checks, searches, answers or duties of several enquiries, first to last."""
    await session.flush()
    return await by_parent(session, table, "enquiry_id", ids)


async def answer(session: TenantSession, enquiry_id: UUID) -> EnquiryAnswer | None:
    found: EnquiryAnswer | None = await session.scalar(
        select(EnquiryAnswer).where(
            col(EnquiryAnswer.tenant_id) == session.tenant_id, col(EnquiryAnswer.enquiry_id) == enquiry_id
        )
    )
    return found


async def last_search(session: TenantSession, enquiry_id: UUID) -> EnquirySearch | None:
    await session.flush()
    found: EnquirySearch | None = await session.scalar(
        select(EnquirySearch)
        .where(col(EnquirySearch.tenant_id) == session.tenant_id, col(EnquirySearch.enquiry_id) == enquiry_id)
        .order_by(col(EnquirySearch.searched_at).desc(), col(EnquirySearch.id).desc())
        .limit(1)
    )
    return found


def _alike(terms: Terms, column: Any) -> ColumnElement[float]:
    """How like the names are: the best of the names that are asked about in any part of those on record."""
    likenesses = [func.word_similarity(name, column) for name in terms.spoken]
    return func.greatest(*likenesses, 0.0) if likenesses else literal(0.0)


def _worth_a_look(terms: Terms, name: Any, born: Any, lives_there: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """What the database leaves to ``likeness``: few enough rows, and all that could count."""
    like = _alike(terms, name)
    conditions: list[ColumnElement[bool]] = [like >= ALIKE]
    if terms.date_of_birth is not None:
        days = timedelta(days=31)
        near = or_(born.in_(dates_like(terms.date_of_birth)),
                   born.between(terms.date_of_birth - days, terms.date_of_birth + days))  # fmt: skip
        conditions.append(and_(near, like >= _LEAST_ALIKE))
        if lives_there is not None:
            conditions.append(and_(near, lives_there))
    return or_(*conditions)


async def alike(session: TenantSession, caller: Caller, terms: Terms) -> Sequence[Any]:
    """Children who may be the one asked about: the row, its likeness of name, and whether it is there for the caller.

    Reads every child of the partnership, each a short row: security by row lets no index of trigrams be used. An
    address that is hidden matches nothing.
    """
    lives_there = None
    if terms.address_key:
        lives_there = (
            select(1)
            .where(col(ChildAddress.tenant_id) == col(Child.tenant_id), col(ChildAddress.child_id) == col(Child.id),
                   col(ChildAddress.match_key) == terms.address_key, col(ChildAddress.hidden).is_(False))
            .correlate(Child)
            .exists()
        )  # fmt: skip
    like = _alike(terms, col(Child.search_name))
    found = await session.execute(
        select(Child, like.label("alike"), in_sight_of(caller).label("seen"))
        .where(
            col(Child.tenant_id) == session.tenant_id,
            _worth_a_look(terms, col(Child.search_name), col(Child.date_of_birth), lives_there),
        )
        .order_by(like.desc(), col(Child.id))
        .limit(_MOST)
    )
    return found.all()


async def earlier_alike(session: TenantSession, enquiry: ChildEnquiry, terms: Terms) -> Sequence[Any]:
    """Enquiries before this one that may be about the same child and were answered that it is not known."""
    same_address = col(ChildEnquiry.match_key) == terms.address_key if terms.address_key else None
    found = await session.execute(
        select(ChildEnquiry, _alike(terms, col(ChildEnquiry.search_name)).label("alike"))
        .join(EnquiryAnswer, and_(col(EnquiryAnswer.tenant_id) == col(ChildEnquiry.tenant_id),
                                  col(EnquiryAnswer.enquiry_id) == col(ChildEnquiry.id)))
        .where(
            col(ChildEnquiry.tenant_id) == session.tenant_id, col(ChildEnquiry.id) != enquiry.id,
            col(ChildEnquiry.taken_at) <= enquiry.taken_at,
            col(EnquiryAnswer.result).in_([Result.NOT_KNOWN, Result.PASSED_ON]),
            _worth_a_look(terms, col(ChildEnquiry.search_name), col(ChildEnquiry.date_of_birth), same_address),
        )
        .order_by(col(ChildEnquiry.taken_at).desc(), col(ChildEnquiry.id))
        .limit(_MOST)
    )  # fmt: skip
    return found.all()


async def cases_of(session: TenantSession, caller: Caller, child_ids: Iterable[UUID]) -> dict[UUID, list[CaseFile]]:
    """Cases of children that are there for the caller, the newest first."""
    found = await session.execute(
        select(col(CaseSubject.child_id), CaseFile)
        .join(CaseFile, and_(col(CaseFile.tenant_id) == col(CaseSubject.tenant_id),
                             col(CaseFile.id) == col(CaseSubject.case_id)))
        .where(col(CaseSubject.tenant_id) == session.tenant_id, col(CaseSubject.child_id).in_(set(child_ids)),
               visible(caller))
        .order_by(col(CaseFile.opened_at).desc())
    )  # fmt: skip
    by_child: dict[UUID, list[CaseFile]] = {}
    for row in found:
        by_child.setdefault(row[0], []).append(row[1])
    return by_child


async def held_cases(session: TenantSession, caller: Caller, child_ids: Iterable[UUID]) -> list[tuple[CaseFile, bool]]:
    """Open cases of children that are not there for the caller, and whether each is kept from the caller by name."""
    subjects = await session.scalars(
        select(col(CaseSubject.case_id)).where(
            col(CaseSubject.tenant_id) == session.tenant_id, col(CaseSubject.child_id).in_(set(child_ids))
        )
    )
    found = await seen(session, caller, list(subjects))
    return [
        (one.case, one.ties.barred)
        for one in sorted(found.values(), key=lambda one: one.case.opened_at)
        if one.case.state is CaseState.OPEN and not may_see(one.ties, caller)
    ]


async def listed_number(session: TenantSession, digits: str) -> str | None:
    """Under what name the partnership's directory has a telephone number; None where it has not.

    ``digits`` are as ``numbers.digits_of`` gives them. Numbers of retired entries are not in the directory.
    """
    points = await session.execute(
        select(col(DirectoryService.name), col(DirectoryPoint.label), _digits(col(DirectoryPoint.value)).label("n"))
        .join(DirectoryService, and_(col(DirectoryService.tenant_id) == col(DirectoryPoint.tenant_id),
                                     col(DirectoryService.id) == col(DirectoryPoint.service_id)))
        .where(col(DirectoryPoint.tenant_id) == session.tenant_id, col(DirectoryPoint.kind) == PointKind.PHONE,
               col(DirectoryPoint.retired_at).is_(None), col(DirectoryService.retired_at).is_(None),
               _digits(col(DirectoryPoint.value)) == digits)
        .limit(1)
    )  # fmt: skip
    if (row := points.first()) is not None:
        return f"{row.name}, {row.label}" if row.label else str(row.name)
    named: str | None = await session.scalar(
        select(col(DirectoryEntry.name))
        .where(col(DirectoryEntry.tenant_id) == session.tenant_id, col(DirectoryEntry.retired_at).is_(None),
               col(DirectoryEntry.channel).in_([Channel.VOICE, Channel.SMS]),
               _digits(col(DirectoryEntry.address)) == digits)
        .limit(1)
    )  # fmt: skip
    return named


def _digits(value: Any) -> Any:
    """As ``numbers.digits_of``."""
    return func.regexp_replace(func.regexp_replace(value, r"[^0-9+]", "", "g"), r"^(\+44|0044)0?", "0")


def log(caller: Caller) -> Select[Any]:
    """The log of enquiries, but for those that were answered with a child who is not there for the caller."""
    about = (
        select(1)
        .join(Child, and_(col(Child.tenant_id) == col(EnquiryAnswer.tenant_id),
                          col(Child.id) == col(EnquiryAnswer.child_id)))
        .where(col(EnquiryAnswer.tenant_id) == col(ChildEnquiry.tenant_id),
               col(EnquiryAnswer.enquiry_id) == col(ChildEnquiry.id), not_(in_sight_of(caller)))
        .select_from(EnquiryAnswer)
        .correlate(ChildEnquiry)
        .exists()
    )  # fmt: skip
    return select(ChildEnquiry).where(col(ChildEnquiry.tenant_id) == caller.tenant_id, not_(about))


def answered(*results: Result) -> ColumnElement[bool]:
    """Enquiries that were answered so."""
    return (
        select(1)
        .where(col(EnquiryAnswer.tenant_id) == col(ChildEnquiry.tenant_id),
               col(EnquiryAnswer.enquiry_id) == col(ChildEnquiry.id), col(EnquiryAnswer.result).in_(results))
        .correlate(ChildEnquiry)
        .exists()
    )  # fmt: skip


def duties(caller: Caller) -> Select[Any]:
    """Duties of no case, and those of cases that are there for the caller."""
    return select(EnquiryDuty).where(
        col(EnquiryDuty.tenant_id) == caller.tenant_id,
        or_(col(EnquiryDuty.case_id).is_(None), in_sight(caller, col(EnquiryDuty.case_id))),
    )


async def duty(session: TenantSession, caller: Caller, duty_id: UUID) -> EnquiryDuty:
    """The duty, locked, if it is there for the caller. Raises ``NotFound``."""
    await session.flush()
    found: EnquiryDuty | None = await session.scalar(
        duties(caller).where(col(EnquiryDuty.id) == duty_id).with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if found is None:
        raise NotFound(NO_DUTY)
    return found


async def open_duty(session: TenantSession, enquiry_id: UUID, kind: Any, case_id: UUID | None) -> bool:
    """Whether such a duty is open already."""
    query = select(col(EnquiryDuty.id)).where(
        col(EnquiryDuty.tenant_id) == session.tenant_id, col(EnquiryDuty.enquiry_id) == enquiry_id,
        col(EnquiryDuty.kind) == kind, col(EnquiryDuty.state) == DutyState.OPEN,
        col(EnquiryDuty.case_id) == case_id if case_id is not None else col(EnquiryDuty.case_id).is_(None),
    )  # fmt: skip
    return await session.scalar(query.limit(1)) is not None
