"""The clocks of a run: begun and moved by its events, corrected through them, cancelled with it."""

from datetime import timedelta

import pytest

from backend.clocks import service
from backend.clocks.models import Clock, ClockState, Why
from backend.clocks.recording import Cause
from backend.pathways import repository, starts
from backend.pathways.clockwork import wind_by_id
from backend.pathways.models import PathwayEvent
from backend.pathways.moments import standing
from infra.dev.clock import Clock as DatabaseClock
from support.casework import Started, referral
from support.partnership import Partnership
from support.scene import coming

HOUR = timedelta(hours=1)


@pytest.fixture
async def started(herts: Partnership, clock: DatabaseClock) -> Started:
    await clock.freeze(coming(weekday=1, hour=12))
    return await referral(herts)


async def clocks_of(started: Started) -> list[Clock]:
    async with started.partnership.session() as session:
        rows = await wind_by_id(session, started.run_id, Cause("test"))
        assert not session.inserted(Clock), "what is recorded had its clocks made already"
    return rows


async def test_the_events_of_a_run_begin_its_clocks_with_its_edition(started: Started) -> None:
    rows = await clocks_of(started)
    assert rows
    assert {row.run_id for row in rows} == {started.run_id}
    assert {row.case_id for row in rows} == {started.case_id}
    assert all(row.trace and row.rule["citation"] for row in rows)


async def test_a_start_corrected_through_its_event_moves_the_clock(started: Started) -> None:
    row = next(row for row in await clocks_of(started) if row.state is ClockState.RUNNING)
    async with started.partnership.session() as session:
        after = await starts.correct(session, started.intake, row.id, row.started_at - 48 * HOUR, "Misread the log.")
        await session.commit()
    assert (after.id, after.started_at) == (row.id, row.started_at - 48 * HOUR)
    assert after.due_at < row.due_at
    async with started.partnership.session() as session:
        events = standing(await repository.of_run(session, PathwayEvent, started.run_id))
        assert any(one.occurred_at == after.started_at and one.reason == "Misread the log." for one in events)


async def test_a_closed_run_cancels_its_clocks(started: Started) -> None:
    async with started.partnership.session() as session:
        await service.cancel_all(session, started.case_id, started.run_id, Cause("closing"))
        await session.commit()
    async with started.partnership.session() as session:
        rows = await wind_by_id(session, started.run_id, Cause("test"))
    assert {(row.state, row.why) for row in rows if row.state is ClockState.CANCELLED} == {
        (ClockState.CANCELLED, Why.CLOSED)
    }
    assert not [row for row in rows if row.state is ClockState.RUNNING]
