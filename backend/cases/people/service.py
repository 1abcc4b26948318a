"""Record the family and others around a child, how they are related, and who lives with whom."""

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import checks
from backend.cases.children import repository as children
from backend.cases.children.service import today
from backend.cases.people import repository
from backend.cases.people.models import HouseholdMember, Party, Relationship, RelationshipKind
from backend.cases.people.repository import no_such
from backend.cases.policies import PartyRole
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults

_TELEPHONE: Final = re.compile(r"(?=(?:[^0-9]*[0-9]){5})\+?[0-9 ()-]{5,24}")
_MAY_BE_ANONYMOUS: Final = frozenset({PartyRole.PUBLIC_REFERRER, PartyRole.WHISTLEBLOWER})


@dataclass(frozen=True, slots=True)
class PartyTold:
    """What is known of somebody a case concerns. ``anonymous``: they would not give a name."""

    roles: tuple[PartyRole, ...]
    name: str | None = None
    anonymous: bool = False
    date_of_birth: date | None = None
    organisation: str | None = None
    telephone: str | None = None
    address: str | None = None
    address_hidden: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """One person of a case: a child or a party, never both."""

    child_id: UUID | None = None
    party_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From which day to which something was so, where that is known."""

    from_on: date | None = None
    to_on: date | None = None


def faults(told: PartyTold, today: date) -> list[FieldError]:
    """Every fault of a party. A professional referrer gives a name; a member of the public need not."""
    found = text_faults(
        name=(told.name, 200), organisation=(told.organisation, 200), address=(told.address, 500),
        note=(told.note, 2_000),
    )  # fmt: skip
    if not told.roles or len(set(told.roles)) < len(told.roles):
        found.append(FieldError("roles", "must name at least one role, and each once"))
    if told.anonymous and told.name is not None:
        found.append(FieldError("name", "must be left out for somebody who would not give it"))
    if told.anonymous and not _MAY_BE_ANONYMOUS.intersection(told.roles):
        found.append(FieldError("anonymous", "is for a member of the public or a whistle-blower alone; give the name"))
    if told.telephone is not None and not _TELEPHONE.fullmatch(told.telephone):
        found.append(FieldError("telephone", "must be a telephone number: at least five digits, at most 24 signs"))
    if told.date_of_birth is not None and not checks.EARLIEST <= told.date_of_birth <= today:
        found.append(FieldError("dateOfBirth", "must lie between 1900 and today"))
    return found


async def add_party(session: TenantSession, caller: Caller, case_id: UUID, told: PartyTold, party_id: UUID) -> Party:
    """Record somebody the case concerns; a victim's address is hidden whether or not that is said.

    Raises ``NotFound``, ``Forbidden``, ``Conflict``, and ``Invalid`` with every fault.
    """
    await cases.changeable(session, caller, case_id)
    if found := faults(told, await today(session)):
        raise Invalid(found)
    return await _add(session, caller, case_id, told, party_id)


async def _add(session: TenantSession, caller: Caller, case_id: UUID, told: PartyTold, party_id: UUID) -> Party:
    row = await enter_party(session, case_id, told, party_id, recorded_by=caller.person_id)
    await cases.record(session, case_id, "party.added", caller, party_id=party_id)
    return row


async def enter_party(
    session: TenantSession, case_id: UUID, told: PartyTold, party_id: UUID, *, recorded_by: UUID | None
) -> Party:
    """A party of a case, for a domain that has checked what was told and keeps its own trace."""
    facts = asdict(told) | {
        "roles": [role.value for role in told.roles],
        "address_hidden": told.address_hidden or PartyRole.VICTIM in told.roles,
    }
    row = Party(
        **facts, tenant_id=session.tenant_id, id=party_id, case_id=case_id, recorded_by=recorded_by,
        recorded_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    return row


async def add_household_member(
    session: TenantSession, caller: Caller, case_id: UUID, who: Who | PartyTold, span: Span, member_id: UUID
) -> HouseholdMember:
    """Record that somebody lives, or lived, in the household; somebody new becomes a party as well.

    Raises as ``add_party`` does, ``NotFound`` for a child out of sight or a party of another case, and
    ``Conflict`` for somebody who is there already.
    """
    await cases.changeable(session, caller, case_id)
    found = checks.span_faults(span.from_on, span.to_on, await today(session))
    if isinstance(who, PartyTold):
        found += faults(who, await today(session))
    if found:
        raise Invalid(found)
    if isinstance(who, PartyTold):
        who = Who(party_id=(await _add(session, caller, case_id, who, uuid7())).id)
    else:
        await require_known(session, caller, case_id, who)
        for other in (await repository.household(session, [case_id]))[case_id]:
            if other.ended_at is None and other.to_on is None and Who(other.child_id, other.party_id) == who:
                raise Conflict("This person is in the household already.")
    row = HouseholdMember(
        tenant_id=session.tenant_id, id=member_id, case_id=case_id, child_id=who.child_id, party_id=who.party_id,
        from_on=span.from_on, to_on=span.to_on, recorded_by=caller.person_id, recorded_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, case_id, "household.added", caller, member_id=member_id)
    return row


async def require_known(session: TenantSession, caller: Caller, case_id: UUID, who: Who) -> None:
    """Raise ``NotFound`` for a child out of the caller's sight, or a party of another case."""
    if who.child_id is not None and who.child_id not in await children.seen(session, caller, [who.child_id]):
        raise NotFound(children.NO_CHILD)
    if who.party_id is not None and (await repository.row(session, Party, who.party_id)).case_id != case_id:
        raise NotFound(no_such(Party))


