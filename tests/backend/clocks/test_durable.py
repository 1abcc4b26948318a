"""Clocks as rows: made, moved, told once, breached for good; paused and extended where their source lets them."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from backend.clocks import service
from backend.clocks.firing import fire
from backend.clocks.models import Change, ClockState, Step
from backend.clocks.recording import Cause
from backend.clocks.repository import is_unexplained
from backend.clocks.timing import Effect
from backend.kit.problems import Conflict, Invalid
from infra.dev.clock import Clock
from support.clock_case import ClockCase, rule
from support.partnership import Partnership

# A Tuesday at noon. Christmas Day, Boxing Day's substitute and New Year's Day lie in the fifteen working days after.
START = datetime(2026, 12, 15, 12, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
CORRECTION = Cause("correction", reason="The minutes give another day.")


@pytest.fixture
async def case(cambs: Partnership, clock: Clock) -> ClockCase:
    await clock.freeze(START)
    return await ClockCase.opened(cambs, rule())


def kinds(changes: list) -> list[Change]:  # type: ignore[type-arg]
    return [one.kind for one in changes]


async def test_a_clock_keeps_its_rule_its_instants_and_how_they_were_worked_out(case: ClockCase) -> None:
    (row,) = await case.record("discussed", START)
    assert (row.state, row.effect, row.due_at) == (ClockState.RUNNING, Effect.BREACH, datetime(2027, 1, 9, tzinfo=UTC))
    assert row.last_day == date(2027, 1, 8)
    (sentence,) = row.trace
    assert sentence.startswith("15 working days from Tue 15 Dec 2026, leaving out 25 Dec, 28 Dec and 1 Jan")
    assert sentence.endswith("(bank holidays): end of Fri 8 Jan 2027.")
    assert row.rule["citation"] == row.citation
    assert (row.edition, row.occurrence, row.owner_role) == ("Test edition", 1, "sio")
    assert kinds(await case.changes(row)) == [Change.STARTED]
    assert await case.timers() == [datetime(2027, 1, 7, tzinfo=UTC)]


async def test_doing_it_again_changes_nothing(case: ClockCase) -> None:
    await case.record("discussed", START)
    before = (await case.clock()).model_dump()
    for _ in range(2):
        await case.wind()
    assert (await case.clock()).model_dump() == before
    assert len(await case.changes(await case.clock())) == 1
    assert len(await case.timers()) == 1


async def test_warning_day_and_breach_are_told_once_each_over_the_weeks(case: ClockCase, clock: Clock) -> None:
    await case.record("discussed", START)
    told = []
    for at in (
        datetime(2027, 1, 7, tzinfo=UTC) - INSTANT, datetime(2027, 1, 7, tzinfo=UTC),
        datetime(2027, 1, 8, 8, tzinfo=UTC) - INSTANT, datetime(2027, 1, 8, 8, tzinfo=UTC),
        datetime(2027, 1, 9, tzinfo=UTC) - INSTANT, datetime(2027, 1, 9, tzinfo=UTC),
        datetime(2027, 1, 30, tzinfo=UTC),
    ):  # fmt: skip
        await clock.freeze(at)
        await case.wind()
        await case.fire_due()
        await case.fire_due()
        told.append([one.step for one in await case.notices()])
    warning, due, late = Step.WARNING, Step.DUE, Step.LATE
    assert told == [
        [],
        [warning],
        [warning],
        [warning, due],
        [warning, due],
        [warning, due, late],
        [warning, due, late],
    ]
    row = await case.clock()
    assert (row.state, row.breached_at) == (ClockState.BREACHED, datetime(2027, 1, 9, tzinfo=UTC))
    assert await case.timers() == []


async def test_a_corrected_start_moves_the_clock_with_a_trace_and_its_timer(case: ClockCase) -> None:
    await case.record("discussed", START)
    await case.record("discussed", START - DAY, cause=CORRECTION)
    row = await case.clock()
    assert (row.started_at, row.due_at) == (START - DAY, datetime(2027, 1, 8, tzinfo=UTC))
    moved = (await case.changes(row))[-1]
    assert (moved.kind, moved.was_started_at, moved.was_due_at, moved.reason) == (
        Change.RECALCULATED, START, datetime(2027, 1, 9, tzinfo=UTC), CORRECTION.reason,
    )  # fmt: skip
    assert await case.timers() == [datetime(2027, 1, 6, tzinfo=UTC)]


async def test_a_breach_is_lifted_by_a_correction_with_a_reason_alone_and_stays_to_be_seen(
    case: ClockCase, clock: Clock
) -> None:
    await case.record("discussed", START)
    breached = datetime(2027, 1, 11, 9, tzinfo=UTC)
    await clock.freeze(breached)
    await case.fire_due()
    later = START + timedelta(days=7)
    await case.record("discussed", later)
    row = await case.clock()
    assert (row.state, row.breached_at, is_unexplained(row)) == (ClockState.BREACHED, breached, True)
    await case.record("discussed", later, cause=Cause("correction"))
    assert (await case.clock()).state is ClockState.BREACHED
    await case.record("discussed", later, cause=CORRECTION)
    row = await case.clock()
    assert (row.state, row.breached_at, is_unexplained(row)) == (ClockState.RUNNING, breached, False)
    assert kinds(await case.changes(row))[-1] is Change.BREACH_LIFTED
    await clock.freeze(row.due_at)
    await case.fire_due()
    assert (await case.clock()).state is ClockState.BREACHED
    assert [one.step for one in await case.notices()].count(Step.LATE) == 2


async def test_done_late_before_the_timer_has_fired_is_a_breach_and_calls_nobody(case: ClockCase, clock: Clock) -> None:
    await case.record("discussed", START)
    late = datetime(2027, 1, 9, 0, tzinfo=UTC)
    await clock.freeze(late)
    await case.record("held", late)
    row = await case.clock()
    assert (row.state, row.met_at, row.breached_at) == (ClockState.MET_LATE, late, late)
    await case.fire_due()
    assert await case.notices() == []


async def test_a_discussion_after_the_conference_starts_a_clock_of_its_own(case: ClockCase, clock: Clock) -> None:
    await case.record("discussed", START)
    await clock.freeze(START + 20 * DAY)
    await case.record("held", START + 2 * DAY)
    await case.record("discussed", START, START + 10 * DAY)
    first, second = await case.clocks()
    assert (first.state, first.met_at, first.started_at) == (ClockState.MET, START + 2 * DAY, START)
    assert (second.state, second.occurrence, second.started_at) == (ClockState.RUNNING, 2, START + 10 * DAY)


async def test_repeated_later_starts_are_counted_and_warned_of(case: ClockCase, clock: Clock) -> None:
    await case.record("discussed", START)
    await clock.freeze(START + 5 * DAY)
    await case.record("discussed", START, START + DAY)
    assert await _raised(case, "clock-resets") == 0
    await case.record("discussed", START, START + DAY, START + 2 * DAY)
    row = await case.clock()
    assert (row.resets, row.first_started_at, row.started_at) == (2, START, START + 2 * DAY)
    assert await _raised(case, "clock-resets") == 1
    await case.wind()
    assert await _raised(case, "clock-resets") == 1


async def test_a_closed_run_cancels_its_clocks_and_opening_it_again_revives_none_in_silence(case: ClockCase) -> None:
    await case.record("discussed", START)
    async with case.partnership.session() as session:
        await service.cancel_all(session, case.case_id, None, Cause("closing"))
        await session.commit()
    row = await case.clock()
    assert (row.state, row.why, await case.timers()) == (ClockState.CANCELLED, "closed", [])
    await case.wind()
    assert [one.state for one in await case.clocks()] == [ClockState.CANCELLED]
    await case.wind(Cause("reopening", reason="Opened by mistake.", revive=True))
    assert [one.state for one in await case.clocks()] == [ClockState.CANCELLED, ClockState.RUNNING]


async def test_a_withdrawn_start_cancels_and_the_same_start_recorded_again_runs(case: ClockCase) -> None:
    await case.record("discussed", START)
    await case.record("discussed")
    assert [(one.state, one.why) for one in await case.clocks()] == [(ClockState.CANCELLED, "withdrawn")]
    await case.record("discussed", START)
    assert [one.state for one in await case.clocks()] == [ClockState.CANCELLED, ClockState.RUNNING]


async def test_the_next_round_of_a_recurring_duty_counts_from_when_it_was_last_held(
    cambs: Partnership, clock: Clock
) -> None:
    await clock.freeze(START)
    monthly = rule("core-group", start={"event": "first-group"}, limit={"value": 6, "unit": "weeks"},
                   met_by="group-held", recurs={}, warn_before=None)  # fmt: skip
    case = await ClockCase.opened(cambs, monthly)
    await case.record("first-group", START)
    await clock.freeze(START + 60 * DAY)
    await case.record("group-held", START + 30 * DAY)
    first, second = await case.clocks()
    assert (first.state, first.met_at) == (ClockState.MET, START + 30 * DAY)
    assert (second.started_at, second.due_at.date()) == (START + 30 * DAY, (START + 73 * DAY).date())
    await case.record("group-held", START + 30 * DAY, START + 59 * DAY)
    assert [one.state for one in await case.clocks()] == [ClockState.MET, ClockState.MET, ClockState.RUNNING]


async def test_a_softened_limit_that_passes_is_missed_and_wants_a_reason(cambs: Partnership, clock: Clock) -> None:
    await clock.freeze(START)
    case = await ClockCase.opened(cambs, rule("visit", soft="wherever possible", warn_before=None))
    await case.record("discussed", START)
    row = await case.clock()
    async with cambs.session() as session:
        with pytest.raises(Conflict, match="neither breached nor missed"):
            await service.give_reason(session, row.id, (await cambs.member("sio")).person_id, "Snow")
    await clock.freeze(row.due_at)
    await case.fire_due()
    assert (await case.clock()).state is ClockState.MISSED
    assert (await _raised(case, "clock-miss"), await _raised(case, "clock-breach")) == (1, 0)
    async with cambs.session() as session:
        with pytest.raises(Invalid):
            await service.give_reason(session, row.id, (await cambs.member("sio")).person_id, " ")
        await service.give_reason(session, row.id, (await cambs.member("sio")).person_id, "Snow closed the roads.")
        await session.commit()
    row = await case.clock()
    assert (row.state, row.reason) == (ClockState.MISSED, "Snow closed the roads.")


async def test_of_two_clocks_on_one_duty_the_stronger_is_breached_and_the_other_only_reminds(
    cambs: Partnership, clock: Clock
) -> None:
    await clock.freeze(START)
    local = rule("sooner", force="should", duty="conference", limit={"value": 5, "unit": "calendar_days"})
    case = await ClockCase.opened(cambs, local, rule("national", duty="conference"))
    await case.record("discussed", START)
    sooner, national = sorted(await case.clocks(), key=lambda row: row.due_at)
    assert (sooner.yields_to, sooner.effect) == ("national", Effect.REMINDER)
    assert (national.yields_to, national.effect) == (None, Effect.BREACH)
    await clock.freeze(sooner.due_at + DAY)
    await case.fire_due()
    assert await _raised(case, "clock-breach") == 0
    await clock.freeze(national.due_at)
    await case.fire_due()
    assert await _raised(case, "clock-breach") == 1
    assert {row.definition: row.state for row in await case.clocks()} == {
        "sooner": ClockState.ENDED, "national": ClockState.BREACHED,
    }  # fmt: skip


ORDER = {
    "kind": "expiry", "action": "Emergency protection order", "start": {"event": "granted"}, "met_by": None,
    "limit": {"value": 8, "unit": "calendar_days"}, "warn_before": [{"value": 48, "unit": "hours"}],
    "extension": {"granted": "extended", "limit": {"value": 7, "unit": "calendar_days"}},
}  # fmt: skip


async def test_an_order_is_extended_once_on_an_authority_and_alarms_again_ahead_of_its_new_end(
    cambs: Partnership, clock: Clock
) -> None:
    await clock.freeze(START)
    case = await ClockCase.opened(cambs, rule("order", **ORDER))
    (row,) = await case.record("granted", START)
    person = (await cambs.member("sio")).person_id
    await clock.freeze(row.due_at - 2 * DAY)
    await case.fire_due()
    async with cambs.session() as session:
        for nobody in ("", "  "):
            with pytest.raises(Invalid, match="authority"):
                await service.extend(session, row.id, person, authority=nobody, reason="Needed", until=None)
    await _from_marks(case)
    async with cambs.session() as session:
        await service.extend(session, row.id, person, authority="The family court", reason="Needed", until=None)
        await session.commit()
    after = await case.clock()
    assert (after.due_at, after.extension) == (row.due_at + 7 * DAY, "used")
    change = (await case.changes(after))[-1]
    assert (change.kind, change.authority, change.was_due_at) == (Change.EXTENDED, "The family court", row.due_at)
    async with cambs.session() as session:
        with pytest.raises(Conflict, match="before"):
            await service.extend(session, row.id, person, authority="The court", reason="Again", until=None)
    await clock.freeze(after.due_at - 2 * DAY)
    await case.fire_due()
    assert [one.step for one in await case.notices()] == [Step.WARNING, Step.WARNING]
    await clock.freeze(after.due_at)
    await case.fire_due()
    assert (await case.clock()).state is ClockState.EXPIRED
    assert await _raised(case, "clock-expiry") == 1


async def test_what_its_source_does_not_extend_or_pause_is_refused(case: ClockCase) -> None:
    (row,) = await case.record("discussed", START)
    person = (await case.partnership.member("sio")).person_id
    async with case.partnership.session() as session:
        with pytest.raises(Conflict, match="cannot be extended"):
            await service.extend(session, row.id, person, authority="The chair", reason="Busy", until=None)
        with pytest.raises(Conflict, match="never stands still"):
            await service.pause(session, row.id, person, ground="holidays", reason="Busy")
    assert await case.clock() == row


async def test_a_clock_stands_still_on_a_ground_its_source_names_and_goes_on_where_it_stood(
    cambs: Partnership, clock: Clock
) -> None:
    await clock.freeze(START)
    ground = {"reason": "court", "begins": "court-began", "ends": "court-ended", "citation": "The source"}
    case = await ClockCase.opened(cambs, rule(limit={"value": 10, "unit": "calendar_days"}, pauses=[ground],
                                              warn_before=None))  # fmt: skip
    (row,) = await case.record("discussed", START)
    await _from_marks(case)
    person = (await cambs.member("sio")).person_id
    async with cambs.session() as session:
        with pytest.raises(Invalid, match="court"):
            await service.pause(session, row.id, person, ground="holidays", reason="Away")
    async with cambs.session() as session:
        await service.pause(session, row.id, person, ground="court", reason="Proceedings")
        await session.commit()
    assert ((await case.clock()).state, await case.timers()) == (ClockState.PAUSED, [])
    await clock.freeze(START + 30 * DAY)
    await case.fire_due()
    async with cambs.session() as session:
        await service.resume(session, row.id, person)
        await session.commit()
    after = await case.clock()
    assert (after.state, after.due_at) == (ClockState.RUNNING, row.due_at + 30 * DAY)
    assert [one.kind for one in await case.changes(after)] == [Change.STARTED, Change.PAUSED, Change.RESUMED]


async def test_a_start_is_corrected_by_its_mark_which_is_kept(case: ClockCase) -> None:
    (row,) = await case.record("discussed", START)
    await _from_marks(case)
    person = (await case.partnership.member("sio")).person_id
    async with case.partnership.session() as session:
        after = await service.correct_start(session, row.id, person, START - DAY, "The minutes say so.")
        assert (after.id, after.started_at) == (row.id, START - DAY)
        await session.commit()
    async with case.partnership.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM clock_mark")) == 2


async def test_a_timer_served_while_the_clock_is_moved_finds_the_new_limit(case: ClockCase, clock: Clock) -> None:
    (row,) = await case.record("discussed", START)
    await clock.freeze(row.due_at)
    async with case.partnership.session() as moving, case.partnership.session() as firing:
        situation_moved = asyncio.create_task(fire(firing, row.id))
        await asyncio.sleep(0)
        await moving.rollback()
        await situation_moved
        await firing.commit()
    assert (await case.clock()).state is ClockState.BREACHED
    async with case.partnership.session() as again:
        await fire(again, row.id)
        await again.commit()
    assert [one.step for one in await case.notices()] == [Step.LATE]


async def _raised(case: ClockCase, alert_type: str) -> int:
    async with case.partnership.session() as session:
        query = text("SELECT count(*) FROM alert WHERE type = :type AND subject_id = :case")
        return int(await session.scalar(query, {"type": alert_type, "case": case.case_id}) or 0)


async def _from_marks(case: ClockCase) -> None:
    """Record the case's events as marks, as they are where no run keeps them."""
    async with case.partnership.session() as session:
        for event, instants in case.events.items():
            for at in instants:
                await session.execute(
                    text(
                        "INSERT INTO clock_mark (tenant_id, id, case_id, kind, event, at, recorded_at)"
                        " VALUES (:tenant, gen_random_uuid(), :case, 'start', :event, :at, app.now())"
                    ),
                    {"tenant": session.tenant_id, "case": case.case_id, "event": event, "at": at},
                )
        await session.commit()
