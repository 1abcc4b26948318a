"""Lengths of time on the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tenants.thresholds.spans import Span

DAYS = st.dates(date(1950, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "span", "after"),
    [
        (date(2026, 1, 31), Span(months=1), date(2026, 2, 28)),
        (date(2024, 2, 29), Span(years=2), date(2026, 2, 28)),
        (date(2024, 2, 29), Span(years=4), date(2028, 2, 29)),
        (date(2026, 12, 31), Span(months=2), date(2027, 2, 28)),
        (date(2026, 3, 28), Span(weeks=1), date(2026, 4, 4)),
    ],
)
def test_months_and_years_end_with_the_month(day: date, span: Span, after: date) -> None:
    assert span.after(day) == after


@given(DAYS, st.integers(1, 600))
def test_days_and_weeks_are_taken_back_exactly(day: date, number: int) -> None:
    for span in (Span(days=number), Span(weeks=number)):
        assert span.before(span.after(day)) == day
    assert Span(days=number).after(day) - day == timedelta(days=number)


@given(DAYS, DAYS, st.integers(1, 240))
def test_whoever_begins_later_never_ends_earlier(one: date, other: date, months: int) -> None:
    first, last = sorted((one, other))
    assert Span(months=months).after(first) <= Span(months=months).after(last)
    assert Span(months=months).after(first) > first


@pytest.mark.parametrize("given_", [{}, {"days": 1, "weeks": 1}, {"days": 0}, {"hours": 1}])
def test_a_span_is_exactly_one_length(given_: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Span.model_validate(given_)
