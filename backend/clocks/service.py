"""Begin clocks; say that a duty was done, why one was late, that one is extended, stands still or began otherwise.

``recompute`` is what whoever changes an event, a fact or a setting calls; the rest are acts of people. All of
them write marks and have the clocks worked out anew: nothing here sets an instant.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.clocks import repository
from backend.clocks.limits import Pause
from backend.clocks.models import Change, Clock, ClockMark, ClockState, Mark
from backend.clocks.recomputing import CLOCK_TIMER, Scope, cancel_all, recompute, settle
from backend.clocks.recording import EVENT, Cause, record
from backend.clocks.rules import Deadline, Expiry, Rule, stored_rule
from backend.clocks.situation import Situation
from backend.clocks.situations import begin_on_case, recompute_now, runs_from
from backend.clocks.timing import Extended
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import cancel
from backend.kit.texts import text_faults

__all__ = [
    "EVENT", "Cause", "Scope", "begin", "begin_on_case", "cancel_all", "complete", "correct_start", "extend",
    "give_reason", "pause", "recompute", "recompute_now", "resume", "runs_from",
]  # fmt: skip

MOST_REASON: Final = 4000
MOST_AUTHORITY: Final = 300


async def begin(
    session: TenantSession, scope: Scope, rules: Iterable[Rule], situation: Situation, cause: Cause = EVENT
) -> list[Clock]:
    """As ``recompute``, for a run that this transaction has just begun: there is nothing to read or to lock."""
    return await settle(session, scope, [], {}, rules, situation, cause)


async def complete(
    session: TenantSession, clock_id: UUID, person_id: UUID | None, completed_at: datetime | None
) -> Clock:
    """Record that the duty was done, at ``completed_at`` or now. A breach stays on record.

    ``person_id`` None is for what nobody here did.

    Raises ``Conflict`` when it was recorded before or the clock has ended, ``Invalid`` for an instant before the
    start or in the future.
    """
    clock = await repository.locked_with_run(session, clock_id)
    if clock.met_at is not None or clock.state in {ClockState.CANCELLED, ClockState.EXPIRED}:
        raise Conflict("This clock has already ended.")
    now = await session.now()
    done = completed_at or now
    if not clock.started_at <= done <= now:
        raise Invalid([FieldError("completedAt", "must lie between the clock's start and now")])
    event = getattr(stored_rule(clock.rule), "met_by", None)
    if event is None:
        await _done_by_hand(session, clock, person_id, done)
        return clock
    _mark(session, clock, Mark.COMPLETION, event, done, now, by=person_id)
    return await _anew(session, clock, Cause("completion", person_id))


async def _done_by_hand(session: TenantSession, clock: Clock, person_id: UUID | None, done: datetime) -> None:
    """Under a rule that names no event for it."""
    now = await session.now()
    clock.met_at, clock.met_by, clock.next_at = done, person_id, None
    late = clock.late_from is not None and done >= clock.late_from
    if clock.state in {ClockState.RUNNING, ClockState.PAUSED}:
        clock.state = ClockState.MET_LATE if late else ClockState.MET
        clock.breached_at = now if late else None
    elif late:
        clock.state = ClockState.MET_LATE
    cancel(session, CLOCK_TIMER, [clock.id])
    await record(session, clock, Change.COMPLETED, Cause("completion", person_id))


async def give_reason(session: TenantSession, clock_id: UUID, person_id: UUID, reason: str) -> Clock:
    """Say why a duty was done late or not at all. A later reason takes the place of one that history keeps.

    Raises ``Conflict`` for a clock that was neither breached nor missed, ``Invalid`` for the text.
    """
    _check(reason=(reason, MOST_REASON))
    clock = await repository.locked_with_run(session, clock_id)
    if clock.breached_at is None and clock.missed_at is None:
        raise Conflict("This limit was neither breached nor missed, so there is no reason to give.")
    clock.reason, clock.reason_by, clock.reason_at = reason.strip(), person_id, await session.now()
    await record(session, clock, Change.REASON_GIVEN, Cause("person", person_id, clock.reason))
    return clock


async def extend(
    session: TenantSession, clock_id: UUID, person_id: UUID, *, authority: str, reason: str, until: datetime | None
) -> Clock:  # fmt: skip
    """Give a limit the one longer time that its source allows, on somebody's ``authority``.

    Raises ``Conflict`` where the source allows none, it was given before or the limit has run out; ``Invalid``
    for texts, and for an ``until`` that is missing, not later than now due, or beyond what the source allows.
    """
    _check(authority=(authority, MOST_AUTHORITY), reason=(reason, MOST_REASON))
    clock = await repository.locked_with_run(session, clock_id)
    rule = stored_rule(clock.rule)
    extension = rule.extension if isinstance(rule, Deadline | Expiry) else None
    if extension is None:
        raise Conflict("This limit cannot be extended: its source allows no longer time.")
    now = await session.now()
    if clock.extension == Extended.USED:
        raise Conflict("This limit has been extended before, which is allowed once.")
    if clock.state is not ClockState.RUNNING or (clock.late_from is not None and now >= clock.late_from):
        raise Conflict("This limit has run out; only one that still runs can be extended.")
    if extension.until is None and until is not None:
        raise Invalid([FieldError("until", f"cannot be chosen: the source adds {extension.limit}; leave it out")])
    if extension.limit is None and until is None:
        raise Invalid([FieldError("until", "must say until when: the source leaves that to whoever agrees")])
    if until is not None and until <= clock.due_at:
        raise Invalid([FieldError("until", "must be later than the limit is due now")])
    _mark(session, clock, Mark.EXTENSION, extension.granted, now, now, by=person_id, reason=reason, authority=authority)
    if until is not None and extension.until is not None:
        _mark(session, clock, Mark.EXTENDED_UNTIL, extension.until, until, now, by=person_id, authority=authority)
    after = await _anew(session, clock, Cause("extension", person_id, reason.strip(), authority.strip()))
    if until is not None and not in_time_until(after, until):
        raise Invalid([FieldError("until", f"is beyond what the source allows, which is {extension.limit} more")])
    return after


def in_time_until(clock: Clock, until: datetime) -> bool:
    """Whether the clock, once extended, lasts until the instant that was asked for."""
    return until <= clock.due_at


async def pause(session: TenantSession, clock_id: UUID, person_id: UUID, *, ground: str, reason: str) -> Clock:
    """Let a clock stand still on one of the grounds that its source names.

    Raises ``Conflict`` where it names none or the clock does not run, ``Invalid`` for another ground or the text.
    """
    _check(reason=(reason, MOST_REASON))
    clock = await repository.locked_with_run(session, clock_id)
    pauses = _pauses(stored_rule(clock.rule))
    if not pauses:
        raise Conflict("This clock never stands still: its source names no ground for it.")
    if clock.state is not ClockState.RUNNING:
        raise Conflict("Only a clock that runs can be paused.")
    if ground not in pauses:
        raise Invalid([FieldError("ground", f"must be one of {', '.join(sorted(pauses))}")])
    now = await session.now()
    _mark(session, clock, Mark.PAUSE, pauses[ground].begins, now, now, by=person_id, reason=reason)
    return await _anew(session, clock, Cause("pause", person_id, reason.strip()))


async def resume(session: TenantSession, clock_id: UUID, person_id: UUID) -> Clock:
    """Let a clock run again that a person has paused. Raises ``Conflict`` for one that nobody has."""
    clock = await repository.locked_with_run(session, clock_id)
    marks = await repository.marks(session, clock.case_id, clock.run_id)
    begun = {pause.begins: pause for pause in _pauses(stored_rule(clock.rule)).values()}
    last = next((mark for mark in reversed(marks) if mark.kind is Mark.PAUSE and mark.event in begun), None)
    if clock.state is not ClockState.PAUSED or last is None:
        raise Conflict("Nobody has paused this clock. One that an event paused goes on with the event that ends it.")
    now = await session.now()
    _mark(session, clock, Mark.RESUMPTION, begun[last.event].ends, now, now, by=person_id)
    return await _anew(session, clock, Cause("resumption", person_id))


async def correct_start(session: TenantSession, clock_id: UUID, person_id: UUID, at: datetime, reason: str) -> Clock:
    """Say that a clock on a case without a run began at another instant. What was recorded first is kept.

    Every clock that runs from the same event follows. Raises ``Conflict`` for a clock of a run, whose events
    are corrected there, ``Invalid`` for an instant to come or the text.
    """
    _check(reason=(reason, MOST_REASON))
    clock = await repository.locked_with_run(session, clock_id)
    now = await session.now()
    if at > now:
        raise Invalid([FieldError("startedAt", "must not lie in the future")])
    marks = await repository.marks(session, clock.case_id, clock.run_id)
    old = next((one for one in marks if one.event == clock.start_event and one.at == clock.started_at), None)
    if clock.run_id is not None or old is None:
        raise Conflict("This clock began with an event of its run; correct the event.")
    if at == old.at:
        raise Invalid([FieldError("startedAt", "is when the clock began already")])
    _mark(session, clock, Mark.START, old.event, at, now, by=person_id, reason=reason, corrects_id=old.id)
    return await _anew(session, clock, Cause("correction", person_id, reason.strip()))


def _pauses(rule: Rule) -> dict[str, Pause]:
    return {pause.reason: pause for pause in rule.pauses} if isinstance(rule, Deadline) else {}


def _check(**texts: tuple[str, int]) -> None:
    if faults := text_faults(**texts):
        raise Invalid(faults)


def _mark(
    session: TenantSession, clock: Clock, kind: Mark, event: str, at: datetime, now: datetime, **given: Any
) -> None:  # fmt: skip
    given["recorded_by"] = given.pop("by")
    session.append(ClockMark, case_id=clock.case_id, run_id=clock.run_id, clock_id=clock.id, kind=kind, event=event,
                   at=at, recorded_at=now, **given)  # fmt: skip


async def _anew(session: TenantSession, clock: Clock, cause: Cause) -> Clock:
    """The clock once its run has been worked out anew."""
    found = await recompute_now(session, clock.case_id, clock.run_id, cause)
    return next(row for row in found if row.id == clock.id)
