"""Open clocks that count working days move when a day is proclaimed or withdrawn, with an audit line each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import httpx
import pytest
from sqlalchemy import text

from backend.clocks.models import Clock as ClockRow
from backend.clocks.models import ClockState
from backend.pathways.editions import service as editions
from infra.dev.clock import Clock
from support.command_line import CommandLine
from support.partnership import Partnership
from support.scene import Phones, Scene, forget_daily_work
from support.work import Work
from tenants.calendars import bank_holidays

Run: TypeAlias = Callable[..., str]
WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
THREE_DAYS = """
pathway: child-death-joint-agency-response
partnership: cambs-peterborough
edition: A test's own text
words_stand: Board minute 12
settings: {acknowledge-alert-within: {value: 2, unit: minutes}}
starts: {child-death-scene-visit: death-confirmed}
change:
  clocks:
    child-death-coroner-report:
      limit: {value: 3, unit: working_days}
      warn_before: [{value: 1, unit: working_days}]
      authority: Board minute 12
      ground: The coroner asks for it sooner.
"""
WAS, NEXT = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)


@pytest.fixture
async def scene(
    cambs: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Scene:
    await forget_daily_work(cambs)
    await clock.freeze(WEDNESDAY)
    bank_holidays.forget()
    made = Scene(cambs, environment, clock, work, Phones(carrier))
    await made.lay_out_shifts(WEDNESDAY)
    async with cambs.session() as session:
        one = editions.compile_text("child-death-joint-agency-response", THREE_DAYS)
        await editions.put_in_force(session, one, WEDNESDAY.date(), role="board", authority="Board minute 12")
        await session.commit()
    await made.report(died_at=WEDNESDAY - timedelta(hours=1), confirmed_at=WEDNESDAY - timedelta(hours=1))
    return made


@pytest.fixture
def calendar(scene: Scene, command_line: CommandLine) -> Run:
    """What ``safeguard calendar`` says, wherever it says it."""

    def run(*arguments: str) -> str:
        done = command_line.run(["calendar", *arguments], scene.environment)
        bank_holidays.forget()
        return done.stdout + done.stderr

    return run


async def report_due(scene: Scene) -> ClockRow:
    async with scene.partnership.session() as session:
        found = await session.execute(text("SELECT * FROM clock WHERE definition = 'child-death-coroner-report'"))
        return ClockRow(**found.mappings().one())


async def timers(scene: Scene, clock: ClockRow) -> dict[str, datetime]:
    async with scene.owner() as session:
        rows = await session.execute(
            text("SELECT actor, due_at FROM routing.task WHERE subject_id = :id"), {"id": clock.id}
        )
        return {row.actor: row.due_at for row in rows}


async def recounted(scene: Scene) -> list[dict[str, Any]]:
    async with scene.owner() as session:
        rows = await session.execute(
            text("SELECT detail FROM audit_entry WHERE detail ->> 'cause' = 'practice' ORDER BY seq")
        )
        return [row.detail for row in rows]


async def test_a_proclaimed_day_moves_the_limit_its_timers_and_says_so_once(scene: Scene, calendar: Run) -> None:
    before = await report_due(scene)
    assert before.due_at == WAS
    assert calendar("proclaim", "2026-11-27", "--name", "A state funeral", "--source", "The Gazette").startswith(
        "2026-11-27: a bank holiday from now on; 2 partnerships count their open clocks anew"
    )
    await scene.work.run_due()
    after = await report_due(scene)
    assert after.due_at == NEXT
    assert await timers(scene, after) == {"clock_timer": NEXT - timedelta(days=1)}, "its reminder is next"
    (line,) = await recounted(scene)
    assert (line["due_at"], line["was_due_at"]) == (NEXT.isoformat(), WAS.isoformat())
    await scene.wait(timedelta(minutes=1))
    assert len(await recounted(scene)) == 1, "the second count finds nothing to move"


async def test_the_old_limit_passes_without_a_breach_and_the_new_one_does_not(scene: Scene, calendar: Run) -> None:
    calendar("proclaim", "2026-11-27", "--name", "A state funeral", "--source", "The Gazette")
    await scene.work.run_due()
    await scene.lay_out_shifts(NEXT)
    await scene.clock.freeze(WAS)
    await scene.work.run_due()
    assert (await report_due(scene)).state == ClockState.RUNNING
    await scene.clock.freeze(NEXT)
    await scene.work.run_due()
    assert (await report_due(scene)).state == ClockState.BREACHED


async def test_a_withdrawn_day_brings_the_limit_back(scene: Scene, calendar: Run) -> None:
    calendar("proclaim", "2026-11-27", "--name", "A state funeral", "--source", "The Gazette")
    await scene.work.run_due()
    assert "an ordinary day from now on" in calendar("withdraw", "2026-11-27", "--source", "A correction")
    await scene.work.run_due()
    assert (await report_due(scene)).due_at == WAS
    assert [line["due_at"] for line in await recounted(scene)] == [NEXT.isoformat(), WAS.isoformat()]


async def test_clocks_in_hours_and_ended_ones_are_left_alone(scene: Scene, calendar: Run) -> None:
    await scene.change(
        "UPDATE clock SET state = 'cancelled', why = 'closed', next_at = NULL"
        " WHERE rule -> 'limit' ->> 'unit' = 'working_days'"
    )
    calendar("proclaim", "2026-11-27", "--name", "A state funeral", "--source", "The Gazette")
    await scene.work.run_due()
    assert await recounted(scene) == []
    assert (await report_due(scene)).due_at == WAS


async def test_the_command_lists_days_and_refuses_wrong_ones_in_a_line(scene: Scene, calendar: Run) -> None:
    listed = calendar("list", "--from", "2026-12-01", "--to", "2026-12-31").splitlines()
    assert [line[:14] for line in listed] == ["2026-12-25 Fri", "2026-12-28 Mon"]
    assert "holidays 0." in listed[0]
    for arguments, said in (
        (["proclaim", "2026-12-26", "--name", "x", "--source", "y"], "day: is at a weekend"),
        (["proclaim", "2026-12-25", "--name", "x", "--source", "y"], "2026-12-25 is already a bank holiday"),
        (["proclaim", "2026-12-24", "--name", "x"], "Missing option '--source'"),
    ):
        told = calendar(*arguments)
        assert said in told
        assert told.count("\n") == 1
