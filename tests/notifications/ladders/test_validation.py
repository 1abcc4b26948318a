"""What keeps a policy from being put in force: every fault at once, by its field, with its remedy."""

from datetime import time
from typing import Any

import pytest

from notifications.ladders.hours import Hours
from notifications.ladders.policy import SlotPolicy
from notifications.ladders.validation import Known, KnownDesk, KnownRota, by_role, faults
from tenants.contacts.models import Channel

ALWAYS = (Hours(weekdays=tuple(range(7)), start=time(0), end=time(0)),)
BY_DAY = (Hours(weekdays=tuple(range(7)), start=time(8), end=time(20)),)
BOTH = frozenset({Channel.PUSH, Channel.SMS})
KNOWN = Known(
    rotas=by_role(
        [
            KnownRota("sio", ("bram",), None, {1: ALWAYS, 2: BY_DAY}),
            KnownRota("day", ("bram",), None, {1: BY_DAY}),
            KnownRota("handed_on", ("bram",), "sio", {1: BY_DAY}),
            KnownRota("ring", ("bram",), "ring", {1: BY_DAY}),
            KnownRota("empty", (), "sio", {1: ALWAYS}),
            KnownRota("left", ("bram", "gone"), None, {1: ALWAYS}),
            KnownRota("both", ("bram",), None, {1: ALWAYS}),
            KnownRota("both", ("bram",), None, {1: BY_DAY}, everywhere=False),
        ]
    ),
    people={"bram": BOTH, "mute": frozenset()},
    desks={
        "front": KnownDesk("social_care", Channel.EMAIL, BY_DAY),
        "coroner": KnownDesk("coroner", Channel.EMAIL, ()),
    },
    templates={"page": frozenset({"sms"}), "notice": frozenset({"email"})},
)


def step(target: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"target": target, "channels": ["push", "sms"], "acknowledge_within": 60, **more}


def rota(role: str, **more: Any) -> dict[str, Any]:
    return step({"kind": "rota", "role": role}, **more)


def desk(role: str, **more: Any) -> dict[str, Any]:
    given = {"channels": ["email"], "acknowledge_within": None} | more
    return step({"kind": "directory", "role": role}, **given)


def told(*steps: dict[str, Any], **more: Any) -> list[str]:
    """Paths of what is wrong with a policy of one slot."""
    slot = SlotPolicy.model_validate({"role": "sio", "template": "page", "steps": list(steps), **more})
    return [fault.field for fault in faults([slot], KNOWN)]


def notice(*steps: dict[str, Any], **more: Any) -> list[str]:
    return told(*steps, **{"needs_answer": False, "template": "notice", **more})


def window(*hours: dict[str, Any]) -> dict[str, Any]:
    return {"only_between": list(hours)}


DAY = {"weekdays": list(range(7)), "start": "08:00", "end": "20:00"}
NIGHT = {"weekdays": list(range(7)), "start": "20:00", "end": "08:00"}


def test_a_whole_policy_has_no_fault() -> None:
    assert told(rota("sio", page_again_every=30), rota("handed_on"), repeat=2, confirm_within=600) == []
    assert told(rota("both")) == []
    assert notice(desk("coroner")) == []


