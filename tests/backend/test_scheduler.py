"""How long the scheduler sleeps: until the next timer, so that none fires late for want of a look."""

from datetime import UTC, datetime, timedelta

from backend.kit.database import engine
from backend.kit.ids import uuid7
from backend.kit.tasks import NOTICES, Actor, owe
from backend.scheduler import LEAST_PAUSE_SECONDS, PAUSE_SECONDS, pause
from infra.dev.clock import Clock
from support.partnership import Partnership

SOME = Actor("of_this_test", NOTICES)
NOW = datetime(2031, 5, 1, 3, 0, tzinfo=UTC)


async def owed(cambs: Partnership, after: timedelta) -> None:
    async with cambs.session() as session:
        await owe(session, SOME, uuid7(), due_at=NOW + after)
        await session.commit()


async def test_it_sleeps_until_the_next_timer(cambs: Partnership, clock: Clock) -> None:
    await clock.freeze(NOW)
    await owed(cambs, timedelta(hours=1))
    await owed(cambs, timedelta(milliseconds=200))
    assert await pause(engine()) == 0.2


async def test_it_never_sleeps_long(cambs: Partnership, clock: Clock) -> None:
    await clock.freeze(NOW)
    await owed(cambs, timedelta(hours=1))
    assert await pause(engine()) == PAUSE_SECONDS


async def test_it_never_spins(cambs: Partnership, clock: Clock) -> None:
    await clock.freeze(NOW)
    await owed(cambs, timedelta(microseconds=50))
    assert await pause(engine()) == LEAST_PAUSE_SECONDS


async def test_what_is_due_already_was_woken_and_is_not_waited_for(cambs: Partnership, clock: Clock) -> None:
    await clock.freeze(NOW)
    await owed(cambs, timedelta())
    assert await pause(engine()) == PAUSE_SECONDS
