"""Statutory clocks from a report to their end: what each partnership starts, who is told and when."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from backend.clocks import repository, service
from backend.clocks.firing import fire
from backend.clocks.limits import Force
from backend.clocks.models import Clock as ClockRow
from backend.clocks.models import ClockState
from backend.kit.problems import Conflict, Invalid
from backend.kit.session import TenantSession
from infra.dev.clock import Clock
from support.partnership import Partnership
from support.scene import Phones, Scene, coming, forget_daily_work
from support.work import Work

FIRST, VISIT, CORONER, FINAL = (
    f"child-death-{name}" for name in ("first-discussion", "scene-visit", "coroner-report", "final-discussion-range")
)
HOUR, INSTANT = timedelta(hours=1), timedelta(milliseconds=1)
BREACH, REMINDER, NOTICE = "clock-breach", "clock-reminder", "clock-notice"


@pytest.fixture
async def scene(
    cambs: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Scene:
    return await opened(cambs, environment, clock, work, carrier)


@pytest.fixture
async def herts_scene(
    herts: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Scene:
    return await opened(herts, environment, clock, work, carrier)


async def opened(
    partnership: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Scene:
    await forget_daily_work(partnership)
    await clock.freeze(coming(weekday=1, hour=12))
    return Scene(partnership, environment, clock, work, Phones(carrier))


async def report(scene: Scene, *, died: timedelta = HOUR, confirmed: timedelta = HOUR) -> datetime:
    """Report a death, both given as time ago; both slots of the alert are answered. Returns now."""
    now = await scene.clock.advance(timedelta())
    await scene.report(died_at=now - died, confirmed_at=now - confirmed)
    for role in scene.slot_ids:
        await scene.acknowledge(role, await scene.on_call(role))
    scene.phones.new()
    return now


async def clocks(scene: Scene) -> dict[str, ClockRow]:
    async with scene.partnership.session() as session:
        cases = list(await session.scalars(text("SELECT id FROM case_file")))
        return {one.definition: one for found in (await repository.of_cases(session, cases)).values() for one in found}


async def complete(scene: Scene, definition: str, at: datetime | None = None) -> ClockRow:
    found, person = (await clocks(scene))[definition], await scene.on_call("sio")
    async with scene.partnership.session() as session:
        done = await service.complete(session, found.id, person, at)
        await session.commit()
    return done


async def leave_only(scene: Scene, definition: str) -> None:
    """Have done whatever else runs."""
    for one, found in (await clocks(scene)).items():
        if one != definition and found.state is ClockState.RUNNING:
            await complete(scene, one)


async def again(scene: Scene, act: Callable[[TenantSession, UUID], Awaitable[None]]) -> None:
    """What a task of the visit's clock would do if it were woken once more."""
    found = (await clocks(scene))[VISIT]
    async with scene.partnership.session() as session:
        await act(session, found.id)
        await session.commit()


async def notices(scene: Scene) -> dict[str, list[str]]:
    """What has been sent about clocks since the last look."""
    return {kind: to for kind, to in scene.phones.new().items() if kind in {BREACH, REMINDER, NOTICE}}


async def test_cambridgeshire_gives_the_first_discussion_its_own_twelve_hours(scene: Scene) -> None:
    now = await report(scene)
    found = (await clocks(scene))[FIRST]
    assert found.due_at == now - HOUR + timedelta(hours=12)
    assert (found.force, found.citation) == (Force.MUST, "Cambridgeshire and Peterborough manual §4.5, L618")
    assert (found.rule["kind"], found.rule["origin"]) == ("deadline", "local")
    assert found.owner_role == "paediatrician"


async def test_hertfordshire_takes_the_national_at_once(herts_scene: Scene) -> None:
    now = await report(herts_scene)
    found = (await clocks(herts_scene))[FIRST]
    assert found.due_at == found.started_at == now - HOUR
    assert (found.rule.get("origin"), found.rule["wording"]) == (None, "immediate")
    assert found.citation == "Working Together 2005 ¶5.33"


