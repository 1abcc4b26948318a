"""Generated families are the same for the same seed, lie in their year, and are plainly invented."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.pathways.definitions.library import shipped
from backend.sandbox import names
from backend.sandbox.families import families, family
from backend.sandbox.journeys import CONFERENCE, PLAN, REFERRAL
from backend.sandbox.plans import FamilyPlan, chance_of
from backend.sandbox.ways import way

SEEDS = st.integers(min_value=0, max_value=2**31)
UNTIL = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zone given
RESERVED = re.compile(r"07700 900\d{3}|01632 960\d{3}|020 7946 0\d{3}")


def sound(number: str) -> bool:
    """Whether the last of ten digits is the check digit of an NHS number."""
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(number[:9]))
    return len(number) == 10 and (11 - total % 11) % 11 == int(number[9])


@given(SEEDS, UNTIL, st.integers(1, 40), st.integers(1, 6))
def test_a_seed_gives_the_same_families_and_as_many_cases_as_are_wanted(
    seed: int, until: datetime, cases: int, areas: int
) -> None:
    made = list(families(seed, cases, until, areas))
    assert made == list(families(seed, cases, until, areas))
    assert all(one.cases for one in made)
    assert sum(len(one.cases) for one in made) == cases
    assert [one.number for one in made] == list(range(len(made)))
    assert all(0 <= one.area < areas for one in made)
    longer = list(families(seed, cases + 10, until, areas))
    assert longer[: len(made) - 1] == made[:-1], "more cases are the same ones and others"


def test_nothing_is_planned_for_the_hours_of_the_last_day_that_are_still_to_come() -> None:
    assert family(7, 8007, datetime(2026, 11, 22, 19, tzinfo=UTC), 2).cases


@given(SEEDS, UNTIL)
def test_everybody_is_plainly_invented(seed: int, until: datetime) -> None:
    for one in families(seed, 12, until, 2):
        street, _, place = one.address.partition(", ")
        assert place in names.PLACES
        assert street.split(" ", 1)[1] in names.STREETS
        assert len({child.name.split()[-1] for child in one.children}) == 1, "siblings have one last name"
        for child in one.children:
            first, last = child.name.split()
            assert last in names.LAST
            assert (first in names.FIRST) if child.born else (first == "Unborn")
            assert child.nhs_number is None or (child.nhs_number.startswith("999") and sound(child.nhs_number))
        for case in one.cases:
            assert RESERVED.fullmatch(case.telephone)
            assert case.referrer.split()[1] in names.LAST
            assert case.organisation is None or case.organisation in names.SCHOOLS


@given(SEEDS)
def test_every_kind_of_number_that_is_reserved_comes_up(seed: int) -> None:
    chance = chance_of(seed, 0)
    given_out = {names.telephone(chance) for _ in range(60)}
    assert all(RESERVED.fullmatch(number) for number in given_out)
    assert {number[:5] for number in given_out} == {"07700", "01632", "020 7"}


@given(SEEDS, UNTIL)
def test_nothing_happens_after_the_end_nor_before_the_children_are_there(seed: int, until: datetime) -> None:
    for one in families(seed, 12, until, 2):
        assert [case.opened_at for case in one.cases] == sorted(case.opened_at for case in one.cases)
        for case in one.cases:
            assert until - timedelta(days=1101) < case.opened_at < until
            born = [child.born for child in one.children if child.place in case.children and child.born]
            assert all(day < case.opened_at.date() for day in born)
            for leg in case.legs:
                assert case.opened_at <= leg.begins <= until
                assert all(leg.begins <= deed.at <= until for deed in leg.deeds), leg


def test_a_year_looks_like_a_year() -> None:
    until = datetime(2026, 11, 22, 13, tzinfo=UTC)
    made = list(families(7, 3_000, until, 2))
    cases = [case for one in made for case in one.cases]
    legs = {
        name: sum(leg.pathway == name for case in cases for leg in case.legs) for name in (REFERRAL, CONFERENCE, PLAN)
    }
    assert 0.9 < legs[REFERRAL] / len(cases) < 1
    assert 0.04 < legs[PLAN] / legs[REFERRAL] < 0.16
    assert legs[PLAN] < legs[CONFERENCE] < legs[REFERRAL] / 4
    assert 10 < sum(case.death is not None for case in cases) < 80
    months = [sum(case.opened_at.month == month for case in cases) for month in range(1, 13)]
    assert months[7] < min(months[9], months[10]), "in August schools are shut"
    again = [later.opened_at - first.opened_at for one in made for first, later in pairwise(one.cases)]
    assert 0.05 < sum(gap <= timedelta(days=365) for gap in again) / len(cases) < 0.3
    assert any(len(one.children) > 1 for one in made)
    lasted = [
        next((deed.at for deed in leg.deeds if deed.code == "ending"), until) - leg.begins
        for case in cases
        for leg in case.legs
        if leg.pathway == PLAN
    ]
    assert max(lasted) > timedelta(days=730), "some plans last over two years"


def test_a_way_leads_through_every_stage_of_the_shipped_definitions_that_can_be_left() -> None:
    definition = shipped().entries[REFERRAL].definition
    steps = way(definition, "before-referral", None) or []
    assert [step.to for step in steps] == ["intake", "consideration", "feedback", None]
    assert steps[2].option == "no-further-action", "of ways as short, the one that opens the fewest pathways"
    assert way(definition, "feedback", "intake") is None
    assert way(definition, "intake", "intake") == []


def test_a_family_is_told_by_its_number_alone() -> None:
    until = datetime(2026, 11, 22, 13, tzinfo=UTC)
    made: list[FamilyPlan] = list(families(3, 30, until, 2))
    assert len({case.reference for one in made for case in one.cases}) == 30
