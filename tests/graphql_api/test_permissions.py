"""Who may do what: every role against every root field."""

from typing import Final

import pytest

from backend.identity.policies import ROLES
from graphql_api.schema import schema
from support.api import Api, Door, fresh_key
from support.partnership import Partnership
from support.reported import Case, reported
from support.root_rules import RULES

WITHOUT_A_ROLE: Final = "Your roles do not let you"


@pytest.fixture
async def case(clinician: Api, door: Door, cambs: Partnership) -> Case:
    return await reported(clinician, door, cambs)


def roots() -> set[str]:
    """Those of queries and mutations; who may follow what is tried in subscriptions/test_following.py."""
    found = [schema.core.query_type, schema.core.mutation_type]
    return {name for root in found if root is not None for name in root.fields}


def test_every_root_field_has_a_rule_here() -> None:
    without = sorted(roots() - RULES.keys())
    assert not without, f"Say in tests/support/root_rules.py who may use {', '.join(without)}."
    assert not RULES.keys() - roots(), "RULES names fields that are no longer there."


async def test_each_role_may_use_exactly_what_its_permissions_say(door: Door, cambs: Partnership, case: Case) -> None:
    allowed: dict[str, set[str]] = {}
    for role in ROLES:
        # Roles that are nobody's only one in the reference partnerships.
        lent = role in {
            "rota_manager", "practitioner", "team_manager", "agency_lead", "procedures_author", "procedures_approver",
            "designated_manager", "performance_officer",
        }  # fmt: skip
        if lent:
            await door.change_roles(cambs, "tansy.millrace", role)
        person = door.person("tansy.millrace") if lent else await door.member(cambs, role)
        answers = {field: str(await person.send(rule.call, case.variables(field))) for field, rule in RULES.items()}
        assert not [field for field, answer in answers.items() if "INTERNAL" in answer or "BAD_USER" in answer]
        allowed[role] = {field for field, answer in answers.items() if WITHOUT_A_ROLE not in answer}
    assert allowed == {
        role: {field for field, rule in RULES.items() if rule.needs is None or rule.needs in permissions}
        for role, permissions in ROLES.items()
    }


async def test_nobody_else_gets_in(door: Door, case: Case) -> None:
    stranger = door.person("nobody.invented")
    for field, rule in RULES.items():
        answer = await stranger.send(rule.call, case.variables(field))
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
        assert "data" not in answer


async def test_a_retry_is_refused_to_whoever_has_lost_the_role(door: Door, cambs: Partnership, case: Case) -> None:
    social_worker = await door.member(cambs, "social_worker")
    inputs = {
        field: {**case.sent[field], "idempotencyKey": fresh_key()}
        for field in ("reportChildDeath", "completeClock", "startDocumentUpload")
    }
    for field, given in inputs.items():
        done = (await social_worker.run(RULES[field].call, input=given))["done"]
        assert done["__typename"].endswith("Payload")
    await door.change_roles(cambs, "tansy.millrace", "administrator")
    for field, given in inputs.items():
        refused = (await social_worker.run(RULES[field].call, input=given))["done"]
        assert refused["__typename"] == "ForbiddenProblem", field
