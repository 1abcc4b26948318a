"""Whoever can be called can answer: by whatever a reference partnership's rotas, policies and pathways call them."""

from collections.abc import Iterator

import pytest

from backend.cases.policies import REACH, Scope
from backend.clocks.rules import Gate
from backend.identity.policies import ROLES, Permission
from backend.onboarding import files
from backend.onboarding.archetype import Archetype
from backend.pathways.definitions import archetypes
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.library import shipped
from notifications.ladders.policy import STAND_INS, PersonTarget, RotaTarget, TeamTarget


def called_by_rotas(archetype: Archetype) -> Iterator[tuple[str, str]]:
    """Roles, each with what calls it: a rota calls by its role, and whoever takes turns on it holds others besides."""
    people = {person.code: person.membership.roles for person in archetype.people if person.membership}
    for rota in archetype.rotas:
        yield from ((role, f"rota {rota.role}") for role in (rota.role, rota.uncovered_role) if role)
        yield from ((role, f"rota {rota.role}") for code in rota.people for role in people[code])


def called_by_policies(archetype: Archetype) -> Iterator[tuple[str, str]]:
    people = {person.code: person.membership.roles for person in archetype.people if person.membership}
    for name, plan in archetype.alert_policies.items():
        for target in (step.target for slot in plan.slots for step in slot.steps):
            match target:
                case RotaTarget() if target.role not in STAND_INS:
                    yield target.role, f"policy {name}"
                case PersonTarget():
                    yield from ((role, f"policy {name}") for role in people[target.person])
                case TeamTarget():
                    yield from ((role, f"policy {name}") for code in target.members for role in people[code])
                case _:
                    pass


def called_by_definition(one: Definition) -> Iterator[tuple[str, str]]:
    """The owner of a limit, whoever is told of its breach, and whoever a notification, a task or a stage is for."""
    for clock in one.clocks:
        yield from (
            (role, f"clock {clock.id}") for role in (clock.role, getattr(clock, "tell_on_breach", None)) if role
        )
    for notification in one.notifications:
        yield from ((role, f"notification {notification.id}") for role in notification.to)
    for duty in one.obligations:
        yield from ((role, f"task {duty.id}") for role in duty.roles)
    for stage in one.stages:
        yield stage.lead, f"stage {stage.id}"
    for escalation in one.escalations:
        yield from ((rung.to, f"escalation {escalation.id}") for rung in escalation.ladder)
    for slot in one.alert.slots if one.alert else ():
        yield slot.role, f"alert {one.id}"


@pytest.mark.parametrize("name", files.names())
def test_every_role_that_anything_calls_may_answer(name: str) -> None:
    overlays = archetypes.overlays(name) if name in archetypes.names() else []
    definitions = archetypes.effective(shipped(), overlays).values()
    called = [*called_by_rotas(files.load(name)), *called_by_policies(files.load(name))]
    called += [one for each in definitions for one in called_by_definition(each.definition)]
    by_role: dict[str, set[str]] = {}
    for role, by in called:
        by_role.setdefault(role.replace("-", "_"), set()).add(by)
    known = by_role.keys() & ROLES.keys()
    assert {"social_worker", "cdop_manager", "practitioner", "duty_manager", "sio", "paediatrician"} <= known
    mute = {role: sorted(by_role[role])[:3] for role in known if Permission.ANSWER_ALERTS not in ROLES[role]}
    assert not mute, "they are called, and may not answer"


def test_whoever_may_be_put_on_a_case_or_asked_to_take_a_call_over_may_answer() -> None:
    """Which is anybody: a limit then calls the person, whatever their role."""
    assert [role for role, may in ROLES.items() if Permission.ANSWER_ALERTS not in may] == []


@pytest.mark.parametrize("name", files.names())
def test_the_limits_of_a_referral_that_nobody_works_on_yet_call_the_front_door(name: str) -> None:
    """It may come from another system at any hour, and nobody is on its case until somebody looks."""
    referral = archetypes.effective(shipped(), archetypes.overlays(name))["referral-to-childrens-social-care"]
    owners = {clock.role for clock in referral.definition.clocks if not isinstance(clock, Gate)}
    social_care = {role for role in owners if shipped().roles[role].agency == "social-care"}
    assert social_care == {"social-care-intake", "social-care-manager"}
    assert {role.replace("-", "_") for role in social_care} <= {rota.role for rota in files.load(name).rotas}


@pytest.mark.parametrize("name", files.names())
def test_whoever_takes_turns_at_the_front_door_sees_the_referrals_that_nobody_works_on_yet(name: str) -> None:
    archetype = files.load(name)
    people = {person.code: person.membership.roles for person in archetype.people if person.membership}
    turns = {code for rota in archetype.rotas if rota.role in {"social_care_intake", "social_care_manager"}
             for code in rota.people}  # fmt: skip
    assert turns
    assert [code for code in turns if Scope.PARTNERSHIP not in {REACH.get(role) for role in people[code]}] == []
