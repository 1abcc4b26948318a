"""What of a clock of whatever kind asks for less once a partnership has changed it."""

from typing import Any

import pytest

from backend.pathways.definitions.loosening_clocks import laxer_clock
from support.clock_rules import rule

DAYS, MONTHS = "calendar_days", "months"
TERM = {"kind": "minimum_term", "start": {"event": "made"}, "limit": {"value": 5, "unit": "years"}}
WATCH = {"kind": "risk_window", "start": {"event": "arrived"}, "limit": {"value": 72, "unit": "hours"}}
BACK = {
    "kind": "look_back", "start": {"event": "move"}, "limit": {"value": 6, "unit": MONTHS}, "looks_for": "plan-ended",
}  # fmt: skip
STAY = {"begins": "placed", "ends": "leaves", "at_least": {"value": 28, "unit": DAYS}}
OFTEN = {"event": "missed", "at_least": 2, "within": {"value": 12, "unit": MONTHS}}
SENTENCE = {"fact": "custody", "at_least": {"value": 30, "unit": MONTHS}}
BACKWARD = {
    "start": {"event": "move"}, "limit": {"value": 14, "unit": DAYS, "direction": "before"},
    "fall_back": {"value": 1, "unit": DAYS, "start": {"event": "known"}},
}  # fmt: skip
ORDER = {"kind": "expiry", "start": {"event": "made"}, "limit": {"value": 8, "unit": DAYS}, "ended_by": "discharged"}


def of(test: dict[str, Any], **other: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"kind": "criterion", "test": test}, {"test": {**test, **other}}


LAXER = [
    (TERM, {"limit": {"value": 2, "unit": "years"}}, "the span, from 5 years to 2 years"),
    (TERM, {"start": {"event": "asked"}}, "the start"),
    (WATCH, {"limit": {"value": 24, "unit": "hours"}}, "the span, from 72 hours to 24 hours"),
    (BACK, {"limit": {"value": 3, "unit": MONTHS}}, "the span, from 6 months to 3 months"),
    (BACK, {"limit": {"value": 1, "unit": "years"}}, "the span, from 6 months to 1 year"),
    (BACK, {"looks_for": "order-ended"}, "looks_for"),
    (*of(STAY, at_least={"value": 42, "unit": DAYS}), "the test"),
    (*of(STAY, begins="settled"), "the test"),
    (*of(OFTEN, at_least=3), "the test"),
    (*of(OFTEN, within={"value": 6, "unit": MONTHS}), "the test"),
    (*of(SENTENCE, exclusive=True), "the test"),
    (BACKWARD, {"fall_back": {"value": 3, "unit": DAYS, "start": {"event": "known"}}}, "the fall-back"),
    (BACKWARD, {"fall_back": {"start": {"event": "known"}, "setting": "late-within"}}, "the fall-back"),
    ({"start": {"event": "a"}, "limit": {"value": 1, "unit": DAYS}, "met_by": "done"}, {"met_by": "begun"}, "met_by"),
    (ORDER, {"ended_by": "asked-to-end"}, "ended_by"),
]


@pytest.mark.parametrize(("national", "changed", "said"), LAXER)
def test_what_asks_for_less_is_named(national: dict[str, Any], changed: dict[str, Any], said: str) -> None:
    (found,) = laxer_clock(rule(**national), rule(**{**national, **changed}))
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("national", "changed"),
    [
        (TERM, {"limit": {"value": 10, "unit": "years"}}),
        (WATCH, {"limit": {"value": 1, "unit": "weeks"}}),
        (BACK, {"action": "Ask the other authority"}),
        of(STAY, at_least={"value": 3, "unit": "weeks"}),
        of(OFTEN, at_least=1),
        of({"event": "missed", "setting": "how-often"}, setting=None, at_least=4),
        (BACKWARD, {"fall_back": {"value": 0, "unit": DAYS, "start": {"event": "known"}}}),
        ({"start": {"event": "a"}, "limit": {"value": 1, "unit": DAYS}}, {"met_by": "done"}),
    ],
)
def test_what_asks_for_as_much_or_more_is_not(national: dict[str, Any], changed: dict[str, Any]) -> None:
    assert list(laxer_clock(rule(**national), rule(**{**national, **changed}))) == []
