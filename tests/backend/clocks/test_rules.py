"""The grammar: what it reads, what it refuses and in which words, and the figures it holds."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from backend.clocks.dates import FuzzyDate
from backend.clocks.figures import limits_of
from backend.clocks.limits import Confidence, Force
from backend.clocks.rules import RULE, Deadline, FixedDate, parse_rule
from support.clock_rules import rule

START = {"event": "began"}
DAYS = {"value": 3, "unit": "calendar_days"}
BACK = {"value": 4, "unit": "weeks", "direction": "before"}
FALL_BACK = {"value": 0, "unit": "same_day", "start": {"event": "known"}}
ALL_KINDS: list[dict[str, Any]] = [
    {"start": START, "limit": DAYS, "warn_before": [DAYS]},
    {"start": START, "limit": BACK, "fall_back": FALL_BACK},
    {"start": START, "limit": BACK, "fall_back": {"start": START, "setting": "late"}},
    {"start": START, "limit": {"shorter_of": [DAYS, {"value": 17.5, "unit": "years", "start": {"event": "birth"}}]}},
    {"kind": "gate", "before": "visit", "met_by": "planned"},
    {"kind": "expiry", "start": START, "limit": DAYS, "extension": {"granted": "granted", "limit": DAYS}},
    {"kind": "minimum_term", "start": START, "limit": {"longer_of": [DAYS, FALL_BACK]}},
    {"kind": "criterion", "test": {"begins": "placed", "ends": "left", "at_least": DAYS}},
    {"kind": "criterion", "test": {"event": "missed", "setting": "missed"}},
    {"kind": "criterion", "test": {"fact": "custody", "at_least": {"value": 30, "unit": "months"}}},
    {"kind": "look_back", "start": START, "limit": DAYS, "looks_for": "seen"},
    {"kind": "range", "start": START, "latest": DAYS},
    {"kind": "risk_window", "start": START, "limit": DAYS},
    {"kind": "target", "start": START, "limit": DAYS, "met_by": "closed", "per_cent": 80},
    {"kind": "qualitative", "wording": "promptly", "setting": "promptly-within", "start": START},
    {"kind": "agreed_date", "event": "review-date"},
    {"kind": "fixed_date", "date": "autumn 2008"},
]


@pytest.mark.parametrize("given", ALL_KINDS, ids=lambda given: str(given.get("kind", "deadline")))
def test_every_kind_is_read_and_written_the_same(given: dict[str, Any]) -> None:
    read = rule(**given)
    assert read.kind == given.get("kind", "deadline")
    assert parse_rule(RULE.dump_python(read, mode="json")) == read


def test_there_is_a_schema_of_every_kind() -> None:
    kinds = {
        part["properties"]["kind"]["const"]
        for part in RULE.json_schema()["$defs"].values()
        if "kind" in part.get("properties", {})
    }
    assert kinds == {given.get("kind", "deadline") for given in ALL_KINDS}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "sundial"}, "does not match any of the expected tags"),
    ({"start": START, "limit": DAYS, "strat": 1}, "Extra inputs are not permitted"),
    ({"start": START, "limit": DAYS, "role": "Chair"}, "should match pattern"),
    ({"start": START, "limit": {"value": 1.5, "unit": "months"}}, "only years may be halved"),
    ({"start": START, "limit": {"value": 1, "unit": "same_day"}}, "has the value 0"),
    ({"start": START, "limit": {"value": 30, "unit": "minutes"}}, "no source prints minutes"),
    ({"start": START, "limit": {"value": -1, "unit": "hours"}}, "greater than or equal to 0"),
    ({"start": START, "limit": BACK}, "needs a fall_back"),
    ({"start": START, "limit": DAYS, "fall_back": FALL_BACK}, "no other limit has one"),
    ({"start": START, "limit": BACK, "fall_back": DAYS}, "needs a start of its own"),
    ({"start": START, "limit": {"shorter_of": [DAYS]}}, "at least 2 items"),
    ({"start": START, "limit": DAYS, "recurs": {}}, "add met_by"),
    ({"start": START, "limit": DAYS, "warn_before": [{"value": 0, "unit": "hours"}]}, "ahead of the limit"),
    ({"start": START, "limit": DAYS, "extension": {"granted": "granted"}}, "needs the limit that it adds"),
    ({"kind": "criterion", "test": {"event": "missed"}}, "give at_least, or the setting"),
    (
        {"kind": "qualitative", "wording": "regularly", "setting": "s", "start": START, "needs": "interval"},
        "add met_by",
    ),
    ({"kind": "fixed_date", "date": "monsoon 2008"}, 'write a day as 2008-04-01, or "April 2008"'),
    (
        {"kind": "gate", "before": "a", "met_by": "b", "condition": {"fact": "f", "otherwise": {"setting": "s"}}},
        "only a clock with a limit",
    ),
    ({"start": START, "limit": DAYS, "condition": {"fact": "f"}}, "condition.otherwise\n  Field required"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_meant_is_refused_in_words(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        rule(**given)
    assert said in str(refused.value)
    assert refused.value.error_count() == 1


def test_a_rule_never_changes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        rule(start=START, limit=DAYS).force = Force.MAY


def test_the_figures_say_from_what_and_by_whom_they_bind() -> None:
    papers = rule(start={"event": "move"}, limit=BACK, fall_back={**FALL_BACK, "force": "may", "citation": "¶9"})
    assert [
        (str(one), one.direction, one.start and one.start.event, one.force, one.citation) for one in limits_of(papers)
    ] == [("4 weeks", "before", "move", "should", "¶1"), ("the same day", "after", "known", "may", "¶9")]


@pytest.mark.parametrize(
    ("given", "figures"),
    list(zip(ALL_KINDS, [
        ["3 calendar days"], ["4 weeks", "the same day"], ["4 weeks"], ["3 calendar days", "17.5 years"], [],
        ["3 calendar days", "3 calendar days"], ["3 calendar days", "the same day"], ["3 calendar days"], [],
        ["30 months"], ["3 calendar days"], ["3 calendar days"], ["3 calendar days"], ["3 calendar days"], [], [], [],
    ], strict=True)),
)  # fmt: skip
def test_the_figures_of_every_kind(given: dict[str, Any], figures: list[str]) -> None:
    found = limits_of(rule(**given))
    assert [str(one) for one in found] == figures
    assert {one.confidence for one in found} <= {Confidence.STATED}


@pytest.mark.parametrize(
    ("printed", "earliest", "latest"),
    [
        ("autumn 2008", date(2008, 9, 1), date(2008, 11, 30)),
        ("Winter 2007", date(2007, 12, 1), date(2008, 2, 29)),
        ("April 2008", date(2008, 4, 1), date(2008, 4, 30)),
        (2008, date(2008, 1, 1), date(2008, 12, 31)),
        (date(2006, 4, 1), date(2006, 4, 1), date(2006, 4, 1)),
    ],
)
def test_printed_dates(printed: Any, earliest: date, latest: date) -> None:
    read = rule(kind="fixed_date", date=printed)
    assert isinstance(read, FixedDate)
    assert (read.date.earliest, read.date.latest, read.date.exact) == (earliest, latest, earliest == latest)
    assert FuzzyDate.parse(str(read.date)) == read.date


@pytest.mark.parametrize("printed", ["", "autumn", "31 April 2008", "2008-02-30", "early spring 2008", "0", "True"])
def test_what_is_no_date_is_refused(printed: str) -> None:
    with pytest.raises(ValueError, match="is not a date: write a day as"):
        FuzzyDate.parse(printed)


def test_a_rule_without_a_kind_is_a_deadline() -> None:
    assert isinstance(rule(start=START, limit=DAYS), Deadline)
