"""Who may do what: every root field against every permission."""

from collections.abc import Iterable
from typing import Final

import pytest

from backend.identity.policies import ROLES, Permission
from graphql_api.schema import schema
from support.api import Api, Door, fresh_key
from support.partnership import Partnership
from support.reported import Case, reported
from support.root_rules import RULES

WITHOUT_A_ROLE: Final = "Your roles do not let you"
WRITES_ON_CASES: Final = frozenset({
    "pauseClock", "resumeClock", "correctClockStart", "completeClock", "giveBreachReason", "extendClock",
    "recordPlanStay", "offerTransfer",
})  # fmt: skip
"""What needs, beside the permission that its rule names, that one may write on the case that it is about."""


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


INSTEAD: Final = dict.fromkeys(("alert", "alerts"), Permission.VIEW_ALERTS)
"""What opens a field as well: of alerts those that one was called for are seen, or by right all of one's cases."""


def needed(field: str) -> frozenset[Permission]:
    beside = Permission.EDIT_CASES if field in WRITES_ON_CASES else None
    return frozenset(one for one in (RULES[field].needs, beside) if one is not None)


async def test_each_field_is_open_to_whoever_has_its_permission_and_to_nobody_who_lacks_it(
    door: Door, cambs: Partnership, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else they may do. Which roles have which permissions is for ``ROLES`` alone to say."""
    person = door.person("tansy.millrace")
    await door.change_roles(cambs, "tansy.millrace", "of_a_test")

    async def refused(permissions: Iterable[Permission], fields: Iterable[str]) -> set[str]:
        """Those of the fields that are refused to somebody who has just these permissions."""
        monkeypatch.setitem(ROLES, "of_a_test", frozenset(permissions))
        answers = {field: str(await person.send(RULES[field].call, case.variables(field))) for field in fields}
        assert not [field for field, answer in answers.items() if "INTERNAL" in answer or "BAD_USER" in answer]
        return {field for field, answer in answers.items() if WITHOUT_A_ROLE in answer}

    for needs, instead in {(needed(field), INSTEAD.get(field)) for field in RULES}:
        fields = {field for field in RULES if (needed(field), INSTEAD.get(field)) == (needs, instead)}
        assert await refused(needs, fields) == set(), f"some are refused to whoever has {set(needs)}"
        if instead is not None:
            assert await refused({instead}, fields) == set(), f"some are refused to whoever has {instead}"
        for one in needs:
            open_to_others = fields - await refused(set(Permission) - {one, instead}, fields)
            assert not open_to_others, f"they are open to whoever lacks {one}"


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
