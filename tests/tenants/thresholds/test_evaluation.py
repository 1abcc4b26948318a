"""From what is recorded to what it suggests: numbers, windows, ages, and two partnerships side by side."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.thresholds.files import of_archetype
from tenants.thresholds.continuum import Continuum
from tenants.thresholds.evaluation import NO_BIRTH_DATE, Observed, OfChild, Suggestion, suggest

TODAY = date(2026, 11, 20)
CHILD = OfChild(UUID(int=1), born_on=date(2020, 5, 4))
ANN, BEN = UUID(int=11), UUID(int=12)


def shipped(name: str) -> Continuum:
    found = of_archetype(name)
    assert found is not None
    return found


CAMBS = shipped("cambs-peterborough")


def seen(
    indicator: str, ago: int = 0, *, child: OfChild | None = None, adult: UUID | None = None, until: date | None = None
) -> Observed:
    return Observed(uuid4(), indicator, TODAY - timedelta(days=ago), until, child.child_id if child else None, adult)


def said(*observed: Observed, children: tuple[OfChild, ...] = (CHILD,), by: Continuum = CAMBS) -> Suggestion:
    return suggest(by, observed, children, TODAY)


def met(*observed: Observed, children: tuple[OfChild, ...] = (CHILD,)) -> set[str]:
    return {one.criterion.code for one in said(*observed, children=children).met}


def of(condition: dict[str, Any], **more: Any) -> Continuum:
    """A continuum with one criterion of one condition."""
    kinds = {"visit": "child", "missed": "adult", "state": "child"}
    return Continuum.model_validate({
        "title": "T", "edition": "E", "citation": "C", "domains": [{"code": "d", "name": "D"}],
        "levels": [{"code": "low", "name": "L", "description": "L", "citation": "C"},
                   {"code": "high", "name": "H", "description": "H", "citation": "C"}],
        "indicators": [{"code": code, "name": code, "domain": "d", "of": kind,
                        "nature": "state" if code == "state" else "event"} for code, kind in kinds.items()],
        "criteria": [{"code": "one", "text": "t", "suggests": "high", "citation": "C", "all": [condition]}],
        **more,
    })  # fmt: skip


def test_a_bruise_on_a_child_who_is_not_mobile_opens_a_medical_opinion_and_shows_what_it_goes_by() -> None:
    bruise, still = seen("bruise", child=CHILD), seen("not-mobile", 30, child=CHILD)
    (found,) = said(bruise, still).met
    assert found.criterion.code == "non-mobile-bruise"
    assert [each.pathway for each in found.criterion.opens] == ["injury-medical-opinion"]
    assert set(found.because) == {bruise.id, still.id}
    assert found.criterion.citation.endswith("L3725-3736")


def test_the_two_must_be_recorded_of_the_same_child() -> None:
    sister = OfChild(UUID(int=2), born_on=date(2025, 1, 1))
    recorded = seen("bruise", child=CHILD), seen("not-mobile", child=sister)
    assert met(*recorded, children=(CHILD, sister)) == set()


def test_a_state_that_has_ended_counts_no_more() -> None:
    bruise = seen("bruise", child=CHILD)
    assert met(bruise, seen("not-mobile", 30, child=CHILD, until=TODAY)) == set()
    assert met(bruise, seen("not-mobile", 30, child=CHILD, until=TODAY + timedelta(days=1))) == {"non-mobile-bruise"}


def missed(adult: UUID, *ago: int) -> list[Observed]:
    return [seen("missed-appointment", days, adult=adult) for days in ago]


def test_two_adults_who_each_miss_three_appointments_are_a_complex_need() -> None:
    found = said(*missed(ANN, 1, 20, 40), *missed(BEN, 2, 30, 60))
    assert found.level == "complex"
    assert [each.pathway for each in found.met[0].criterion.opens] == ["early-help-assessment"]
    assert len(found.met[0].because) == 6


@pytest.mark.parametrize(
    "recorded",
    [
        [*missed(ANN, 1, 20, 40), *missed(BEN, 2, 30)],  # one of them too few
        missed(ANN, 1, 2, 3, 4, 5, 6),  # one adult, however often
        [*missed(ANN, 1, 20, 40), *missed(BEN, 2, 60, 140)],  # too far apart
        [*missed(ANN, 1, 20, 40), *missed(BEN, 200, 210, 220)],  # too long ago
    ],
)
def test_less_than_that_is_not(recorded: list[Observed]) -> None:
    assert said(*recorded).level is None


@pytest.mark.parametrize(("people", "level"), [({}, "high"), ({"people": 1}, None)])
def test_so_often_is_of_all_adults_together_unless_it_is_said_of_how_many(
    people: dict[str, int], level: str | None
) -> None:
    rule = of({"indicator": "missed", "at_least": 3, **people})
    shared = [seen("missed", 1, adult=ANN), seen("missed", 2, adult=BEN), seen("missed", 3, adult=ANN)]
    assert said(*shared, by=rule).level == level
    assert said(*shared, seen("missed", 4, adult=ANN), by=rule).level == "high"


def test_three_in_three_months_end_before_three_months_have_passed_since_the_first() -> None:
    rule = of({"indicator": "missed", "at_least": 2, "within": {"months": 3}})
    on = [Observed(uuid4(), "missed", day, adult_id=ANN) for day in (date(2026, 8, 19), date(2026, 11, 19))]
    assert said(*on, by=rule).level is None
    on[1] = Observed(uuid4(), "missed", date(2026, 11, 18), adult_id=ANN)
    assert said(*on, by=rule).level == "high"


@pytest.mark.parametrize(("day", "level"), [(date(2026, 5, 20), "high"), (date(2026, 5, 19), None)])
def test_a_look_back_of_six_months_takes_in_the_day_six_months_ago(day: date, level: str | None) -> None:
    rule = of({"indicator": "visit", "looking_back": {"months": 6}})
    assert said(Observed(uuid4(), "visit", day), by=rule).level == level


@pytest.mark.parametrize(
    ("born", "level"),
    [
        (date(2013, 11, 20), None),  # thirteen today
        (date(2013, 11, 21), "specialist"),  # thirteen tomorrow
    ],
)
def test_a_birthday_counts_from_its_morning(born: date, level: str | None) -> None:
    child = OfChild(UUID(int=3), born_on=born)
    assert said(seen("sexual-activity", child=child), children=(child,)).level == level


def test_without_a_date_of_birth_it_is_said_what_is_lacking_and_nothing_is_assumed() -> None:
    child = OfChild(UUID(int=3))
    found = said(seen("sexual-activity", child=child), children=(child,))
    assert (found.level, found.met) == (None, ())
    assert [(one.criterion.code, one.lacks) for one in found.undecided] == [("sexual-activity-under-13", NO_BIRTH_DATE)]


def test_a_child_who_is_expected_is_under_every_age_and_over_none() -> None:
    child = OfChild(UUID(int=3), unborn=True)
    assert met(seen("dangerous-dog", child=child), children=(child,)) == {"dog-dangerous-near"}


def test_the_highest_level_of_several_children_is_suggested() -> None:
    sister = OfChild(UUID(int=2), born_on=date(2014, 1, 1))
    found = said(seen("unmet-need", child=CHILD), seen("sexual-activity", child=sister), children=(CHILD, sister))
    assert found.level == "specialist"
    assert {(one.child_id, one.criterion.suggests) for one in found.met} == {
        (CHILD.child_id, "emerging"), (sister.child_id, "specialist")
    }  # fmt: skip


def test_what_lies_in_the_future_is_not_there_yet() -> None:
    assert said(seen("abuse-or-neglect", -1, child=CHILD)).level is None


def test_a_partnership_without_levels_of_its_own_has_none_suggested_but_its_pathways_open() -> None:
    herts = shipped("hertfordshire")
    found = said(seen("serious-domestic-violence"), by=herts)
    assert found.level is None
    assert [each.pathway for one in found.met for each in one.criterion.opens] == ["initial-assessment"]


def test_the_agency_policy_has_three_branches_and_the_gravest_wins() -> None:
    agency = shipped("dv-organisation")
    assert agency.scheme == "dv-organisation"
    found = said(seen("concern", child=CHILD), seen("immediate-danger", child=CHILD), by=agency)
    assert found.level == "a"
    assert said(seen("concern", child=CHILD), by=agency).level == "c"


CODES = st.sampled_from([one.code for one in CAMBS.indicators])
OBSERVED = st.builds(
    lambda code, ago, adult: seen(code, ago, child=None, adult=adult),
    CODES, st.integers(0, 400), st.sampled_from([None, ANN, BEN]),
)  # fmt: skip
BORN = st.dates(TODAY - timedelta(days=18 * 365), TODAY)


def rank(found: Suggestion) -> int:
    return -1 if found.level is None else CAMBS.rank(found.level)


@given(st.lists(OBSERVED, max_size=12), OBSERVED, BORN)
def test_more_that_is_recorded_never_lowers_the_level(recorded: list[Observed], more: Observed, born: date) -> None:
    children = (OfChild(UUID(int=1), born_on=born),)
    before, after = said(*recorded, children=children), said(*recorded, more, children=children)
    assert rank(after) >= rank(before)
    assert {one.criterion.code for one in before.met} <= {one.criterion.code for one in after.met}


@given(st.lists(OBSERVED, max_size=12), st.randoms(use_true_random=False), BORN)
def test_the_order_in_which_it_was_recorded_makes_no_difference(recorded: list[Observed], mix: Any, born: date) -> None:
    children = (OfChild(UUID(int=1), born_on=born),)
    mixed = list(recorded)
    mix.shuffle(mixed)
    assert said(*mixed, children=children) == said(*recorded, children=children)


@given(st.lists(st.integers(0, 60), max_size=10), st.integers(2, 5), st.integers(1, 40))
def test_a_count_in_a_window_is_what_trying_every_window_finds(agos: list[int], number: int, days: int) -> None:
    rule = of({"indicator": "visit", "at_least": number, "within": {"days": days}})
    expected = any(sum(first <= ago < first + days for ago in agos) >= number for first in range(61))
    assert (said(*(seen("visit", ago) for ago in agos), by=rule).level == "high") is expected
