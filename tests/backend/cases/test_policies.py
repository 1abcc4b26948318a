"""Who may see a case: the decision on one, and the same decision as a query, over every tie there is."""

import itertools
from dataclasses import fields
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.cases import service as cases
from backend.cases.access import repository as access
from backend.cases.access.models import BreakGlass, CaseBar, CaseGrant, Team, TeamMember
from backend.cases.models import CaseFile
from backend.cases.people.models import CasePractitioner
from backend.cases.policies import (
    REACH,
    Mask,
    PartyRole,
    Scope,
    Ties,
    address_mask,
    identity_mask,
    may_change,
    may_see,
    reach,
)
from backend.identity.policies import ROLES, Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from infra.dev.clock import Clock
from support.partnership import Partnership
from support.scene import coming
from tenants.contacts.models import Agency, Person

EVERY = [Ties(*flags) for flags in itertools.product((False, True), repeat=len(fields(Ties)))]
NOBODY = UUID(int=0)


def caller(*roles: str) -> Caller:
    return Caller(NOBODY, "", NOBODY, roles)


def ties(**true: bool) -> Ties:
    return Ties(**{field.name: true.get(field.name, False) for field in fields(Ties)})


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_restricted_case_is_there_for_its_list_and_who_broke_the_glass_whatever_the_role(role: str) -> None:
    for case in EVERY:
        if case.restricted:
            let_in = (case.listed or case.emergency) and not case.barred
            expected = let_in and Permission.VIEW_CASES in ROLES[role]
            assert may_see(case, caller(role)) is expected


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_case_is_never_there_for_whom_it_is_about(role: str) -> None:
    assert not any(may_see(case, caller(role)) or may_change(case, caller(role)) for case in EVERY if case.barred)


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.SELF, {"own"}),
        (Scope.TEAM, {"own", "of_team"}),
        (Scope.AGENCY, {"own", "of_team", "of_agency"}),
        (Scope.PARTNERSHIP, {"own", "of_team", "of_agency", ""}),
    ],
)
def test_a_scope_holds_those_under_it(scope: Scope, seen: set[str]) -> None:
    role = next(role for role, its in REACH.items() if its is scope)
    for tie in ("own", "of_team", "of_agency", ""):
        assert may_see(ties(**({tie: True} if tie else {})), caller(role)) is (tie in seen), tie


def test_the_widest_of_several_roles_counts_and_a_role_without_cases_adds_nothing() -> None:
    assert reach(caller("practitioner", "agency_lead")) is Scope.AGENCY
    assert reach(caller("practitioner", "administrator")) is Scope.SELF
    assert reach(caller("administrator")) is None
    assert reach(caller("never-heard-of")) is None
    assert not any(may_see(case, caller("administrator")) for case in EVERY)


def test_who_broke_the_glass_may_read_and_not_write() -> None:
    assert not may_change(ties(restricted=True, emergency=True), caller("sio"))
    assert may_change(ties(restricted=True, emergency=True, listed=True), caller("sio"))
    assert not may_change(ties(own=True), caller("clinician"))  # may report deaths, not edit cases


def test_every_role_that_sees_cases_has_a_reach() -> None:
    assert {role for role, may in ROLES.items() if Permission.VIEW_CASES in may} == REACH.keys()


def test_masks_follow_permissions() -> None:
    outside, inside = caller("paediatrician"), caller("social_worker")
    assert identity_mask([PartyRole.RELATIVE, PartyRole.PUBLIC_REFERRER], outside) is Mask.PUBLIC_REFERRER
    assert identity_mask([PartyRole.ACCUSER, PartyRole.WHISTLEBLOWER], outside) is Mask.WHISTLEBLOWER
    assert identity_mask([PartyRole.PROFESSIONAL_REFERRER], outside) is None
    assert identity_mask([PartyRole.PUBLIC_REFERRER], inside) is None
    assert address_mask(hidden=True, caller=outside) is Mask.HIDDEN_ADDRESS
    assert address_mask(hidden=True, caller=inside) is None
    assert address_mask(hidden=False, caller=outside) is None


