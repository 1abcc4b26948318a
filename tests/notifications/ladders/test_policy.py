"""What an alert policy may say, and the order of its rungs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from notifications.ladders.policy import SlotPolicy


def rung(role: str = "sio", kind: str = "rota", **more: Any) -> dict[str, Any]:
    target = {"kind": kind, "role": role}
    return {"target": target, "channels": ["push", "sms"], "acknowledge_within": 120, **more}


def slot(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": "sio", "template": "page", "steps": list(steps) or [rung()], **more}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (slot(rung(), rung(acknowledge_within=None)), "step 2 of slot sio needs acknowledge_within"),
        (slot(rung(kind="directory")), "step 1 of slot sio must try a rota"),
        (slot(rung(acknowledge_within=9)), "greater than or equal to 10"),
        (slot(rung(acknowledge_within=86_401)), "less than or equal to 86400"),
        (slot(rung(channels=[])), "at least 1 item"),
        (slot(rung(channels=["fax"])), "'sms', 'email' or 'push'"),
        (slot(rung(kind="person")), "'rota' or 'directory'"),
        (slot(rung(role="")), "at least 1 character"),
        (slot(repeat=11), "less than or equal to 10"),
        (slot(repeat=-1), "greater than or equal to 0"),
        (slot(steps=[]), "at least 1 item"),
        (slot(wait=5), "Extra inputs are not permitted"),
    ],
)
def test_a_policy_that_cannot_work_is_refused_in_words(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SlotPolicy.model_validate(wrong)


def test_a_notice_needs_no_time_and_may_go_to_a_desk() -> None:
    notice = slot(rung(kind="directory", acknowledge_within=None), needs_answer=False)
    assert SlotPolicy.model_validate(notice).steps[0].acknowledge_within is None


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
        climbed.append(step.target.role)
        number += 1
    assert climbed == [f"role-{n}" for n in range(steps)] * (repeat + 1)
    assert plan.rung(number + 1) is None
