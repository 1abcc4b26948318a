"""Rules and situations for tests of the clock kernel, in few words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from backend.clocks.dates import FuzzyDate
from backend.clocks.kernel import timing_of
from backend.clocks.rules import Rule, parse_rule
from backend.clocks.situation import Choices, Moment, Situation
from backend.clocks.timing import Timing
from tenants.calendars.working_days import Calendar, england_bank_holidays

LONDON = ZoneInfo("Europe/London")
ENGLAND = Calendar(bank_holidays=england_bank_holidays(range(2000, 2041)))
NOW = "2026-11-23T12:00"


def rule(**given: Any) -> Rule:
    return parse_rule(
        {"id": "a-clock", "action": "Do it", "role": "chair", "force": "should", "citation": "¶1", **given}
    )


def at(text: str) -> Moment:
    """An instant on London's clocks, or a printed date."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON) if "T" in text else FuzzyDate.parse(text)


def situation(
    now: str = NOW,
    *,
    facts: Mapping[str, Any] | None = None,
    choices: Choices | None = None,
    calendar: Calendar = ENGLAND,
    revised: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    **events: str | Sequence[str],
) -> Situation:
    """Events are named with underscores for hyphens, and given as one printed moment or several.

    ``revised`` gives by event what it was known as, each since when.
    """
    recorded = {
        code.replace("_", "-"): [at(one) for one in ([given] if isinstance(given, str) else given)]
        for code, given in events.items()
    }
    present = at(now)
    assert isinstance(present, datetime)
    history = {code: [(at(since), at(moment)) for since, moment in known] for code, known in (revised or {}).items()}
    return Situation(calendar, present, recorded, facts or {}, choices or Choices(), history)  # type: ignore[arg-type]


def timed(which: Rule, now: str = NOW, **given: Any) -> Timing:
    return timing_of(which, situation(now, **given))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