async def tied(session: TenantSession, me: Person, other_agency: UUID, team: UUID, wanted: Ties, at: datetime) -> UUID:
    """A case with exactly these ties to ``me``."""
    case_id, elsewhere = uuid7(), {"from_at": at}
    await cases.open_case(
        session, "none", None, case_id, owner_id=me.id if wanted.own else None,
        team_id=team if wanted.of_team else None, agency_id=me.agency_id if wanted.of_agency else other_agency,
    )  # fmt: skip
    await session.flush()
    (await session.get_one(CaseFile, (session.tenant_id, case_id))).restricted = wanted.restricted
    if wanted.barred:
        session.append(CaseBar, case_id=case_id, person_id=me.id, reason="x", barred_by=me.id, **elsewhere)
    if wanted.listed:
        session.append(CaseGrant, case_id=case_id, person_id=me.id, granted_by=me.id, **elsewhere)
    if wanted.emergency:
        session.append(
            BreakGlass, case_id=case_id, person_id=me.id, reason="x", at=at, ends_at=at + timedelta(minutes=5)
        )
    await session.flush()
    return case_id


async def disagreements(session: TenantSession, me: UUID, roles: tuple[str, ...], ids: list[UUID]) -> list[UUID]:
    who = Caller(session.tenant_id, "", me, roles)
    listed = set(await session.scalars(select(col(CaseFile.id)).where(col(CaseFile.id).in_(ids), access.visible(who))))
    one_by_one = await access.seen(session, who, ids)
    return [one for one in ids if may_see(one_by_one[one].ties, who) is not (one in listed)]


async def test_the_decision_and_the_query_agree_on_every_tie_and_role(cambs: Partnership, clock: Clock) -> None:
    now = coming(weekday=1, hour=12)
    await clock.freeze(now)
    async with cambs.session() as session:
        me = (await session.scalars(select(Person).order_by(col(Person.code)).limit(1))).one()
        agency = (await session.scalars(select(col(Agency.id)).where(col(Agency.id) != me.agency_id).limit(1))).one()
        team = session.append(Team, code="north", name="North")
        session.append(TeamMember, team_id=team, person_id=me.id, from_at=now)
        await session.flush()
        made = {await tied(session, me, agency, team, wanted, now): wanted for wanted in EVERY}
        found = await access.seen(session, Caller(session.tenant_id, "", me.id, ()), made)
        assert {case_id: seen.ties for case_id, seen in found.items()} == made
        for roles in [(), *((role,) for role in ROLES), *itertools.combinations(sorted(ROLES), 2)]:
            assert await disagreements(session, me.id, roles, list(made)) == [], roles


async def test_ties_end_with_what_made_them(cambs: Partnership, clock: Clock) -> None:
    now = coming(weekday=1, hour=12)
    await clock.freeze(now)
    async with cambs.session() as session:
        me = (await session.scalars(select(Person).order_by(col(Person.code)).limit(1))).one()
        agency = (await session.scalars(select(col(Agency.id)).where(col(Agency.id) != me.agency_id).limit(1))).one()
        team = session.append(Team, code="north", name="North")
        session.append(TeamMember, team_id=team, person_id=me.id, from_at=now, to_at=now + timedelta(hours=1))
        await session.flush()
        every = ties(listed=True, emergency=True, own=True, of_team=True, of_agency=True)
        case_id = await tied(session, me, agency, team, every, now)
        other = uuid7()
        await cases.open_case(session, "none", None, other, agency_id=agency)
        session.append(CasePractitioner, case_id=other, person_id=me.id, agency_id=me.agency_id, role="x",
                       from_at=now, to_at=now + timedelta(hours=1), assigned_by=me.id)  # fmt: skip
        grant = (await access.lists(session, [case_id]))[case_id][0]
        grant.to_at = now + timedelta(hours=1)
        await session.commit()
    who = Caller(cambs.id, "", me.id, ("practitioner",))
    async with cambs.session() as session:
        found = await access.seen(session, who, [other])
        assert (found[other].ties.own, found[other].ties.of_agency) == (True, True)
    await clock.freeze(now + timedelta(hours=1))
    async with cambs.session() as session:
        found = await access.seen(session, who, [case_id, other])
        assert found[case_id].ties == ties(own=True, of_agency=True)
        assert found[other].ties == ties()
        assert await disagreements(session, me.id, ("practitioner",), [case_id, other]) == []
