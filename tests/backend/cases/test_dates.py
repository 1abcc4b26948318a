"""Dates as they are remembered."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cases.chronology.dates import Occurred, Precision, fuzzy, written

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC), Precision.DAY),
        ("2026-07-01", datetime(2026, 6, 30, 23, tzinfo=UTC), Precision.DAY),  # summer time
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC), Precision.MONTH),
        ("2026-spring", datetime(2026, 3, 1, tzinfo=UTC), Precision.SEASON),
        ("2026-autumn", datetime(2026, 8, 31, 23, tzinfo=UTC), Precision.SEASON),
        ("2026-winter", datetime(2026, 12, 1, tzinfo=UTC), Precision.SEASON),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), Precision.YEAR),
    ],
)
def test_what_is_written_is_read_in_the_partnerships_zone(text: str, at: datetime, precision: Precision) -> None:
    assert fuzzy(text, LONDON) == Occurred(at, precision)


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-02-30", "2026-fall", "02/03/2026", "1899", "0000", "٢٠٢٦"])
def test_what_is_no_date_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be written|lies before 1900"):
        fuzzy(text, LONDON)


@given(st.dates(date(1900, 1, 1), date(9998, 12, 31)), st.sampled_from(["day", "month", "year", "season"]))
def test_a_date_is_written_as_it_was_read(day: date, precision: str) -> None:
    season = ("winter", "spring", "summer", "autumn")[day.month % 12 // 3]
    forms = {"day": day.isoformat(), "month": day.isoformat()[:7], "year": f"{day.year:04}",
             "season": f"{day.year:04}-{season}"}  # fmt: skip
    assert written(fuzzy(forms[precision], LONDON), LONDON) == forms[precision]


@given(st.text(max_size=12))
def test_any_text_is_read_as_it_was_written_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert written(fuzzy(text, LONDON), LONDON) == text
