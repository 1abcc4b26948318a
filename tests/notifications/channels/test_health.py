"""When a channel leaves a provider and when it goes back. Pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.health import REST, Change, Evidence, State, judge, on_trial, order
from notifications.channels.models import ChangeKind, Condition

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMES = ["first", "second"]
GOOD = Evidence(attempts=100)


def degraded(ago: timedelta) -> State:
    return State(Condition.DEGRADED, NOW - ago)


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        (Evidence(3, 3, 0), True),
        (Evidence(10, 3, 0), True),
        (Evidence(2, 2, 0), False),
        (Evidence(100, 3, 0), False),
        (Evidence(5, 0, 5), True),
        (Evidence(4, 0, 4), False),
        (Evidence(100, 0, 29), False),
        (GOOD, False),
    ],
)
def test_errors_and_slowness_both_count_when_they_are_many_and_a_good_part(seen: Evidence, *, left: bool) -> None:
    changes = judge(NAMES, {}, {"first": seen, "second": GOOD}, NOW)
    assert [(change.provider, change.kind) for change in changes] == [("first", ChangeKind.DEGRADED)] * left


def test_nothing_is_moved_when_both_look_bad() -> None:
    bad = Evidence(10, 9, 0)
    assert judge(NAMES, {}, {"first": bad, "second": bad}, NOW) == []
    assert judge(NAMES, {"second": degraded(timedelta())}, {"first": bad}, NOW) == []


def test_an_only_provider_is_never_left() -> None:
    assert judge(["only"], {}, {"only": Evidence(10, 10, 10)}, NOW) == []


def test_it_goes_back_after_a_rest_and_a_clean_trial_and_not_sooner() -> None:
    states = {"first": degraded(REST - timedelta(seconds=1))}
    assert judge(NAMES, states, {"first": Evidence(9, 0, 0)}, NOW) == []
    states = {"first": degraded(REST)}
    assert judge(NAMES, states, {"first": Evidence(4, 0, 0)}, NOW) == []
    assert [change.kind for change in judge(NAMES, states, {"first": Evidence(5)}, NOW)] == [ChangeKind.RECOVERED]


@pytest.mark.parametrize("seen", [Evidence(1, 1, 0), Evidence(20, 0, 1)])
def test_one_fault_on_trial_sends_it_to_rest_again(seen: Evidence) -> None:
    (change,) = judge(NAMES, {"first": degraded(REST)}, {"first": seen}, NOW)
    assert isinstance(change, Change)
    assert change.kind is ChangeKind.STILL_DEGRADED
    assert "on trial" in change.reason


def test_the_order_is_that_at_rest_then_without_the_degraded_then_as_pinned() -> None:
    assert order(NAMES, {}, NOW, trial=True) == NAMES
    states = {"first": degraded(REST)}
    assert order(NAMES, states, NOW, trial=False) == ["second", "first"]
    assert order(NAMES, states, NOW, trial=True) == ["first", "second"]
    assert order(NAMES, {"first": degraded(timedelta())}, NOW, trial=True) == ["second", "first"]
    pinned = {"second": State(Condition.DEGRADED, NOW, pinned=True)}
    assert order(NAMES, pinned, NOW, trial=False) == ["second", "first"]


@given(
    since=st.integers(0, 3600).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    pinned=st.booleans(),
    condition=st.sampled_from(Condition),
    trial=st.booleans(),
)
def test_no_condition_ever_drops_a_provider(
    since: datetime, condition: Condition, *, pinned: bool, trial: bool
) -> None:
    states = {"first": State(condition, since, pinned)}
    assert sorted(order(NAMES, states, NOW, trial=trial)) == NAMES
    assert on_trial(states["first"], NOW) <= (condition is Condition.DEGRADED)
