"""Every query on who may see which case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.cases.access.models import BreakGlass, CaseBar, CaseGrant, Team, TeamMember
from backend.cases.models import CaseFile
from backend.cases.people.models import CasePractitioner
from backend.cases.policies import Scope, Ties, may_see, reach
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import among, by_key, given
from backend.kit.session import TenantSession
from backend.kit.tables import grouped
from tenants.contacts.models import Person

NOW: Final = func.app.now()
_TIES: Final = tuple(field.name for field in fields(Ties))


@dataclass(frozen=True, slots=True)
class Seen:
    """A case and what ties the caller to it."""

    case: CaseFile
    ties: Ties


def _lasts(row: Any) -> ColumnElement[bool]:
    """Whether a row with ``from_at`` and ``to_at`` is in force."""
    return and_(col(row.from_at) <= NOW, or_(col(row.to_at).is_(None), col(row.to_at) > NOW))


def _of_case(row: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the case that is asked about has such a row."""
    mine = and_(col(row.tenant_id) == col(CaseFile.tenant_id), col(row.case_id) == col(CaseFile.id))
    return select(1).where(mine, *conditions).correlate(CaseFile).exists()


def ties_of(person_id: UUID | BindParameter[UUID]) -> dict[str, ColumnElement[bool]]:
    """The fields of ``Ties`` as columns of a query on cases."""
    opener: Any = aliased(Person)
    agency = select(col(Person.agency_id)).where(col(Person.id) == person_id).scalar_subquery()
    teams = select(col(TeamMember.team_id)).where(col(TeamMember.person_id) == person_id, _lasts(TeamMember))
    opened_by_agency = (
        select(1)
        .where(opener.tenant_id == col(CaseFile.tenant_id), opener.id == col(CaseFile.opened_by),
               opener.agency_id == agency)
        .correlate(CaseFile)
        .exists()
    )  # fmt: skip
    owned = or_(col(CaseFile.opened_by) == person_id, col(CaseFile.owner_id) == person_id)
    return {
        "barred": _of_case(CaseBar, col(CaseBar.person_id) == person_id, _lasts(CaseBar)),
        "restricted": col(CaseFile.restricted).is_(True),
        "listed": _of_case(CaseGrant, col(CaseGrant.person_id) == person_id, _lasts(CaseGrant)),
        "emergency": _of_case(BreakGlass, col(BreakGlass.person_id) == person_id, col(BreakGlass.ends_at) > NOW),
        "own": func.coalesce(owned, false()) | _of_case(
            CasePractitioner, col(CasePractitioner.person_id) == person_id, _lasts(CasePractitioner)
        ),
        "of_team": func.coalesce(col(CaseFile.team_id).in_(teams), false()),
        "of_agency": func.coalesce(col(CaseFile.agency_id) == agency, false()) | opened_by_agency | _of_case(
            CasePractitioner, col(CasePractitioner.agency_id) == agency, _lasts(CasePractitioner)
        ),
    }  # fmt: skip


def visible(caller: Caller) -> ColumnElement[bool]:
    """``policies.may_see`` as a condition on cases: what every list, count and search is narrowed by."""
    return _visible(reach(caller), caller.person_id)


