"""Small numbers are kept back from whoever may not see them, and cannot be worked out from the others."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.statistics.asked import YEARS, AgeBand
from backend.statistics.definitions import STATISTICS, Code, Measure, Unit
from backend.statistics.disclosure import FEWEST, Figure, exact, guarded

COUNT = Measure("children", "Children.")
DAYS = Measure("median_days", "Days.", Unit.DAYS, "children")


@given(st.integers(0, 100_000))
def test_a_count_of_one_to_five_is_kept_back_and_others_are_rounded(count: int) -> None:
    shown = guarded({"children": float(count)}, [COUNT])["children"]
    assert shown.kept_back == (0 < count < FEWEST)
    assert (shown.value is None) == shown.kept_back
    if shown.value is not None:
        assert shown.value % 5 == 0
        assert abs(shown.value - count) <= 2
    assert exact({"children": float(count)}, [COUNT])["children"] == Figure(float(count))


@given(st.integers(6, 500), st.integers(1, 5))
def test_a_part_that_is_kept_back_does_not_follow_from_the_total(total: int, small: int) -> None:
    """As many totals and rests as there are small numbers look the same."""
    seen = [
        tuple(guarded({"children": float(count)}, [COUNT])["children"].value for count in (total + other, total))
        for other in range(small, small + 3)
    ]
    assert len(set(seen)) < 3


def test_a_figure_worked_out_from_few_is_kept_back_and_others_lose_their_fraction() -> None:
    few = guarded({"children": 5.0, "median_days": 12.5}, [COUNT, DAYS])
    assert few["median_days"] == Figure(None, kept_back=True)
    many = guarded({"children": 6.0, "median_days": 12.6}, [COUNT, DAYS])
    assert many["median_days"] == Figure(13.0)
    none = guarded({"children": 0.0, "median_days": None}, [COUNT, DAYS])
    assert none == {"children": Figure(0.0), "median_days": Figure(None)}


def test_every_statistic_says_what_it_counts_and_where_that_is_asked_for() -> None:
    assert STATISTICS.keys() == set(Code)
    for one in STATISTICS.values():
        assert "¶" in one.citation
        codes = [measure.code for measure in one.measures]
        assert len(set(codes)) == len(codes)
        assert all(measure.of in codes for measure in one.measures if measure.unit is Unit.DAYS)
        assert one.measures[0].unit is Unit.NUMBER


def test_the_age_bands_meet_and_cover_childhood() -> None:
    bands = [YEARS[band] for band in AgeBand]
    assert bands[0][0] == 0
    assert bands[-1][1] == 18
    assert all(earlier[1] == later[0] for earlier, later in pairwise(bands))
