"""What would be due when: a definition's clocks worked out for recorded instants, in the partnership's calendar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from backend.clocks.dates import FuzzyDate
from backend.clocks.kernel import timings_of
from backend.clocks.limits import Span
from backend.clocks.situation import Choices, Fact, Situation
from backend.clocks.timing import Reason, Timing
from backend.pathways.definitions.effective import Effective, chosen_by_clocks
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.local_overlay import AT_ONCE
from tenants.calendars.receipt import UNADJUSTED_RECEIPT, ReceiptRule
from tenants.calendars.working_days import Calendar


@dataclass(frozen=True, slots=True)
class Practice:
    """How a partnership counts: its calendar, and what it does with receipts after hours."""

    calendar: Calendar
    receipt: ReceiptRule = UNADJUSTED_RECEIPT


@dataclass(frozen=True, slots=True)
class Outcome:
    """One clock for one start: when it is due, or in words why it has no date."""

    clock: str
    action: str
    role: str
    kind: str
    force: str
    citation: str
    started_at: datetime | None
    due_at: datetime | None
    last_day: str | None
    effect: str
    why_not: str
    trace: tuple[str, ...]


def unknown_event(one: Effective, event: str) -> str | None:
    """What is wrong with the name of an event, with the remedy, or None."""
    known = {item.id for item in one.definition.events}
    return None if event in known else f"{one.definition.id} has no event {event}; {choose(event, known)}"


def unknown_fact(one: Effective, name: str) -> str | None:
    """What is wrong with the name of a fact, with the remedy, or None."""
    known = {item.id for item in one.definition.information}
    return None if name in known else f"{one.definition.id} asks for nothing called {name}; {choose(name, known)}"


def simulate(
    one: Effective,
    practice: Practice,
    events: Mapping[str, tuple[datetime, ...]],
    facts: Mapping[str, Fact],
    now: datetime,
) -> list[Outcome]:
    """All clocks of the definition, those with a date first, by date.

    A start that no source prints runs from the default that the clock names, and is said to.
    """
    situation = Situation(practice.calendar, now, events, facts, choices(one, practice.receipt))
    found = [
        _outcome(timing, practice.calendar)
        for clock in one.definition.clocks
        for timing in timings_of(clock, situation)
    ]
    return sorted(found, key=lambda outcome: (outcome.due_at is None, outcome.due_at or now))


def choices(one: Effective, receipt: ReceiptRule) -> Choices:
    """What the partnership has chosen for these clocks; words that stand without a figure have None for one."""
    starts = {
        clock.id: start.event
        for clock in one.definition.clocks
        if (start := getattr(clock, "start", None)) is not None and start.unstated
    }
    spans: dict[str, Span | None] = {}
    if one.overlay is not None and one.overlay.words_stand is not None:
        spans = {
            setting: None
            for setting, clock, _ in chosen_by_clocks(one.definition)
            if clock.kind == "qualitative" and one.settings.get(setting) != AT_ONCE
        }
    spans |= {code: value for code, value in one.settings.items() if isinstance(value, Span)}
    numbers = {
        code: value for code, value in one.settings.items() if isinstance(value, int) and not isinstance(value, bool)
    }
    dates = dict(_dates(one.settings))
    return Choices(receipt=receipt, starts=starts, limits=spans, counts=numbers, dates=dates)


def _dates(settings: Mapping[str, Any]) -> Iterator[tuple[str, FuzzyDate]]:
    for code, value in settings.items():
        if isinstance(value, str):
            try:
                yield code, FuzzyDate.parse(value)
            except ValueError:
                continue


def _outcome(timing: Timing, calendar: Calendar) -> Outcome:
    rule = timing.rule
    return Outcome(
        clock=rule.id, action=rule.action, role=rule.role, kind=rule.kind, force=str(timing.force),
        citation=timing.citation, started_at=_local(timing.started_at, calendar),
        due_at=_local(timing.due_at, calendar), last_day=timing.last_day.isoformat() if timing.last_day else None,
        effect=str(timing.effect), why_not=_why_not(timing), trace=timing.trace,
    )  # fmt: skip


def _local(instant: datetime | None, calendar: Calendar) -> datetime | None:
    return instant.astimezone(calendar.tz) if instant else None


_REASONS: Final = {
    Reason.AWAITING_START: "waits for {needs}",
    Reason.START_NOT_CHOSEN: "the partnership has not chosen the start",
    Reason.SETTING_NOT_MADE: "words without a figure: set {needs}",
    Reason.FACT_NOT_RECORDED: "depends on {needs}",
    Reason.CONDITION_NOT_MET: "does not apply here",
}


def _why_not(timing: Timing) -> str:
    missing = timing.missing
    if missing is None:
        return ""
    words = _REASONS.get(missing.reason, str(missing.reason).replace("_", " "))
    return words.format(needs=", ".join(missing.needs))