async def test_the_visit_runs_from_confirmation_and_the_coroners_report_from_death(scene: Scene) -> None:
    now = await report(scene, died=30 * HOUR, confirmed=2 * HOUR)
    found = await clocks(scene)
    assert set(found) == {FIRST, VISIT, CORONER, FINAL}
    assert found[VISIT].due_at == now + 22 * HOUR
    assert (found[VISIT].owner_role, found[VISIT].rule["start"]["unstated"]) == ("sio", True)
    assert found[CORONER].force is Force.MUST
    # The whole of the last day may be used: 28 days after the day of death, until local midnight.
    london = ZoneInfo(scene.partnership.zone)
    died_on = (now - 30 * HOUR).astimezone(london).date()
    last = found[CORONER].due_at.astimezone(london)
    assert (last.time(), last.date()) == (time(), died_on + timedelta(days=29))


async def test_an_expected_death_starts_no_clock(scene: Scene) -> None:
    await scene.partnership.report_death(anticipated_24h_before=True)
    assert await clocks(scene) == {}


async def test_the_owner_is_reminded_once_and_told_of_the_breach_once(scene: Scene) -> None:
    await report(scene, confirmed=timedelta())
    await leave_only(scene, VISIT)
    await scene.wait(18 * HOUR - INSTANT)
    assert await notices(scene) == {}
    await scene.wait(INSTANT)
    assert await notices(scene) == {REMINDER: await scene.reach(["email", "sms"], await scene.on_call("sio"))}
    await again(scene, fire)
    await scene.wait(6 * HOUR - INSTANT)
    assert await notices(scene) == {}
    await scene.wait(INSTANT)
    assert await notices(scene) == {NOTICE: await scene.reach(["sms", "email"], await scene.on_call("sio"))}
    assert (await clocks(scene))[VISIT].state is ClockState.RUNNING
    await scene.wait(INSTANT)
    assert await notices(scene) == {BREACH: await scene.reach(["sms", "email"], await scene.on_call("sio"))}
    found = (await clocks(scene))[VISIT]
    assert (found.state, found.breached_at) == (ClockState.BREACHED, found.due_at + INSTANT)
    await again(scene, fire)
    await scene.work.run_due()
    assert await notices(scene) == {}


async def test_a_breach_that_nobody_answers_goes_to_the_designated_doctor(scene: Scene) -> None:
    await report(scene, confirmed=timedelta())
    await leave_only(scene, VISIT)
    await scene.wait(24 * HOUR + INSTANT)
    await notices(scene)
    await scene.wait(timedelta(minutes=15) - INSTANT)
    assert await notices(scene) == {}
    await scene.wait(INSTANT)
    doctor = await scene.on_call("designated_doctor")
    assert await notices(scene) == {BREACH: await scene.reach(["sms", "email"], doctor)}


async def test_a_duty_that_is_done_never_reminds_or_breaches(scene: Scene) -> None:
    await report(scene)
    for definition in (FIRST, VISIT, CORONER, FINAL):
        done = await complete(scene, definition)
        assert (done.state, done.met_by) == (ClockState.MET, await scene.on_call("sio"))
    await scene.wait(timedelta(days=1))
    await scene.wait(timedelta(days=6))
    assert await notices(scene) == {}
    assert {one.state for one in (await clocks(scene)).values()} == {ClockState.MET}


async def test_a_late_report_breaches_at_once_and_reminds_of_nothing(scene: Scene) -> None:
    now = await scene.clock.advance(timedelta())
    await scene.report(died_at=now - 26 * HOUR, confirmed_at=now - 25 * HOUR)
    people = await scene.on_call("paediatrician"), await scene.on_call("sio")
    assert await notices(scene) == {BREACH: await scene.reach(["sms", "email"], *people)}
    found = await clocks(scene)
    assert [found[one].state for one in (FIRST, VISIT, CORONER)] == ["breached", "breached", "running"]


async def test_a_report_inside_the_last_hours_reminds_at_once(scene: Scene) -> None:
    now = await scene.clock.advance(timedelta())
    await scene.report(died_at=now - 20 * HOUR, confirmed_at=now - 20 * HOUR)
    assert (await notices(scene))[REMINDER] == await scene.reach(["sms", "email"], await scene.on_call("sio"))