# Kept for the people who ask most: putting the condition together takes longer than the database takes to answer it.
@lru_cache(maxsize=128)  # each of some 80 KB
def _visible(scope: Scope | None, person_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    if scope is None:
        return false()
    ties = ties_of(person_id)
    by_scope = ((Scope.SELF, ties["own"]), (Scope.TEAM, ties["of_team"]), (Scope.AGENCY, ties["of_agency"]))
    reached = true() if scope is Scope.PARTNERSHIP else or_(*(tie for needed, tie in by_scope if scope >= needed))
    let_in = or_(ties["listed"], ties["emergency"], and_(not_(ties["restricted"]), reached))
    return and_(not_(ties["barred"]), let_in)


def in_sight(caller: Caller, case_id: Any, *, few: bool = False) -> ColumnElement[bool]:
    """Whether the case that a row's column ``case_id`` names is there for the caller.

    ``few`` says that other conditions leave few rows: the case of each is then looked up, where PostgreSQL would
    rather find all cases that are there and join them.
    """
    return _case_of(case_id, visible(caller), few=few)


def shown_through(scope: Scope | None, person_id: UUID | BindParameter[UUID], case_id: Any) -> ColumnElement[bool]:
    """As ``in_sight``, for what is told of a case without showing it: a duty, a call.

    Who may see no cases at all (a ``scope`` of None) is told of every case but the restricted ones.
    """
    if scope is None:
        open_to_all = and_(not_(col(CaseFile.restricted)), not_(ties_of(person_id)["barred"]))
        return _case_of(case_id, open_to_all)
    return _case_of(case_id, _visible(scope, person_id))


def _case_of(case_id: Any, condition: ColumnElement[bool], *, few: bool = False) -> ColumnElement[bool]:
    # An uncorrelated list of ids would be made for all cases; this asks for the row's own.
    own = select(1).where(col(CaseFile.id) == case_id, condition).select_from(CaseFile).correlate_except(CaseFile)
    return (own.offset(literal_column("0")) if few else own).exists()  # what has an offset is not made a join


async def seen(session: TenantSession, caller: Caller, case_ids: Iterable[UUID]) -> dict[UUID, Seen]:
    """The cases with what ties the caller to each, whether or not they may be seen."""
    wanted = set(case_ids)
    if not wanted:
        return {}
    asked = {"tenant": session.tenant_id, "caller": caller.person_id, **given(wanted)}
    return {
        row[0].id: Seen(row[0], Ties(**{name: bool(value) for name, value in zip(_TIES, row[1:], strict=True)}))
        for row in await session.execute(_cases_with_ties(one=len(wanted) == 1), asked)
    }


async def open_to(session: TenantSession, caller: Caller, case_ids: Iterable[UUID]) -> dict[UUID, Seen]:
    """Those of ``seen`` that are there for the caller."""
    found = await seen(session, caller, case_ids)
    return {case_id: each for case_id, each in found.items() if may_see(each.ties, caller)}


# Made once: putting it together takes longer than the database takes to answer it, at every look at a case.
@cache
def _cases_with_ties(*, one: bool) -> Select[*tuple[Any, ...]]:
    ties = ties_of(bindparam("caller", type_=Uuid()))
    return select(CaseFile, *(ties[name].label(f"tie_{name}") for name in _TIES)).where(
        col(CaseFile.tenant_id) == bindparam("tenant"), among(col(CaseFile.id), one=one)
    )


async def lists(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[CaseGrant]]:
    """The lists of several cases as they stand now."""
    found = await session.scalars(
        select(CaseGrant)
        .where(
            col(CaseGrant.tenant_id) == session.tenant_id, col(CaseGrant.case_id).in_(set(case_ids)), _lasts(CaseGrant)
        )
        .order_by(col(CaseGrant.from_at), col(CaseGrant.id))
    )
    return grouped(found, lambda grant: grant.case_id)


async def bars(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[CaseBar]]:
    """Whom several cases are kept from now, those not yet written among them."""
    await session.flush()
    found = await session.scalars(
        select(CaseBar)
        .where(col(CaseBar.tenant_id) == session.tenant_id, col(CaseBar.case_id).in_(set(case_ids)), _lasts(CaseBar))
        .order_by(col(CaseBar.from_at), col(CaseBar.id))
    )
    return grouped(found, lambda bar: bar.case_id)


async def barred(session: TenantSession, case_id: UUID) -> set[UUID]:
    """The people to whom the case is not there."""
    return {bar.person_id for bar in (await bars(session, [case_id])).get(case_id, [])}


async def glass_broken_since(session: TenantSession, person_id: UUID, since: datetime) -> list[BreakGlass]:
    """When somebody broke the glass, first to last. Waits for whatever else they are doing of the kind."""
    await session.execute(_ALONE, {"key": f"break-glass {session.tenant_id} {person_id}"})
    found = await session.scalars(
        select(BreakGlass)
        .where(
            col(BreakGlass.tenant_id) == session.tenant_id,
            col(BreakGlass.person_id) == person_id,
            col(BreakGlass.at) > since,
        )
        .order_by(col(BreakGlass.at))
    )
    return list(found)


_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def glass(session: TenantSession, glass_id: UUID) -> BreakGlass:
    """One breaking of the glass. Raises ``NotFound``."""
    found = await session.get(BreakGlass, (session.tenant_id, glass_id))
    if found is None:
        raise NotFound("There is no such emergency access in this partnership.")
    return found


def glass_of_case(tenant_id: UUID, case_id: UUID) -> Select[BreakGlass]:
    return select(BreakGlass).where(col(BreakGlass.tenant_id) == tenant_id, col(BreakGlass.case_id) == case_id)


async def team(session: TenantSession, team_id: UUID) -> Team:
    """Raises ``NotFound``."""
    found = await session.get(Team, (session.tenant_id, team_id))
    if found is None:
        raise NotFound("There is no such team in this partnership.")
    return found


async def locked_team(session: TenantSession, team_id: UUID) -> Team:
    """The team, locked against every other change of its members. Raises ``NotFound``."""
    found: Team | None = await session.scalar(
        select(Team)
        .where(col(Team.tenant_id) == session.tenant_id, col(Team.id) == team_id)
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound("There is no such team in this partnership.")
    return found


async def teams(session: TenantSession, team_ids: Iterable[UUID]) -> dict[UUID, Team]:
    return await by_key(session, Team, team_ids)


async def every_team(session: TenantSession) -> list[Team]:
    """The partnership's teams by name."""
    found = await session.scalars(
        select(Team).where(col(Team.tenant_id) == session.tenant_id).order_by(col(Team.name), col(Team.id))
    )
    return list(found)


async def team_named(session: TenantSession, code: str) -> Team | None:
    found: Team | None = await session.scalar(
        select(Team).where(col(Team.tenant_id) == session.tenant_id, col(Team.code) == code)
    )
    return found


async def members(session: TenantSession, team_ids: Iterable[UUID]) -> Mapping[UUID, list[TeamMember]]:
    """Who belongs to each team now."""
    found = await session.scalars(
        select(TeamMember)
        .where(
            col(TeamMember.tenant_id) == session.tenant_id,
            col(TeamMember.team_id).in_(set(team_ids)),
            _lasts(TeamMember),
        )
        .order_by(col(TeamMember.from_at), col(TeamMember.id))
    )
    return grouped(found, lambda member: member.team_id)


def of_teams_of(person_id: UUID) -> ColumnElement[bool]:
    """Cases that a team of the person holds."""
    return ties_of(person_id)["of_team"]


def own_of(person_id: UUID) -> ColumnElement[bool]:
    """Cases that the person opened, owns or works on."""
    return ties_of(person_id)["own"]
