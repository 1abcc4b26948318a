"""Who may enter which partnership, and as whom."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.identity import service
from backend.identity.policies import ROLES, Caller, Permission
from backend.identity.tokens import Identity
from backend.kit.database import engine
from backend.kit.ids import uuid7
from backend.kit.problems import Forbidden
from backend.kit.session import open_session
from backend.onboarding import service as onboarding
from support.partnership import Partnership

CAMBS, HERTS = "cambs-peterborough", "hertfordshire"


@pytest.fixture
def merle(environment: dict[str, str]) -> Identity:
    """A paediatrician of Hertfordshire alone."""
    return Identity(environment["OIDC_ISSUER"], "merle.brackenbury")


@pytest.fixture
def nobody(environment: dict[str, str]) -> Identity:
    """Somebody whom the issuer knows and no partnership does."""
    return Identity(environment["OIDC_ISSUER"], "nobody.known")


async def entered(identity: Identity, slug: str | None = None) -> str:
    return (await service.enter(engine(), identity, slug)).slug


async def refusal(identity: Identity, slug: str | None = None) -> str:
    with pytest.raises(Forbidden) as caught:
        await service.enter(engine(), identity, slug)
    return caught.value.message


async def called(identity: Identity, slug: str) -> Caller:
    partnership = await service.enter(engine(), identity, slug)
    async with open_session(partnership.id) as session:
        return await service.caller(session, identity, partnership)


async def as_owner(owner: AsyncEngine, partnership: Partnership, statement: str, **values: object) -> None:
    async with open_session(partnership.id, on=owner) as session:
        await session.execute(text(statement), values)
        await session.commit()


async def test_a_member_of_one_partnership_enters_it_named_or_not(merle: Identity) -> None:
    assert await entered(merle) == HERTS
    assert await entered(merle, HERTS) == HERTS


async def test_a_partnership_one_does_not_belong_to_might_not_exist(merle: Identity) -> None:
    assert await refusal(merle, CAMBS) == await refusal(merle, "never-was")


async def test_who_belongs_nowhere_enters_nothing(nobody: Identity, merle: Identity) -> None:
    said = await refusal(nobody)
    assert said == await refusal(nobody, CAMBS) == await refusal(nobody, "never-was")
    # The same subject of another issuer is somebody else.
    assert await refusal(replace(merle, issuer="https://elsewhere.example.org")) == said


async def test_a_member_of_two_names_one(owner: AsyncEngine, cambs: Partnership, environment: dict[str, str]) -> None:
    both = Identity(environment["OIDC_ISSUER"], "ottoline.dray")
    await as_owner(owner, cambs, "UPDATE membership SET subject = :s WHERE subject = 'bram.cartwheel'", s=both.subject)
    await as_owner(
        owner, cambs, "INSERT INTO routing.sign_in (issuer, subject, tenant_id) VALUES (:i, :s, :t)",
        i=both.issuer, s=both.subject, t=cambs.id,
    )  # fmt: skip
    said = await refusal(both)
    assert CAMBS in said
    assert HERTS in said
    assert "Safeguard-Partnership" in said
    people = [await called(both, slug) for slug in (CAMBS, HERTS)]
    assert [one.partnership for one in people] == [CAMBS, HERTS]
    assert people[0].person_id != people[1].person_id


async def test_a_suspended_partnership_is_closed_and_opens_again(
    owner: AsyncEngine, merle: Identity, nobody: Identity
) -> None:
    await onboarding.suspend(owner, HERTS)
    try:
        with pytest.raises(Forbidden, match="This partnership is suspended"):
            await called(merle, HERTS)
        assert await refusal(nobody, HERTS) == await refusal(nobody, "never-was"), "strangers learn nothing of it"
    finally:
        await onboarding.resume(owner, HERTS)
    assert (await called(merle, HERTS)).partnership == HERTS


async def test_a_member_is_the_person_with_the_roles_of_the_membership(merle: Identity, herts: Partnership) -> None:
    caller = await called(merle, HERTS)
    assert caller == await herts.caller(merle.subject)
    assert caller.roles == ("paediatrician",)


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ("UPDATE membership SET state = 'suspended'", "UPDATE membership SET state = 'active'"),
        ("UPDATE person SET active = false", "UPDATE person SET active = true"),
    ],
    ids=["suspended", "left"],
)
async def test_who_was_suspended_or_has_left_is_nobodys_caller(
    owner: AsyncEngine, herts: Partnership, merle: Identity, change: str, back: str
) -> None:
    await as_owner(owner, herts, change)
    try:
        with pytest.raises(Forbidden, match="suspended"):
            await called(merle, HERTS)
    finally:
        await as_owner(owner, herts, back)
    assert (await called(merle, HERTS)).partnership == HERTS


async def test_a_sign_in_without_a_membership_is_not_enough(
    owner: AsyncEngine, herts: Partnership, nobody: Identity
) -> None:
    statement = "INSERT INTO routing.sign_in (issuer, subject, tenant_id) VALUES (:i, :s, :t)"
    await as_owner(owner, herts, statement, i=nobody.issuer, s="half.made", t=herts.id)
    with pytest.raises(Forbidden, match="not a member"):
        await called(replace(nobody, subject="half.made"), HERTS)


def caller_with(*roles: str) -> Caller:
    return Caller(uuid7(), HERTS, uuid7(), roles)


SHOWS_A_CHILD = {
    Permission.VIEW_CHILD_DEATHS, Permission.VIEW_CASES, Permission.VIEW_CLOCKS, Permission.VIEW_DOCUMENTS,
    Permission.VIEW_ALERTS, Permission.MAKE_EVIDENCE,
}  # fmt: skip


@pytest.mark.parametrize("roles", [(), ("unheard-of",), ("administrator",), ("rota_manager",)])
def test_no_role_that_was_not_given_it_sees_a_child(roles: tuple[str, ...]) -> None:
    may = {permission for permission in Permission if caller_with(*roles).may(permission)}
    assert not may & SHOWS_A_CHILD


def test_roles_add_up_and_a_refusal_names_what_is_missing() -> None:
    clinician = caller_with("clinician")
    clinician.require(Permission.REPORT_CHILD_DEATH)
    with pytest.raises(Forbidden, match="complete clocks"):
        clinician.require(Permission.COMPLETE_CLOCKS)
    both = caller_with("clinician", "cdop_manager")
    assert {p for p in Permission if both.may(p)} >= ROLES["clinician"] | ROLES["cdop_manager"]
