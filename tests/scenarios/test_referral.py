"""A referral to children's social care, from the telephone call to the answer to the referrer, through the API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.api import JSON, Api, Door, open_door, operation, rows
from support.partnership import Partnership

REFERRAL = "referral-to-childrens-social-care"
TASKS = "{ tasks(first: 100, mine: true, state: OPEN) { edges { node { code role dueAt version id } } } }"


@pytest.fixture
async def door(environment: dict[str, str]) -> AsyncIterator[Door]:
    async with open_door(environment) as opened:
        yield opened


async def test_a_referral_runs_from_receipt_to_feedback(door: Door, herts: Partnership) -> None:
    manager = await door.member(herts, "duty_manager")
    opened = await manager.run(
        "mutation ($input: OpenCaseInput!) { openCase(input: $input) { __typename ... on CasePayload { case { id } } } }",
        input={"pathway": REFERRAL, "idempotencyKey": "open-the-case-1"},
    )
    print(opened)
