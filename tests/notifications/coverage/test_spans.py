"""Sums of spans, held against counting minute by minute."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.coverage.spans import Span, common, length, merged, without

START = datetime(2026, 10, 24, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def minutes(spans: Iterable[Span]) -> set[int]:
    return {
        minute for begins, until in spans for minute in range((begins - START) // MINUTE, (until - START) // MINUTE)
    }


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 15)).map(lambda given: (at(given[0]), at(given[0] + given[1]))),
    max_size=8,
)


def tidy(spans: list[Span]) -> bool:
    """In order, none empty, none touching the next."""
    return all(begins < until for begins, until in spans) and all(
        spans[number][1] < spans[number + 1][0] for number in range(len(spans) - 1)
    )


@given(SPANS, SPANS)
def test_each_sum_is_that_of_the_minutes(one: list[Span], other: list[Span]) -> None:
    assert minutes(merged(one)) == minutes(one)
    assert minutes(common(one, other)) == minutes(one) & minutes(other)
    assert minutes(without(one, other)) == minutes(one) - minutes(other)
    assert length(one) == len(minutes(one)) * MINUTE
    assert tidy(merged(one))
    assert tidy(without(one, other))
