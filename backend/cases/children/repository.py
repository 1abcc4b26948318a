"""Every query on children, their addresses and the cases they are the subject of."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.cases.children.identity import search_key
from backend.cases.children.models import CaseSubject, Child, ChildAddress, ChildChange
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import among, by_key, by_parent, given
from backend.kit.session import TenantSession
from backend.kit.tables import grouped, link

NO_CHILD: Final = "There is no such child in this partnership."


async def child(session: TenantSession, child_id: UUID, *, lock: bool = False) -> Child:
    """The child, whoever asks; locked when asked, and then as it is now. Raises ``NotFound``."""
    query = select(Child).where(col(Child.tenant_id) == session.tenant_id, col(Child.id) == child_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Child | None = await session.scalar(query)
    if found is None:
        raise NotFound(NO_CHILD)
    return found


def in_sight_of(caller: Caller) -> ColumnElement[bool]:
    """Children who are the subject of a case that is there for the caller."""
    return (
        select(1)
        .where(
            col(CaseSubject.tenant_id) == col(Child.tenant_id),
            col(CaseSubject.child_id) == col(Child.id),
            in_sight(caller, col(CaseSubject.case_id)),
        )
        .correlate(Child)
        .exists()
    )


async def seen(session: TenantSession, caller: Caller, child_ids: Iterable[UUID]) -> dict[UUID, Child]:
    """The children among ``child_ids`` that are there for the caller."""
    found = await session.scalars(
        select(Child).where(
            col(Child.tenant_id) == session.tenant_id, col(Child.id).in_(set(child_ids)), in_sight_of(caller)
        )
    )
    return {one.id: one for one in found}


async def children(session: TenantSession, child_ids: Iterable[UUID]) -> dict[UUID, Child]:
    """The children among ``child_ids``, whoever asks."""
    return await by_key(session, Child, child_ids)


async def subjects(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[tuple[CaseSubject, Child]]]:
    """Subjects of cases with the children, in the order they were added."""
    found: list[tuple[CaseSubject, Child]] = []
    if wanted := set(case_ids):
        asked = {"tenant": session.tenant_id, **given(wanted)}
        found = [(row[0], row[1]) for row in await session.execute(_subjects_of(one=len(wanted) == 1), asked)]
    return grouped(found, lambda pair: pair[0].case_id)


@cache
def _subjects_of(*, one: bool) -> Select[CaseSubject, Child]:
    return (
        select(CaseSubject, Child)
        .join(Child, link(CaseSubject, "child_id", Child))
        .where(col(CaseSubject.tenant_id) == bindparam("tenant"), among(col(CaseSubject.case_id), one=one))
        .order_by(col(CaseSubject.added_at), col(CaseSubject.id))
    )


async def subject(session: TenantSession, case_id: UUID, child_id: UUID) -> CaseSubject | None:
    """Whether, and how, a child is the subject of a case."""
    found: CaseSubject | None = await session.scalar(
        select(CaseSubject).where(
            col(CaseSubject.tenant_id) == session.tenant_id,
            col(CaseSubject.case_id) == case_id,
            col(CaseSubject.child_id) == child_id,
        )
    )
    return found


async def subject_by_id(session: TenantSession, subject_id: UUID) -> CaseSubject:
    """Raises ``NotFound``."""
    found = await session.get(CaseSubject, (session.tenant_id, subject_id))
    if found is None:
        raise NotFound("There is no such subject in this partnership.")
    return found


async def case_ids(session: TenantSession, child_id: UUID) -> list[UUID]:
    """Every case the child is the subject of, whoever asks; first to last."""
    found = await session.scalars(
        select(col(CaseSubject.case_id))
        .where(col(CaseSubject.tenant_id) == session.tenant_id, col(CaseSubject.child_id) == child_id)
        .order_by(col(CaseSubject.added_at), col(CaseSubject.id))
    )
    return list(found)


async def addresses(session: TenantSession, child_ids: Iterable[UUID]) -> dict[UUID, list[ChildAddress]]:
    """Addresses by child, the latest first; one without a first day stands last."""
    found = await by_parent(session, ChildAddress, "child_id", child_ids)
    for each in found.values():
        each.sort(key=lambda one: (one.from_on or date.min, one.id), reverse=True)
    return found


async def changes(session: TenantSession, child_ids: Iterable[UUID]) -> dict[UUID, list[ChildChange]]:
    """What changed in children's records, first to last."""
    return await by_parent(session, ChildChange, "child_id", child_ids, order=("recorded_at", "id"))


async def alike(session: TenantSession, caller: Caller, one: Child) -> Sequence[tuple[Child, bool]]:
    """Children in the caller's sight who share a number, a date of birth or an address in the open with ``one``.

    With each, whether they share an address. At most 50, the newest first.
    """
    other: Any = aliased(ChildAddress)
    neighbours = (
        select(1)
        .select_from(ChildAddress)
        .join(other, and_(other.tenant_id == col(ChildAddress.tenant_id),
                          other.match_key == col(ChildAddress.match_key)))
        .where(
            col(ChildAddress.tenant_id) == session.tenant_id, col(ChildAddress.child_id) == one.id,
            col(ChildAddress.hidden).is_(False), other.hidden.is_(False), other.child_id == col(Child.id),
        )
        .correlate(Child)
        .exists()
    )  # fmt: skip
    conditions: list[Any] = [neighbours]
    if one.nhs_number is not None:
        conditions.append(col(Child.nhs_number) == one.nhs_number)
    if one.date_of_birth is not None:
        conditions.append(col(Child.date_of_birth) == one.date_of_birth)
    found = await session.execute(
        select(Child, neighbours.label("same_address"))
        .where(col(Child.tenant_id) == session.tenant_id, col(Child.id) != one.id, or_(*conditions),
               in_sight_of(caller))
        .order_by(col(Child.id).desc())
        .limit(50)
    )  # fmt: skip
    return [(row[0], bool(row[1])) for row in found]


def named(text: str, *, born: date | None = None) -> Select[UUID]:
    """Ids of cases whose subject has names that hold every word of ``text``, or this NHS number.

    Reads every child of the partnership: some tens of thousands, each a short row.
    """
    query = select(col(CaseSubject.case_id)).join(Child, link(CaseSubject, "child_id", Child))
    digits = text.replace(" ", "")
    if digits.isascii() and digits.isdigit():
        return query.where(col(Child.nhs_number) == digits)
    for word in search_key(text).split():
        query = query.where(col(Child.search_name).contains(f" {word}", autoescape=True))
    return query.where(col(Child.date_of_birth) == born) if born is not None else query
