"""Which clocks a run should have, by its rules and by what is recorded in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from backend.clocks.figures import means_at_once
from backend.clocks.kernel import timings_of
from backend.clocks.limits import Force
from backend.clocks.models import ClockState
from backend.clocks.rules import AgreedDate, Deadline, Qualitative, Range, Rule
from backend.clocks.running import picked
from backend.clocks.situation import Situation
from backend.clocks.standing import first_since
from backend.clocks.timing import Effect, Reason, Timing, one_duty
from tenants.calendars.working_days import Calendar

DUE_FROM: Final = time(8)
"""The local time of the last day at which a limit in days is told as due: when people begin work, not at midnight."""

_INSTANT: Final = timedelta(microseconds=1)
_NEVER_A_CLOCK: Final = frozenset({"gate", "criterion", "look_back", "fixed_date"})
_TELLS_DUE: Final = frozenset({Effect.BREACH, Effect.MISS_NEEDS_REASON, Effect.LAPSES, Effect.REMINDER})
_LATE: Final = frozenset({Effect.BREACH, Effect.MISS_NEEDS_REASON})


@dataclass(frozen=True, slots=True)
class Wanted:
    """One clock as it should stand. ``state`` is RUNNING, PAUSED, MET, MET_LATE or ENDED; time does the rest.

    A paused one and one that has ended have no instants of their own: those of the row stay.
    ``only_if_there`` is a past round of a recurring duty, of which nothing but its end is known.
    """

    rule: Rule
    state: ClockState
    force: Force
    citation: str
    effect: Effect
    trace: tuple[str, ...] = ()
    start_event: str = ""
    started_at: datetime | None = None
    due_at: datetime | None = None
    late_from: datetime | None = None
    due_notice_at: datetime | None = None
    warn_at: tuple[str, ...] = ()
    met_at: datetime | None = None
    held: int = 0
    timing: Timing | None = None
    yields_to: str | None = None
    only_if_there: bool = False


def wanted(rules: Iterable[Rule], situation: Situation, *, grace: timedelta | None = None) -> list[Wanted]:
    """The clocks of ``rules``, each rule's in order of its starts.

    A rule that asks a question, or whose start is not recorded, has none. Words without a figure have one only
    where they mean at once, which is a limit in itself: it is late ``grace`` after it was first known, and never
    where no grace is set. Of several that bind one duty only the strongest can be breached.
    """
    found = [each for rule in rules if rule.kind not in _NEVER_A_CLOCK for each in _of_rule(rule, situation, grace)]
    return _duties(found)


def _of_rule(rule: Rule, situation: Situation, grace: timedelta | None) -> Iterator[Wanted]:
    if _recurs(rule):
        yield from _past_rounds(rule, situation)
    for timing in timings_of(rule, situation):
        if timing.due_at is not None:
            yield _dated(timing, timing.due_at, situation)
        elif timing.missing is None:
            continue
        elif timing.missing.reason is Reason.PAUSED:
            yield _undated(timing, ClockState.PAUSED)
        elif timing.missing.reason is Reason.ENDED:
            yield _undated(timing, ClockState.ENDED)
        elif timing.missing.reason is Reason.SETTING_NOT_MADE and isinstance(rule, Qualitative):
            yield from _at_once(rule, situation, grace)


def _recurs(rule: Rule) -> bool:
    return (isinstance(rule, Deadline) and rule.recurs is not None) or (
        isinstance(rule, Qualitative) and rule.needs == "interval"
    )


def _past_rounds(rule: Rule, situation: Situation) -> Iterator[Wanted]:
    held = [at for at in situation.instants(getattr(rule, "met_by", None) or "") if at <= situation.now]
    for number, at in enumerate(held):
        yield Wanted(rule, ClockState.MET, rule.force, rule.citation, Effect.NONE, met_at=at, held=number,
                     only_if_there=True)  # fmt: skip


def _undated(timing: Timing, state: ClockState) -> Wanted:
    return Wanted(timing.rule, state, timing.force, timing.citation, timing.effect, trace=timing.trace,
                  met_at=timing.met_at, held=timing.held, timing=timing)  # fmt: skip


def _dated(timing: Timing, due: datetime, situation: Situation) -> Wanted:
    met = timing.met_at if timing.met_at is not None and timing.met_at <= situation.now else None
    state = ClockState.RUNNING
    if met is not None:
        state = ClockState.MET_LATE if timing.kept is False and timing.effect in _LATE else ClockState.MET
    return Wanted(
        timing.rule, state, timing.force, timing.citation, timing.effect, trace=timing.trace,
        start_event=_start_event(timing), started_at=_started(timing, situation), due_at=due,
        late_from=_late_from(timing, due),
        due_notice_at=_due_notice(timing, due, situation.calendar) if timing.effect in _TELLS_DUE else None,
        warn_at=tuple(at.isoformat() for at in _warnings(timing)), met_at=met, held=timing.held, timing=timing,
    )  # fmt: skip


def _start_event(timing: Timing) -> str:
    rule = timing.rule
    return rule.event if isinstance(rule, AgreedDate) else str(getattr(rule, "start").event)  # noqa: B009


def _started(timing: Timing, situation: Situation) -> datetime:
    """A date that was set in the case has no start of its own: it runs from when it is known."""
    return timing.started_at or min(situation.now, timing.due_at or situation.now)


def _late_from(timing: Timing, due: datetime) -> datetime:
    """A limit in hours is kept up to its last instant. A start known only roughly is late once it surely is."""
    if timing.provisional is not None and timing.effect in _LATE:
        due = max(due, timing.provisional.ends)
    return due + _INSTANT if timing.last_day is None else due


def _due_notice(timing: Timing, due: datetime, calendar: Calendar) -> datetime:
    if timing.last_day is None:
        return due
    return datetime.combine(timing.last_day, DUE_FROM, tzinfo=calendar.tz).astimezone(due.tzinfo)


def _warnings(timing: Timing) -> Sequence[datetime]:
    """A range is told of when it begins."""
    if isinstance(timing.rule, Range) and timing.rule.earliest is not None and timing.provisional is not None:
        return (timing.provisional.begins,)
    return timing.warn_at


def _at_once(rule: Qualitative, situation: Situation, grace: timedelta | None) -> Iterator[Wanted]:
    moments = situation.moments(rule.start, rule.id)
    if not moments or not means_at_once(rule):
        return
    started = situation.earliest(picked(rule.start, moments))
    met = first_since(rule.met_by, started, situation) if rule.met_by else None
    done = met is not None and met <= situation.now
    yield Wanted(
        rule, ClockState.MET if done else ClockState.RUNNING, rule.force, rule.citation,
        Effect.NONE if grace is None else Effect.BREACH,
        trace=(f'The source says "{rule.wording}" and gives no figure: it is due at its start.',),
        start_event=rule.start.event, started_at=started, due_at=started,
        late_from=None if grace is None else situation.now + grace, met_at=met if done else None,
    )  # fmt: skip


def _duties(found: list[Wanted]) -> list[Wanted]:
    """Of clocks that bind one duty, all but the strongest become reminders that yield to it."""
    strongest: dict[str, Wanted] = {}
    for duty in {each.rule.duty for each in found if each.rule.duty}:
        bound = [each for each in found if each.rule.duty == duty and each.timing is not None and each.due_at]
        one = one_duty(each.timing for each in bound if each.timing is not None)
        if one is not None and len({each.rule.id for each in bound}) > 1:
            strongest[duty] = next(each for each in bound if each.timing is one.binding)
    return [_yielding(each, strongest.get(each.rule.duty or "")) for each in found]


def _yielding(each: Wanted, binding: Wanted | None) -> Wanted:
    if binding is None or each.rule.id == binding.rule.id or each.due_at is None or each.effect not in _LATE:
        return each
    state = ClockState.MET if each.state is ClockState.MET_LATE else each.state
    return replace(each, effect=Effect.REMINDER, state=state, yields_to=binding.rule.id)
