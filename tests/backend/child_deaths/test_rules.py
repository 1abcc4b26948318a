"""What decides the response to a death, without a database."""

import calendar
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.cases.children.identity import age_at, is_nhs_number, same_name
from backend.child_deaths.rules import is_unexpected, jurisdiction, local_date

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
NINE_DIGITS = st.text("0123456789", min_size=9, max_size=9)
WORDS = st.text("abcdefghijklmnopqrstuvwxyzàéîöŵŷ", min_size=1, max_size=12)
NORTH, WEST, EAST = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("anticipated", "collapse", "unexpected"),
    [(False, False, True), (False, True, True), (True, False, False), (True, True, True)],
)
def test_a_death_is_unexpected_unless_foreseen_and_without_such_a_collapse(
    anticipated: bool,  # noqa: FBT001
    collapse: bool,  # noqa: FBT001
    unexpected: bool,  # noqa: FBT001
) -> None:
    assert is_unexpected(anticipated_24h_before=anticipated, unexpected_collapse=collapse) is unexpected


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 3, 2), date(2026, 3, 1), 17),
        (date(2008, 3, 2), date(2026, 3, 2), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_changes_on_the_birthday(born: date, day: date, age: int) -> None:
    assert age_at(born, day) == age


@given(born=DAYS, later=st.integers(0, 120))
def test_a_birthday_adds_one_year_and_no_other_day_does(born: date, later: int) -> None:
    year = born.year + later
    is_leap_child = (born.month, born.day) == (2, 29)
    birthday = date(year, 3, 1) if is_leap_child and not calendar.isleap(year) else born.replace(year=year)
    assert age_at(born, birthday) == later
    assert age_at(born, birthday - timedelta(days=1)) == later - 1


@given(born=DAYS, one=DAYS, other=DAYS)
def test_nobody_gets_younger(born: date, one: date, other: date) -> None:
    assume(one <= other)
    assert age_at(born, one) <= age_at(born, other)


def test_the_day_of_a_death_is_the_local_one() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert local_date(late, "Europe/London") == date(2026, 7, 1)
    assert local_date(late, "UTC") == date(2026, 6, 30)


@pytest.mark.parametrize("number", ["9434765919", "4010232137", "9999999999", "0000000000"])
def test_nhs_numbers_with_the_right_check_digit(number: str) -> None:
    assert is_nhs_number(number)


@pytest.mark.parametrize(
    "number", ["", "943476591", "94347659190", "9434765918", "943 476 5919", "943476591X", "9434765919\n", "٩٤٣٤٧٦٥٩١٩"]
)
def test_nhs_numbers_that_are_none(number: str) -> None:
    assert not is_nhs_number(number)


@given(NINE_DIGITS)
def test_at_most_one_check_digit_fits(nine: str) -> None:
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(nine))
    wanted = 11 - weighted % 11
    fitting = [digit for digit in range(10) if is_nhs_number(f"{nine}{digit}")]
    assert fitting == ([] if wanted == 10 else [wanted % 11])


@given(nine=NINE_DIGITS, place=st.integers(0, 8), wrong=st.integers(1, 9))
def test_one_mistyped_digit_is_noticed(nine: str, place: int, wrong: int) -> None:
    right = next((f"{nine}{digit}" for digit in range(10) if is_nhs_number(f"{nine}{digit}")), None)
    assume(right is not None)
    assert right is not None
    other = (int(right[place]) + wrong) % 10
    assert not is_nhs_number(f"{right[:place]}{other}{right[place + 1 :]}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fernleaf Testchild", "FERNLEAF TESTCHILD"),
        ("Fernleaf Testchild", "Fernleaf Moss Testchild"),
        ("Fernleaf Testchild", "Testchild, Fernleaf"),
        ("Fernleaf-Moss Testchild", "Fernleaf Moss Testchild"),
        ("Gwenllïan Ŵyn", "gwenllïan  ŵyn"),
        ("Straße Kind", "STRASSE KIND"),
    ],
)
def test_names_that_may_be_one_childs(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Fernleaf Testchild", "Fernleaf Other"), ("Fernleaf", "Fern"), ("Fernleaf", ""), ("", ""), ("👶", "👶")],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert not same_name(one, other)


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_a_name_is_its_own_in_any_case_and_order(words: list[str]) -> None:
    assert same_name(" ".join(words), " ".join(reversed(words)).upper())


@given(one=st.text(max_size=60), other=st.text(max_size=60))
def test_comparing_names_is_symmetric_and_never_fails(one: str, other: str) -> None:
    assert same_name(one, other) == same_name(other, one)


def test_each_of_three_tests_decides_one_thing() -> None:
    found = jurisdiction(coroner_area_id=NORTH, area_of_death_id=WEST, home_area_id=EAST, home_area_outside=None)
    assert (found.coroner_area_id, found.response_area_id, found.review_area_id) == (NORTH, WEST, EAST)
    assert not found.tell_both


def test_a_home_outside_is_reviewed_there_and_both_panels_are_told() -> None:
    found = jurisdiction(coroner_area_id=NORTH, area_of_death_id=WEST, home_area_id=None, home_area_outside="Rutland")
    assert (found.review_area_id, found.review_outside) == (None, "Rutland")
    assert found.tell_both