async def test_at_once_escalates_by_the_partnerships_own_minutes(herts_scene: Scene) -> None:
    await report(herts_scene)
    await leave_only(herts_scene, FIRST)
    await herts_scene.wait(timedelta(minutes=30) - INSTANT)
    assert await notices(herts_scene) == {}
    await herts_scene.wait(INSTANT)
    owner = await herts_scene.on_call("paediatrician")
    assert await notices(herts_scene) == {BREACH: await herts_scene.reach(["sms", "email"], owner)}


async def test_at_once_never_escalates_where_no_minutes_are_set(herts_scene: Scene) -> None:
    await herts_scene.change("DELETE FROM partnership_setting WHERE key = 'at_once_escalate_after_minutes'")
    await report(herts_scene)
    await herts_scene.wait(16 * HOUR)
    assert await notices(herts_scene) == {}
    assert (await clocks(herts_scene))[FIRST].state is ClockState.RUNNING
    assert (await complete(herts_scene, FIRST)).state is ClockState.MET


async def test_a_duty_done_late_is_a_breach_even_before_the_timer_has_fired(scene: Scene) -> None:
    now = await report(scene, confirmed=timedelta())
    await leave_only(scene, VISIT)
    await scene.clock.advance(24 * HOUR + INSTANT)
    done = await complete(scene, VISIT)
    assert (done.state, done.breached_at, done.met_at) == ("met_late", done.met_at, now + 24 * HOUR + INSTANT)
    await scene.work.run_due()
    assert BREACH not in await notices(scene)


async def test_a_duty_done_at_the_last_instant_is_kept_and_a_breach_stays_one(scene: Scene) -> None:
    now = await report(scene, confirmed=timedelta())
    await scene.clock.advance(24 * HOUR)
    assert (await complete(scene, VISIT)).state is ClockState.MET
    await scene.work.run_due()
    assert (await clocks(scene))[FIRST].state is ClockState.BREACHED
    recorded = await complete(scene, FIRST, at=now + HOUR)
    assert (recorded.state, recorded.met_at) == (ClockState.BREACHED, now + HOUR)


async def test_a_completion_is_recorded_once_and_lies_between_start_and_now(scene: Scene) -> None:
    now = await report(scene)
    for wrong in (now + INSTANT, now - HOUR - INSTANT):
        with pytest.raises(Invalid):
            await complete(scene, VISIT, at=wrong)
    await complete(scene, VISIT, at=now)
    with pytest.raises(Conflict):
        await complete(scene, VISIT)


@pytest.mark.parametrize(
    ("confirmed", "due", "last_moment"),
    [
        # 31 October 2027: clocks go back. 24 elapsed hours end an hour earlier on the wall.
        (datetime(2027, 10, 30, 20, 0, tzinfo=UTC), datetime(2027, 10, 31, 20, 0, tzinfo=UTC),
         datetime(2027, 11, 28, 0, 0, tzinfo=UTC)),
        # 28 March 2027: clocks go forward. The 28th day ends at summer's midnight.
        (datetime(2027, 3, 27, 21, 0, tzinfo=UTC), datetime(2027, 3, 28, 21, 0, tzinfo=UTC),
         datetime(2027, 4, 24, 23, 0, tzinfo=UTC)),
    ],
)  # fmt: skip
async def test_on_the_nights_the_clocks_change_hours_are_hours_and_days_are_days(
    scene: Scene, confirmed: datetime, due: datetime, last_moment: datetime
) -> None:
    await scene.lay_out_shifts(confirmed)
    await scene.at(confirmed + HOUR)
    await report(scene)
    found = await clocks(scene)
    assert (found[VISIT].due_at, found[CORONER].due_at) == (due, last_moment)
    await leave_only(scene, VISIT)
    await scene.wait(23 * HOUR)
    assert BREACH not in await notices(scene)
    await scene.wait(INSTANT)
    assert BREACH in await notices(scene)
