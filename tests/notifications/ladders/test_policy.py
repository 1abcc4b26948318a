"""What an alert policy may say, and the order of its rungs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from notifications.ladders.policy import SlotPolicy, TeamTarget


def rung(role: str = "sio", kind: str = "rota", **more: Any) -> dict[str, Any]:
    target = {"kind": kind, "role": role}
    return {"target": target, "channels": ["push", "sms"], "acknowledge_within": 120, **more}


def slot(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": "sio", "template": "page", "steps": list(steps) or [rung()], **more}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (slot(rung(acknowledge_within=9)), "greater than or equal to 10"),
        (slot(rung(acknowledge_within=86_401)), "less than or equal to 86400"),
        (slot(rung(page_again_every=29)), "greater than or equal to 30"),
        (slot(rung(channels=[])), "at least 1 item"),
        (slot(rung(channels=["fax"])), "Input should be 'sms', 'email'"),
        (slot(rung(kind="pigeon")), "does not match any of the expected tags"),
        (slot(rung(kind="person")), "Field required"),
        (slot(rung(role="")), "at least 1 character"),
        (slot(repeat=11), "less than or equal to 10"),
        (slot(repeat=-1), "greater than or equal to 0"),
        (slot(steps=[]), "at least 1 item"),
        (slot(steps=[rung()] * 11), "at most 10 items"),
        (slot(wait=5), "Extra inputs are not permitted"),
    ],
)
def test_what_is_no_policy_at_all_cannot_even_be_drafted(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SlotPolicy.model_validate(wrong)


def test_a_draft_may_lack_what_only_the_partnership_can_decide() -> None:
    assert SlotPolicy.model_validate(slot(rung(acknowledge_within=None))).steps[0].acknowledge_within is None


def test_a_frozen_ladder_reads_back_as_it_was() -> None:
    plan = SlotPolicy.model_validate(slot(rung(), rung("doctor"), repeat=3))
    assert SlotPolicy.model_validate(plan.model_dump(mode="json")) == plan
    with pytest.raises(ValidationError, match="frozen"):
        plan.repeat = 0


@given(st.integers(1, 5), st.integers(0, 10))
def test_every_rung_is_tried_in_order_once_and_once_more_for_each_repeat(steps: int, repeat: int) -> None:
    plan = SlotPolicy.model_validate(slot(*(rung(f"role-{n}") for n in range(steps)), repeat=repeat))
    climbed = []
    number = 0
    while (step := plan.rung(number)) is not None:
        climbed.append(step.target.name)
        number += 1
    assert climbed == [f"role-{n}" for n in range(steps)] * (repeat + 1)
    assert plan.rung(number + 1) is None


@given(st.integers(2, 5), st.integers(0, 3), st.integers(0, 20))
def test_each_rung_of_a_team_asks_one_member_further(members: int, repeat: int, turn: int) -> None:
    names = [f"m{n}" for n in range(members)]
    team = {"kind": "team", "team": "duty", "members": names, "turn": turn}
    plan = SlotPolicy.model_validate(slot(rung(target=team), rung(), rung(target=team), repeat=repeat))
    first = []
    for number in range(plan.rungs):
        step = plan.rung(number)
        assert step is not None
        if isinstance(step.target, TeamTarget):
            assert sorted(step.target.in_turn()) == names
            first.append(step.target.in_turn()[0])
    assert first == [f"m{(turn + n) % members}" for n in range(2 * (repeat + 1))]
