"""Gates, criteria, look-backs and fixed dates: what is asked in place of a due instant."""

from typing import Any

import pytest

from backend.clocks.dates import FuzzyDate
from backend.clocks.kernel import timing_of
from backend.clocks.limits import Span, Unit
from backend.clocks.situation import Choices
from backend.clocks.timing import Effect, Missing, Reason, Window
from support.clock_rules import ENGLAND, rule, situation, timed, utc


def test_a_gate_is_shut_until_its_duty_is_done_or_an_exemption_is_recorded() -> None:
    discharge = rule(kind="gate", before="discharge", met_by="authorities-told", exempt_if="not-local")
    shut = timed(discharge)
    assert (shut.holds, shut.due_at) == (True, None)
    assert shut.missing == Missing(Reason.NO_DATE_OF_ITS_OWN, ("authorities-told",))
    assert timed(discharge, authorities_told="2026-11-23T12:00").holds is False
    assert timed(discharge, authorities_told="2026-11-23T12:01").holds is True, "what is only planned opens nothing"
    assert timed(discharge, facts={"not-local": True}).holds is False
    assert timed(discharge, facts={"not-local": "yes"}).holds is True


@pytest.mark.parametrize(
    ("begins", "ends", "now", "expected"),
    [
        ("2026-11-02", "2026-11-30", "2026-11-02T09:00", True),
        ("2026-11-02", "2026-11-29", "2026-11-02T09:00", False),
        ("2026-11-02", None, "2026-11-29T23:59", False),
        ("2026-11-02", None, "2026-11-30T00:00", True),
    ],
)
def test_a_stay_of_twenty_eight_days_counts_on_its_first_day_if_planned(
    begins: str, ends: str | None, now: str, *, expected: bool
) -> None:
    """Private fostering, Working Together 2005 ¶10.13."""
    stay = rule(
        kind="criterion", opens="private-fostering",
        test={"begins": "placed", "ends": "leaves", "at_least": {"value": 28, "unit": "calendar_days"}},
    )  # fmt: skip
    told: dict[str, Any] = {"placed": begins} | ({"leaves": ends} if ends else {})
    assert timing_of(stay, situation(now, **told)).holds is expected
    assert timed(stay).missing == Missing(Reason.AWAITING_START, ("placed",))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2025-03-01", "2026-02-28"], True),
        (["2025-03-01", "2026-03-01"], False),
        (["2026-01-05T09:00", "2026-01-05T18:00"], False),
        (["2024-01-05", "2026-02-01", "2026-03-01"], True),
    ],
)
def test_two_different_days_in_any_twelve_months(days: list[str], *, expected: bool) -> None:
    twice = rule(kind="criterion", test={
        "event": "stayed", "by": "days", "at_least": 2, "within": {"value": 12, "unit": "months"},
    })  # fmt: skip
    assert timed(twice, stayed=days).holds is expected


def test_occurrences_on_one_day_count_each_and_hours_are_a_window_too() -> None:
    calls = ["2026-01-05T09:00", "2026-01-05T18:00", "2026-01-06T09:00"]
    twice = rule(kind="criterion", test={"event": "call", "at_least": 2})
    assert timed(twice, call=calls[:2]).holds is True
    for hours, expected in ((24, False), (25, True)):
        within = {"value": hours, "unit": "hours"}
        thrice = rule(kind="criterion", test={"event": "call", "at_least": 3, "within": within})
        assert timed(thrice, call=calls).holds is expected


def test_how_many_missed_appointments_make_a_series_is_the_partnerships_number() -> None:
    series = rule(kind="criterion", test={"event": "missed", "setting": "missed-appointments"})
    told = ["2026-01-05", "2026-02-05"]
    assert timed(series, missed=told).missing == Missing(Reason.SETTING_NOT_MADE, ("missed-appointments",))
    for number, expected in ((2, True), (3, False)):
        assert timed(series, missed=told, choices=Choices(counts={"missed-appointments": number})).holds is expected


@pytest.mark.parametrize(
    ("months", "exclusive", "unit", "expected"),
    [(30, False, "months", True), (30, True, "months", False), (31, True, "months", True), (2.5, False, "years", True)],
)
def test_thirty_months_or_more_is_not_more_than_thirty(
    months: float, unit: str, *, exclusive: bool, expected: bool
) -> None:
    sentence = rule(kind="criterion", test={
        "fact": "custody", "at_least": {"value": 30, "unit": "months"}, "exclusive": exclusive,
    })  # fmt: skip
    assert timed(sentence, facts={"custody": Span(value=months, unit=Unit(unit))}).holds is expected
    assert timed(sentence).missing == Missing(Reason.FACT_NOT_RECORDED, ("custody",))
    with pytest.raises(ValueError, match="cannot be compared with 30 months; record it in months"):
        timed(sentence, facts={"custody": Span(value=900, unit=Unit.CALENDAR_DAYS)})


@pytest.mark.parametrize(
    ("limit", "happened", "expected"),
    [
        ({"value": 24, "unit": "hours"}, "2026-11-01T10:00", True),
        ({"value": 24, "unit": "hours"}, "2026-11-01T09:59", False),
        ({"value": 24, "unit": "hours"}, "2026-11-02T10:01", False),
        ({"value": 6, "unit": "months"}, "2026-05-02", True),
        ({"value": 6, "unit": "months"}, "2026-05-01", False),
    ],
)
def test_looking_back_from_an_event(limit: dict[str, Any], happened: str, *, expected: bool) -> None:
    back = rule(kind="look_back", start={"event": "death"}, limit=limit, looks_for="seen")
    assert timed(back, death="2026-11-02T10:00", seen=happened).holds is expected
    assert timed(back, seen=happened).missing == Missing(Reason.AWAITING_START, ("death",))


def test_a_look_back_shows_its_span() -> None:
    back = rule(kind="look_back", start={"event": "move"}, limit={"value": 6, "unit": "months"}, looks_for="plan-ended")
    found = timed(back, move="2026-08-31T10:00")
    assert (found.provisional, found.holds) == (Window(utc("2026-02-28T00:00"), utc("2026-08-31T09:00")), False)


def test_a_season_may_have_begun_without_being_certain() -> None:
    """The next edition is due in the autumn of a year."""
    edition = rule(kind="fixed_date", date="autumn 2008", setting="next-edition")
    answers = {"2008-08-31T23:59": False, "2008-09-15T09:00": None, "2008-11-30T00:00": True}
    for now, holds in answers.items():
        found = timed(edition, now)
        assert (found.due_at, found.effect, found.holds) == (utc("2008-08-31T23:00"), Effect.TAKES_EFFECT, holds)
        assert found.provisional == Window(utc("2008-08-31T23:00"), utc("2008-12-01T00:00"))
    own = Choices(dates={"next-edition": FuzzyDate.parse("2008-10-06")})
    exact = timing_of(edition, situation("2008-10-06T00:00", choices=own, calendar=ENGLAND))
    assert (exact.due_at, exact.holds, exact.provisional) == (utc("2008-10-05T23:00"), True, None)
