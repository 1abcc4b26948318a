"""Part of B9: how many deadlines a second the clock kernel works out, over a dozen rules of many kinds.

Processor time counts, so that the figure says something on a machine that is busy with other work. The second
figure puts the working into sentences as well, which the product does only when somebody asks.
"""

import time as stopwatch
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.clocks.dates import FuzzyDate
from backend.clocks.kernel import timing_of
from backend.clocks.rules import Rule, parse_rule
from backend.clocks.situation import Situation
from tenants.calendars.working_days import Calendar, england_bank_holidays

BEGINS = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
ROUNDS = 5
SITUATIONS = 400

_LIMITS: tuple[dict[str, Any], ...] = (
    {"value": 24, "unit": "hours"}, {"value": 48, "unit": "hours"}, {"value": 0, "unit": "same_day"},
    {"value": 28, "unit": "calendar_days"}, {"value": 1, "unit": "working_days"}, {"value": 15, "unit": "working_days"},
    {"value": 35, "unit": "working_days"}, {"value": 6, "unit": "weeks"}, {"value": 3, "unit": "months"},
    {"value": 6, "unit": "months"},
)  # fmt: skip


def rules() -> list[Rule]:
    """Ten plain deadlines, one of two limits, and one backward with its fall-back."""
    common = {"action": "Do it", "role": "chair", "force": "should", "citation": "¶1", "start": {"event": "began"}}
    plain = [{**common, "id": f"limit-{number}", "limit": limit} for number, limit in enumerate(_LIMITS)]
    leave = [{"value": 30, "unit": "months"}, {"value": 17.5, "unit": "years", "start": {"event": "birth"}}]
    papers = {"value": 14, "unit": "calendar_days", "direction": "before", "start": {"event": "move"}}
    day_known = {"value": 0, "unit": "same_day", "start": {"event": "began"}}
    return [parse_rule(each) for each in (
        *plain, {**common, "id": "leave", "limit": {"shorter_of": leave}},
        {**common, "id": "papers", "limit": papers, "fall_back": day_known},
    )]  # fmt: skip


def situations() -> list[Situation]:
    """One each 31 hours, so that every hour of the day, weekends, holidays and both clock changes occur."""
    calendar = Calendar("Europe/London", england_bank_holidays(range(2000, 2101)))
    starts = [BEGINS + timedelta(hours=31 * number) for number in range(SITUATIONS)]
    return [
        Situation(calendar, BEGINS, {
            "began": (at,), "move": (at + timedelta(days=number % 30),), "birth": (FuzzyDate.parse("2009-05-17"),),
        })
        for number, at in enumerate(starts)
    ]  # fmt: skip


def kernel() -> dict[str, Any]:
    """Rates of several rounds, slowest first."""
    every, cases = rules(), situations()
    return {
        "rules": len(every), "deadlines": len(every) * len(cases),
        "deadlines_per_s": _rates(lambda: [timing_of(rule, case).due_at for case in cases for rule in every]),
        "with_sentences_per_s": _rates(lambda: [timing_of(rule, case).trace for case in cases for rule in every]),
    }  # fmt: skip


def _rates(work: Callable[[], list[Any]]) -> list[int]:
    rates = []
    for _ in range(ROUNDS):
        began = stopwatch.process_time()
        count = len(work())
        rates.append(round(count / (stopwatch.process_time() - began)))
    return sorted(rates)
