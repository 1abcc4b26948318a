"""Who to call, from the question alone: areas, ages, hours, bank holidays, fall-backs, empty rotas."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.ladders.hours import Hours, covers
from notifications.rotas.rules import BankHolidays
from notifications.who_to_call.opening import begins, ends
from notifications.who_to_call.resolver import Answer, Asked, Desk, Point, Service, who_to_call
from tenants.calendars.working_days import england_bank_holidays
from tenants.contacts.service_models import PointKind, Visibility

wall = datetime.fromisoformat  # local wall times carry no zone
NORTH, SOUTH = UUID(int=1), UUID(int=2)
AREAS = {NORTH: "Northshire", SOUTH: "Southshire"}
HOLIDAYS = england_bank_holidays(range(2025, 2030))
OFFICE = (Hours(weekdays=(0, 1, 2, 3, 4), start=time(9), end=time(17), bank_holidays=BankHolidays.EXCEPT),)
MEMBERS = frozenset({Visibility.PUBLIC, Visibility.PROFESSIONAL})
TUESDAY = wall("2026-11-24 11:00")
CHRISTMAS = wall("2026-12-25 11:00")


def phone(number: str = "01632 960001", **more: Any) -> Point:
    return replace(Point(uuid4(), PointKind.PHONE, number), **more)


def service(code: str, *points: Point, **more: Any) -> Service:
    made = Service(uuid4(), code, code.title(), "Social care", frozenset({"referral"}), points=points)
    return replace(made, **more)


def ask(*services: Service, desks: tuple[Desk, ...] = (), people: dict[str, list[UUID]] | None = None,
        **asked: Any) -> Answer:  # fmt: skip
    question = Asked(NORTH, 5, "referral", TUESDAY, HOLIDAYS, MEMBERS)
    return who_to_call(
        replace(question, **asked), {one.id: one for one in services}, desks,
        lambda role, _: (people or {}).get(role, []), AREAS,
    )  # fmt: skip


def named(answer: Answer) -> list[str]:
    return [call.service.code for call in answer.calls]


NIGHT = service("night-team", phone("01632 960002"), topics=frozenset())
DAY = service("day-team", phone(hours=OFFICE), areas=frozenset({NORTH}), fallback_id=NIGHT.id)


def test_by_day_the_desk_of_the_area_and_the_next_fall_back_after_it() -> None:
    found = ask(NIGHT, DAY)
    assert named(found) == ["day-team", "night-team"]
    first, second = found.calls
    assert first.why == (
        "Day-Team answers about referral in Northshire.", "It is there until Tuesday 17:00.",
    )  # fmt: skip
    assert (first.value, first.until, first.stands_in_for) == ("01632 960001", wall("2026-11-24 17:00"), None)
    assert second.stands_in_for == "Day-Team"


@pytest.mark.parametrize("at", [wall("2026-11-24 17:00"), wall("2026-11-24 08:59"), wall("2026-11-28 12:00")])
def test_out_of_its_hours_the_team_that_stands_in_and_when_it_opens(at: datetime) -> None:
    found = ask(NIGHT, DAY, local=at)
    assert named(found) == ["night-team"]
    (closed,) = found.closed
    assert closed.service.code == "day-team"
    assert closed.opens is not None
    assert closed.opens.time() == time(9)
    assert closed.opens.weekday() < 5


def test_on_a_bank_holiday_the_desk_is_closed_until_the_next_working_day() -> None:
    found = ask(NIGHT, DAY, local=CHRISTMAS)
    assert named(found) == ["night-team"]
    # The day after is a Saturday, whose bank holiday is observed on Monday.
    assert found.closed[0].opens == wall("2026-12-29 09:00")


def test_another_areas_desk_is_not_the_one() -> None:
    south = service("south-team", phone(), areas=frozenset({SOUTH}))
    assert named(ask(DAY, NIGHT, south)) == ["day-team", "night-team"]
    assert named(ask(DAY, NIGHT, south, area_id=SOUTH)) == ["south-team"]


def test_the_number_of_the_area_comes_before_the_shared_one() -> None:
    both = service(
        "both", phone("01632 960005"), phone("01632 960006", area_id=NORTH), phone("01632 960007", area_id=SOUTH)
    )
    assert [call.value for call in ask(both).calls] == ["01632 960006", "01632 960005"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(4, ["infants", "all"]), (5, ["infants", "all"]), (6, ["all"]), (17, ["all"]), (None, ["infants", "all"])],
)
def test_the_age_band_ends_with_its_last_year_and_the_narrower_comes_first(
    age: int | None, expected: list[str]
) -> None:
    infants = service("infants", phone("01632 960008"), minimum_age=0, maximum_age=5)
    found = ask(service("all", phone()), infants, age=age)
    assert named(found) == expected
    if age is None:
        assert "the child's age was not given" in found.calls[0].why[0]


def test_an_empty_rota_is_passed_over_and_said() -> None:
    on_call = service("doctors", Point(uuid4(), PointKind.ROTA, "paediatrician"), fallback_id=NIGHT.id)
    person = uuid4()
    found = ask(on_call, NIGHT, people={"paediatrician": [person]})
    assert (found.calls[0].people, found.calls[0].value) == ((person,), None)
    empty = ask(on_call, NIGHT)
    assert named(empty) == ["night-team"]
    assert empty.closed[0].why.startswith("nobody is on call")


def test_a_desk_is_found_as_alerts_find_it() -> None:
    by_role = service("care", Point(uuid4(), PointKind.DESK, "social_care"))
    day = Desk("social_care", "North desk", "north@example.org", NORTH, OFFICE)
    always = Desk("social_care", "Night desk", "night@example.org", None, ())
    other = Desk("social_care", "South desk", "south@example.org", SOUTH, OFFICE)
    assert [call.value for call in ask(by_role, desks=(day, always, other)).calls] == ["north@example.org"]
    at: Any = {"local": wall("2026-11-24 03:00")}
    assert [call.value for call in ask(by_role, desks=(day, always, other), **at).calls] == ["night@example.org"]


def test_services_that_stand_in_for_each_other_are_each_named_once() -> None:
    one, other = service("one", phone(hours=OFFICE)), service("other", phone(hours=OFFICE))
    one, other = replace(one, fallback_id=other.id), replace(other, fallback_id=one.id)
    found = ask(one, other, local=CHRISTMAS)
    assert found.calls == ()
    assert sorted(each.service.code for each in found.closed) == ["one", "other"]


def test_what_somebody_may_not_see_is_not_there() -> None:
    secret = service("secret", phone(), visibility=Visibility.RESTRICTED)
    mixed = service("mixed", phone("01632 960010", visibility=Visibility.RESTRICTED), phone("01632 960011"))
    assert [call.value for call in ask(secret, mixed).calls] == ["01632 960011"]
    public = ask(secret, mixed, may_see=frozenset({Visibility.PUBLIC}))
    assert (public.calls, public.closed) == ((), ())


def test_a_service_that_nobody_can_reach_is_said_to_be_so() -> None:
    (closed,) = ask(service("bare")).closed
    assert closed.why == "no way to reach it is entered"


CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(tuple)
HOURS = st.builds(Hours, weekdays=DAYS, start=CLOCKS, end=CLOCKS, bank_holidays=st.sampled_from(BankHolidays))
WINDOWS = st.lists(HOURS, min_size=1, max_size=3)
MOMENTS = st.datetimes(wall("2026-01-01"), wall("2027-12-31")).map(lambda at: at.replace(second=0, microsecond=0))


@given(WINDOWS, MOMENTS)
def test_between_now_and_the_end_nothing_closes_and_between_now_and_the_opening_nothing_opens(
    hours: list[Hours], at: datetime
) -> None:
    now_open = covers(hours, at, HOLIDAYS)
    change = ends(hours, at, HOLIDAYS) if now_open else begins(hours, at, HOLIDAYS)
    horizon = min(change, at + timedelta(days=2)) if change else at + timedelta(days=2)
    step = at
    while step < horizon:
        assert covers(hours, step, HOLIDAYS) is now_open
        step += timedelta(minutes=30)
    if change is not None:
        assert covers(hours, change, HOLIDAYS) is not now_open


@given(st.permutations(["a", "b", "c", "d"]), st.integers(0, 20), MOMENTS)
def test_the_order_in_which_services_were_entered_makes_no_difference(order: list[str], age: int, at: datetime) -> None:
    made = {
        "a": service("a", phone(hours=OFFICE), areas=frozenset({NORTH})), "b": service("b", phone(), maximum_age=10),
        "c": service("c", phone(hours=OFFICE), minimum_age=5), "d": service("d", phone()),
    }  # fmt: skip
    straight = ask(*made.values(), age=age, local=at)
    assert named(ask(*(made[code] for code in order), age=age, local=at)) == named(straight)
    assert "d" in named(straight)