@pytest.mark.parametrize(
    ("found", "where"),
    [
        (told(rota("sio", acknowledge_within=None)), ["slots.0.steps.0.acknowledgeWithin"]),
        (told(rota("sio", page_again_every=60)), ["slots.0.steps.0.pageAgainEvery"]),
        (told(rota("nobody")), ["slots.0.steps.0.target.role"]),
        (told(rota("empty")), ["slots.0.steps.0.target.role"]),
        (told(rota("left")), ["slots.0.steps.0.target.role"]),
        (told(rota("day")), ["slots.0.steps.0.target.role"]),
        (told(rota("ring")), ["slots.0.steps.0.target.role"]),
        (told(step({"kind": "rota", "role": "sio", "position": 2})), ["slots.0.steps.0.target.role"]),
        (told(step({"kind": "rota", "role": "sio", "position": 3})), ["slots.0.steps.0.target.position"]),
        (told(step({"kind": "person", "person": "gone"})), ["slots.0.steps.0.target.person"]),
        (told(step({"kind": "person", "person": "mute"})), ["slots.0.steps.0.target.person"]),
        (
            told(step({"kind": "team", "team": "duty", "members": ["bram", "gone", "bram"]})),
            ["slots.0.steps.0.target.members.1", "slots.0.steps.0.target.members"],
        ),
        (told(rota("sio", channels=["email"])), ["slots.0.steps.0.channels"]),
        (told(desk("coroner", acknowledge_within=60), template="notice"), ["slots.0.steps"]),
        (told(rota("sio", acknowledge_within=86_400), repeat=1), ["slots.0.repeat"]),
        (told(rota("sio", **window(DAY))), ["slots.0.steps"]),
        (notice(desk("coroner"), repeat=1), ["slots.0.repeat"]),
        (notice(desk("coroner"), confirm_within=60), ["slots.0.confirmWithin"]),
        (notice(desk("coroner", page_again_every=60)), ["slots.0.steps.0.pageAgainEvery"]),
        (notice(desk("nobody")), ["slots.0.steps.0.target.role"]),
        (notice(desk("social_care")), ["slots.0.steps.0.target.role"]),
        (notice(desk("coroner", channels=["push"])), ["slots.0.steps.0.target.role"]),
        (notice(step({"kind": "contact", "contact": "x"}, acknowledge_within=None, channels=["email"])),
         ["slots.0.steps.0.target.contact"]),
        (notice(step({"kind": "contact", "contact": "front"}, acknowledge_within=None, channels=["push"])),
         ["slots.0.steps.0.target.contact"]),
    ],
)  # fmt: skip
def test_each_fault_is_named_by_its_field(found: list[str], where: list[str]) -> None:
    assert found == where


def test_all_faults_are_told_at_once() -> None:
    assert told(rota("nobody", acknowledge_within=None), rota("empty"), repeat=1) == [
        "slots.0.steps.0.acknowledgeWithin",
        "slots.0.steps.0.target.role",
        "slots.0.steps.1.target.role",
    ]


def test_slots_are_told_apart_and_one_is_required() -> None:
    slot = SlotPolicy.model_validate({"role": "sio", "template": "page", "required": False, "steps": [rota("sio")]})
    assert [fault.field for fault in faults([slot, slot], KNOWN)] == ["slots", "slots.0.role", "slots.1.role"]
    assert [fault.field for fault in faults([], KNOWN)] == ["slots"]


def test_day_and_night_together_cover_the_week_and_a_bank_holiday_breaks_it() -> None:
    assert told(rota("sio", **window(DAY)), rota("sio", **window(NIGHT))) == []
    closed = {**DAY, "bank_holidays": "except"}
    assert told(rota("sio", **window(closed)), rota("sio", **window(NIGHT))) == ["slots.0.steps"]
    only = {**DAY, "bank_holidays": "only"}
    assert told(rota("sio", **window(closed)), rota("sio", **window(NIGHT, only))) == []


def test_the_morning_after_a_bank_holiday_is_not_forgotten() -> None:
    """Each week of one kind is covered; the night between two days of different kinds is not."""
    ordinary = {"weekdays": list(range(7)), "start": "20:00", "end": "20:00", "bank_holidays": "except"}
    holiday = {"weekdays": list(range(7)), "start": "00:00", "end": "00:00", "bank_holidays": "only"}
    assert told(rota("sio", **window(ordinary, holiday))) == ["slots.0.steps"]


def test_a_step_within_hours_leans_on_a_rota_in_those_hours_only() -> None:
    assert told(rota("day", **window(DAY)), rota("sio")) == []


def test_a_stand_in_is_resolved_by_the_subject() -> None:
    assert told(rota("owner")) == []
