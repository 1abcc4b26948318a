"""What goes on paper, in words that can be read at three in the morning."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from notifications.coverage.findings import Duty
from notifications.ladders.policy import SlotPolicy
from notifications.printed_rotas import words
from notifications.printed_rotas.contents import NO_NUMBER, NOBODY, Desk, PrintedPerson, RotaSheet, Sheet, digest
from notifications.rotas.rules import BankHolidays, Layer, RotaRule, Rotation, Window

LONDON = ZoneInfo("Europe/London")
BEGINS = datetime(2026, 10, 23, 23, tzinfo=UTC)  # midnight in London
HOUR = timedelta(hours=1)
WREN, ROWAN, ROTA = uuid4(), uuid4(), uuid4()
ALL_DAYS = frozenset(range(7))
DAYTIME = Window(ALL_DAYS, time(8), time(20))


def layer(name: str, position: int, window: Window) -> Layer:
    return Layer(name, Rotation((WREN, ROWAN), datetime(2026, 1, 5, 9)), (window,), position)  # noqa: DTZ001  # wall time


def sheet(*duties: Duty, **changes: Any) -> dict[str, Any]:
    """The data of a partnership with one rota of two positions, and another without anybody."""
    rule = RotaRule("Europe/London", (layer("first", 1, DAYTIME), layer("second", 2, DAYTIME)))
    rota = RotaSheet("paediatrician", "Rapid response, health", rule, "designated_doctor", duties, {1: [], 2: []})
    other = RotaSheet("designated_doctor", "Designated doctors", rule, None, (), {})
    steps = [{"target": {"kind": "rota", "role": role}, "channels": ["sms"], "acknowledge_within": seconds}
             for role, seconds in (("paediatrician", 120), ("designated_doctor", 90))]  # fmt: skip
    ladder = SlotPolicy.model_validate({"role": "paediatrician", "template": "page", "repeat": 2, "steps": steps})
    notice = ladder.model_copy(update={"needs_answer": False})
    facts: dict[str, Any] = {
        "partnership": "Invented", "zone": "Europe/London", "begins": BEGINS, "until": BEGINS + timedelta(days=14),
        "rotas": (rota, other), "policies": {"child-death-joint-response": [ladder, notice]}, "desks": (),
        "named": {"wren": PrintedPerson("Dr Wren", "Consultant", ("07700900100",))},
        "people": {WREN: PrintedPerson("Dr Wren", "Consultant", ("07700900100", "01632 960001")),
                   ROWAN: PrintedPerson("Dr Rowan", "", ())},
    }  # fmt: skip
    return Sheet(**{**facts, **changes}).data()


def duty(person: Any, begins: int, until: int, position: int = 1) -> Duty:
    return Duty(ROTA, person, BEGINS + begins * HOUR, BEGINS + until * HOUR, position)


def turns(data: dict[str, Any], position: int = 0) -> list[tuple[str, str, str, str]]:
    found = data["rotas"][0]["positions"][position]["turns"]
    return [(turn["from"], turn["until"], turn["name"], turn["telephone"]) for turn in found]


def test_each_turn_has_local_times_a_name_and_every_number() -> None:
    assert turns(sheet(duty(WREN, 8, 20), duty(ROWAN, 33, 45))) == [
        ("Sat 24 Oct 08:00", "Sat 24 Oct 20:00", "Dr Wren, Consultant", "07700 900 100 or 01632 960001"),
        ("Sun 25 Oct 08:00", "Sun 25 Oct 20:00", "Dr Rowan", NO_NUMBER),
    ]


def test_second_on_call_is_listed_by_itself() -> None:
    data = sheet(duty(WREN, 8, 20), duty(ROWAN, 8, 20, position=2))
    assert [place["title"] for place in data["rotas"][0]["positions"]] == ["First on call", "Second on call"]
    assert [name for *_, name, _ in turns(data, 1)] == ["Dr Rowan"]


def test_what_is_over_or_far_ahead_is_left_out_and_what_is_on_begins_today() -> None:
    far = 24 * 14 + 2
    assert turns(sheet(duty(WREN, -9, -1), duty(WREN, -1, 9), duty(ROWAN, far, far + 9))) == [
        ("Sat 24 Oct 00:00", "Sat 24 Oct 09:00", "Dr Wren, Consultant", "07700 900 100 or 01632 960001")
    ]


def test_hours_without_anybody_say_so_in_their_place() -> None:
    rule = RotaRule("Europe/London", (layer("first", 1, DAYTIME),))
    gaps = {1: [(BEGINS + 8 * HOUR, BEGINS + 9 * HOUR)]}
    rota = RotaSheet("sio", "Officers", rule, None, (duty(WREN, 9, 20),), gaps)
    assert [name for *_, name, _ in turns(sheet(rotas=(rota,)))] == [NOBODY, "Dr Wren, Consultant"]


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [words.moment(twice + hours * HOUR, LONDON) for hours in range(-1, 3)] == [
        "Sun 25 Oct 00:30", "Sun 25 Oct 01:30 BST", "Sun 25 Oct 01:30 GMT", "Sun 25 Oct 02:30",
    ]  # fmt: skip


def test_the_ladder_names_rotas_and_waits_and_leaves_out_notices() -> None:
    (ladder,) = sheet()["ladders"]
    assert ladder["title"] == "Child death joint response: Rapid response, health"
    assert ladder["repeat"] == 2
    assert ladder["steps"] == [
        {"who": "Rapid response, health", "wait": "2 minutes"}, {"who": "Designated doctors", "wait": "90 seconds"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "who"),
    [
        ({"kind": "person", "person": "wren"}, "Dr Wren, 07700 900 100"),
        ({"kind": "person", "person": "who-left"}, f"Who left, {NO_NUMBER}"),
        ({"kind": "team", "team": "night", "members": ["wren", "who-left"]},
         f"Night, in turn: Dr Wren, 07700 900 100 or Who left, {NO_NUMBER}"),
        ({"kind": "directory", "role": "paediatrician"}, "Ward desk (North) or Night desk"),
        ({"kind": "contact", "contact": "night"}, "Night desk"),
        ({"kind": "rota", "role": "paediatrician", "position": 2}, "Rapid response, health, second on call"),
        ({"kind": "webhook", "endpoint": "agency-system"}, "Agency system (another system)"),
    ],
)  # fmt: skip
def test_each_step_says_whom_to_ring_as_paper_knows_them(target: dict[str, Any], who: str) -> None:
    desks = (Desk("ward", "Ward desk", "paediatrician", "North", "", "07700900140"),
             Desk("night", "Night desk", "paediatrician", "", "", "07700900142"))  # fmt: skip
    step = {"target": target, "channels": ["sms"], "acknowledge_within": 60}
    slot = SlotPolicy.model_validate({"role": "paediatrician", "template": "page", "steps": [step]})
    data = sheet(desks=desks, policies={"call": [slot]})
    assert [one["who"] for one in data["ladders"][0]["steps"]] == [who]
    assert [(desk["name"], desk["address"]) for desk in data["desks"]] == [
        ("Ward desk (North)", "07700 900 140"), ("Night desk", "07700 900 142"),
    ]  # fmt: skip


def test_a_step_that_does_not_always_stand_says_when() -> None:
    hours = [{"weekdays": [0, 1, 2, 3, 4], "start": "17:00", "end": "08:00", "bank_holidays": "except"}]
    step = {"target": {"kind": "person", "person": "wren"}, "channels": ["sms"], "only_between": hours}
    slot = SlotPolicy.model_validate({"role": "paediatrician", "template": "page", "steps": [step]})
    (said,) = sheet(policies={"call": [slot]})["ladders"][0]["steps"]
    assert said["who"] == (
        "Dr Wren, 07700 900 100 (only: Monday to Friday 17:00 to 08:00 the next day, not on bank holidays)"
    )


def test_who_answers_outside_the_hours_is_named_or_said_to_be_nobody() -> None:
    first, second = sheet()["rotas"]
    assert first["hours"] == ["Every day 08:00 to 20:00"]
    assert first["otherwise"].endswith("Designated doctors.")
    assert second["otherwise"] == "Nobody is named for other hours."
    always = RotaRule("Europe/London", (layer("first", 1, Window(ALL_DAYS, time(0), time(0))),))
    (whole,) = sheet(rotas=(RotaSheet("sio", "Officers", always, None, (), {}),))["rotas"]
    assert (whole["hours"], whole["otherwise"]) == (["Every day all day and night"], "")


@pytest.mark.parametrize(
    ("code", "said"),
    [("child-death-police-oncall-alert", "Child death police on-call alert"), ("removal-from-uk", "Removal from UK"),
     ("childrens_social_care", "Children's social care"), ("sio", "SIO")],
)  # fmt: skip
def test_codes_are_spelt_as_people_spell_them(code: str, said: str) -> None:
    assert words.readable(code) == said


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (Window(ALL_DAYS, time(0), time(0)), words.ALWAYS),
        (Window(frozenset(range(5)), time(9), time(17), BankHolidays.EXCEPT),
         "Monday to Friday 09:00 to 17:00, not on bank holidays"),
        (Window(frozenset({5, 6}), time(20), time(8)), "Saturday and Sunday 20:00 to 08:00 the next day"),
        (Window(frozenset({0, 2, 4}), time(9), time(17), BankHolidays.ONLY),
         "Monday, Wednesday and Friday 09:00 to 17:00, on bank holidays only"),
        (Window(frozenset({3}), time(9), time(17)), "Thursday 09:00 to 17:00"),
    ],
)  # fmt: skip
def test_hours_of_cover_in_words(window: Window, said: str) -> None:
    assert words.hours([window, window]) == [said]


def test_the_digest_changes_with_a_number_and_with_nothing_else() -> None:
    before = digest(sheet(duty(WREN, 8, 20)))
    assert digest(sheet(duty(WREN, 8, 20))) == before
    people = {WREN: PrintedPerson("Dr Wren", "Consultant", ("07700900101",))}
    assert digest(sheet(duty(WREN, 8, 20), people=people)) != before
    assert (
        digest(sheet(duty(WREN, 8, 20), desks=(Desk("coroner", "Coroner", "coroner", "", "", "a@example.org"),)))
        != before
    )
