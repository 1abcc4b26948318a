"""Whether a child on record may be the one who is asked about, and whether it would be wrong to deny it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cases.children.identity import address_key, search_key
from backend.registers.enquiries.likeness import Terms, Why, dates_like, is_likely, is_near, likeness, may_be_the_child
from backend.registers.enquiries.told import digits_of

BORN = date(2018, 4, 5)
DAYS = st.dates(date(1990, 1, 1), date(2026, 12, 31))
HOME = "3 Made-up Lane, Nowhere-on-the-Wold"


def why(
    *names: str, born: date | None = None, address: str | None = None, on_record: str = "Teasel Testchild",
    alike: float = 0.0, record_born: date | None = BORN, home: str | None = HOME,
) -> tuple[Why, ...]:  # fmt: skip
    return likeness(
        Terms(names, born, address), search_name=search_key(on_record), name_alike=alike, born=record_born,
        address_keys=[address_key(home)] if home else [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "likely"),
    [
        (why("TESTCHILD, Teasel", born=BORN), True),
        (why("Tesel Testchild", born=date(2018, 5, 4), alike=0.7), True),
        (why("Teasel", born=date(2019, 4, 5)), True),
        (why("Teasel", born=None), False),
        (why("Somebody", born=BORN), False),
        (why("Somebody", born=BORN, address="3 made up lane nowhere on the wold"), True),
        (why("Tesel", alike=0.5, address=HOME.upper()), True),
        (why("Tesel Testchild", born=date(2009, 1, 30), alike=0.7), False),
    ],
)
def test_a_child_is_likely_by_two_things_that_agree(found: tuple[Why, ...], likely: bool) -> None:  # noqa: FBT001
    assert is_likely(found) is likely


def test_a_name_that_is_only_alike_is_somebody_elses_when_the_birthdays_are_far_apart() -> None:
    far = why("Tesel Testchild", born=date(2009, 1, 30), alike=0.7)
    assert not may_be_the_child(far, births_known=True)
    unknown = why("Tesel Testchild", alike=0.7)
    assert may_be_the_child(unknown, births_known=False), "without a birthday it is for a person to weigh"
    same = why("Teasel Testchild", born=date(2009, 1, 30))
    assert may_be_the_child(same, births_known=True), "the very name is always shown"


@given(DAYS, DAYS)
def test_nearness_of_dates_is_the_same_from_either_side_within_a_month(one: date, other: date) -> None:
    if abs(one - other) <= timedelta(days=31):
        assert is_near(one, other)
        assert is_near(other, one)
    assert is_near(one, one)


@given(DAYS)
def test_a_date_is_like_itself_and_like_few_others(day: date) -> None:
    assert day in dates_like(day)
    assert len(dates_like(day)) <= 4


@pytest.mark.parametrize("number", ["01632 960103", "+44 1632 960103", "0044 (0)1632 960103", "(01632) 960-103"])
def test_a_number_is_the_same_however_it_is_written(number: str) -> None:
    assert digits_of(number) == "01632960103"
