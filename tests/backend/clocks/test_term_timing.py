"""Expiries, minimum terms, ranges, risk windows and portfolio targets."""

from datetime import date

import pytest

from backend.clocks.term_timing import share_kept
from backend.clocks.timing import Effect, Extended, Missing, Reason, Window
from support.clock_rules import rule, timed, utc

ORDER = rule(
    kind="expiry", start={"event": "made"}, limit={"value": 8, "unit": "calendar_days"}, force="must",
    extension={"granted": "extended", "limit": {"value": 7, "unit": "calendar_days"}, "until": "extended-to"},
    ended_by="discharged", warn_before=[{"value": 2, "unit": "calendar_days"}],
)  # fmt: skip


def test_an_emergency_protection_order_lapses_after_eight_days_and_up_to_seven_more() -> None:
    """Working Together 2005 appendix 1 ¶16."""
    found = timed(ORDER, "2026-11-05T09:00", made="2026-11-02T15:00")
    assert (found.last_day, found.effect, found.extension) == (date(2026, 11, 10), Effect.LAPSES, Extended.POSSIBLE)
    assert (found.holds, found.overdue, found.warn_at) == (True, False, (utc("2026-11-09T00:00"),))
    extended = timed(ORDER, "2026-11-12T09:00", made="2026-11-02T15:00", extended="2026-11-10T16:00")
    assert (extended.last_day, extended.extension, extended.holds) == (date(2026, 11, 17), Extended.USED, True)
    assert extended.trace[-1] == "Extended once, on Tue 10 Nov 2026: end of Tue 17 Nov 2026."
    for until, last in (("2026-11-13", 13), ("2026-11-30", 17)):
        agreed = timed(ORDER, made="2026-11-02T15:00", extended="2026-11-10T16:00", extended_to=until)
        assert agreed.last_day == date(2026, 11, last)


def test_a_second_extension_counts_for_nothing() -> None:
    twice = timed(ORDER, made="2026-11-02T15:00", extended=["2026-11-09T16:00", "2026-11-16T16:00"])
    assert twice.last_day == date(2026, 11, 17)


def test_a_lapsed_order_is_no_overdue_task_and_cannot_be_extended() -> None:
    found = timed(ORDER, "2026-11-20T09:00", made="2026-11-02T15:00")
    assert (found.holds, found.overdue, found.extension) == (False, False, Extended.TOO_LATE)
    late = timed(ORDER, "2026-11-20T09:00", made="2026-11-02T15:00", extended="2026-11-11T00:00")
    assert (late.last_day, late.holds) == (date(2026, 11, 10), False)
    assert late.trace[-1].startswith("The extension of 00:00 on Wed 11 Nov 2026 came after the limit")


def test_a_discharged_order_expires_no_more() -> None:
    found = timed(ORDER, "2026-11-07T09:00", made="2026-11-02T15:00", discharged="2026-11-06T11:00")
    assert (found.due_at, found.missing, found.holds) == (None, Missing(Reason.ENDED, ("discharged",)), False)


def test_police_protection_lasts_seventy_two_hours_to_the_minute() -> None:
    """Working Together 2005 appendix 1 ¶13; the clocks go back in its second night."""
    protection = rule(kind="expiry", start={"event": "taken"}, limit={"value": 72, "unit": "hours"}, force="must")
    found = timed(protection, "2026-10-26T00:00", taken="2026-10-23T22:30")
    assert (found.due_at, found.last_day, found.extension) == (utc("2026-10-26T21:30"), None, None)


@pytest.mark.parametrize(("born", "lapses"), [("2008-06-15", "2026-06-14T23:00"), ("2008-02-29", "2026-02-28T00:00")])
def test_a_plan_ends_as_the_child_turns_eighteen(born: str, lapses: str) -> None:
    """Working Together 2005 ¶4.115."""
    plan = rule(
        kind="expiry", start={"event": "birth"}, limit={"value": 18, "unit": "years"}, lapses="beginning_of_day"
    )
    found = timed(plan, birth=born)
    assert found.due_at == utc(lapses)
    assert found.trace[-1].startswith("It lapses as that day begins: 00:00 on")


def test_a_minimum_term_is_over_only_when_the_latest_that_it_may_mean_has_passed() -> None:
    order = rule(kind="minimum_term", start={"event": "made"}, limit={"value": 5, "unit": "years"})
    exact = timed(order, "2031-03-01T23:59", made="2026-03-01")
    assert (exact.due_at, exact.effect, exact.holds) == (utc("2031-03-02T00:00"), Effect.ALLOWED_FROM, True)
    rough = timed(order, "2031-06-01T12:00", made="spring 2026")
    assert rough.provisional == Window(utc("2031-03-02T00:00"), utc("2031-05-31T23:00"))
    assert (rough.due_at, rough.holds, rough.overdue) == (utc("2031-05-31T23:00"), False, False)
    assert rough.trace[-1].startswith("The start is known only as spring 2026; it may be as late as the end of")


def test_a_final_discussion_is_planned_eight_to_twelve_weeks_after_a_death_without_a_breach() -> None:
    """Working Together 2005 ¶5.41."""
    final = rule(
        kind="range", start={"event": "death"}, earliest={"value": 8, "unit": "weeks"},
        latest={"value": 12, "unit": "weeks"}, met_by="held",
    )  # fmt: skip
    found = timed(final, "2027-06-01T09:00", death="2026-11-02T03:00")
    assert found.provisional == Window(utc("2026-12-28T00:00"), utc("2027-01-26T00:00"))
    assert (found.effect, found.overdue) == (Effect.REMINDER, False)
    provisional = rule(kind="range", start={"event": "second"}, latest={"value": 12, "unit": "weeks"})
    assert timed(provisional, second="2026-11-02T10:00").provisional == Window(
        utc("2027-01-25T00:00"), utc("2027-01-26T00:00")
    )


@pytest.mark.parametrize(
    ("now", "raised"),
    [("2026-11-02T09:59", False), ("2026-11-02T10:00", True), ("2026-11-05T09:59", True), ("2026-11-05T10:00", False)],
)
def test_a_watch_is_raised_for_seventy_two_hours_and_nothing_is_overdue(now: str, *, raised: bool) -> None:
    watch = rule(kind="risk_window", start={"event": "arrived"}, limit={"value": 72, "unit": "hours"})
    found = timed(watch, now, arrived="2026-11-02T10:00")
    assert (found.holds, found.effect, found.overdue) == (raised, Effect.WATCH_ENDS, False)
    assert found.provisional == Window(utc("2026-11-02T10:00"), utc("2026-11-05T10:00"))


def test_eighty_per_cent_in_a_month_is_told_of_all_cases_and_of_none() -> None:
    target = rule(
        kind="target", start={"event": "opened"}, limit={"value": 1, "unit": "months"}, met_by="closed", per_cent=80
    )
    closed = ["2026-02-01T10:00", "2026-02-28T23:59", "2026-03-01T00:00"]
    found = [timed(target, opened="2026-01-31T10:00", closed=day) for day in closed]
    late = timed(target, opened="2026-01-31T10:00")
    early = timed(target, "2026-02-10T09:00", opened="2026-01-31T10:00")
    assert [one.kept for one in (*found, late, early)] == [True, True, False, None, None]
    assert {one.overdue for one in (*found, late)} == {False}
    assert share_kept([*found, late], utc("2026-11-23T12:00")) == 50
    assert share_kept([early], utc("2026-02-10T09:00")) is None