async def end_household_member(
    session: TenantSession, caller: Caller, member_id: UUID, to_on: date | None
) -> HouseholdMember:
    """Record that somebody has left the household, on a day or on one not known.

    Raises ``NotFound``, ``Forbidden``, ``Invalid``, and ``Conflict`` for somebody who has left already.
    """
    row = await repository.row(session, HouseholdMember, member_id)
    await cases.changeable(session, caller, row.case_id, otherwise=no_such(HouseholdMember))
    await _end(session, caller, row, to_on)
    await cases.record(session, row.case_id, "household.ended", caller, member_id=member_id)
    return row


async def record_relationship(
    session: TenantSession, caller: Caller, case_id: UUID, one: Who, kind: RelationshipKind, other: Who, span: Span,
    relationship_id: UUID,
) -> Relationship:  # fmt: skip
    """Record what ``one`` is to ``other``: ``kind`` PARENT makes the first the parent of the second.

    Raises as ``add_household_member`` does.
    """
    await cases.changeable(session, caller, case_id)
    for who in (one, other):
        await require_known(session, caller, case_id, who)
    found = checks.span_faults(span.from_on, span.to_on, await today(session))
    if one == other:
        found.append(FieldError("toPerson", "must be somebody else"))
    if found:
        raise Invalid(found)
    row = Relationship(
        tenant_id=session.tenant_id, id=relationship_id, case_id=case_id, kind=kind,
        from_child_id=one.child_id, from_party_id=one.party_id, to_child_id=other.child_id,
        to_party_id=other.party_id, from_on=span.from_on, to_on=span.to_on, recorded_by=caller.person_id,
        recorded_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await cases.record(
        session, case_id, "relationship.recorded", caller, relationship_id=relationship_id, relation=kind.value
    )
    return row


async def end_relationship(
    session: TenantSession, caller: Caller, relationship_id: UUID, to_on: date | None
) -> Relationship:
    """Record that a relationship has ended, on a day or on one not known. Raises as ``end_household_member``."""
    row = await repository.row(session, Relationship, relationship_id)
    await cases.changeable(session, caller, row.case_id, otherwise=no_such(Relationship))
    await _end(session, caller, row, to_on)
    await cases.record(session, row.case_id, "relationship.ended", caller, relationship_id=relationship_id)
    return row


async def _end(session: TenantSession, caller: Caller, row: HouseholdMember | Relationship, to_on: date | None) -> None:
    await session.refresh(row)  # as it is now that the case is locked
    if row.ended_at is not None or row.to_on is not None:
        raise Conflict("This has ended already.")
    if found := checks.span_faults(row.from_on, to_on, await today(session)):
        raise Invalid(found)
    row.to_on, row.ended_by, row.ended_at = to_on, caller.person_id, await session.now()
