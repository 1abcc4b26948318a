"""Drills: the same engine, words that say so, counted apart, held again and again and never at a bad time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.kit import metrics
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid
from notifications.alerts import drills
from notifications.alerts.models import Alert, AlertState
from notifications.ladders import drill_repository as schedules
from notifications.ladders.drills import DrillRule
from notifications.ladders.models import DrillSchedule
from support.environment import owner_engine
from support.ladders import TYPE, call, put_in_force, rota, slot
from support.scene import PAGE, Scene, coming
from tenants.calendars import bank_holidays

WEEK = timedelta(days=7)
LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)
WEEKLY: Mapping[str, Any] = {"pattern": "weekly", "weekday": 2, "at": "14:00"}


def weeks_on(at: datetime, weeks: int) -> datetime:
    """The same hour by London's clocks, which may have been changed meanwhile."""
    return (at.astimezone(LONDON) + weeks * WEEK).astimezone(UTC)


async def schedule(scene: Scene, rule: Mapping[str, Any] = WEEKLY, alert_type: str = TYPE) -> UUID:
    schedule_id = uuid7()
    async with scene.partnership.session() as session:
        by = (await scene.partnership.member("duty_manager")).person_id
        await drills.schedule(session, alert_type, DrillRule.model_validate(rule), by=by, schedule_id=schedule_id)
        await session.commit()
    return schedule_id


async def stored(scene: Scene, schedule_id: UUID) -> DrillSchedule:
    async with scene.partnership.session() as session:
        return await schedules.schedule(session, schedule_id)


async def held(scene: Scene) -> list[datetime]:
    async with scene.partnership.session() as session:
        found = await session.scalars(select(Alert).where(col(Alert.drill)).order_by(col(Alert.accepted_at)))
        return [alert.accepted_at for alert in found]


def first_pages() -> float:
    return sum(
        sample.value
        for family in metrics.FIRST_PAGE_SECONDS.collect()
        for sample in family.samples
        if sample.name.endswith("_count")
    )


async def test_a_drill_says_so_and_is_in_no_figure(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    before = first_pages()
    await call(scene, alert_type="child-death-joint-response", drill=True)
    arrived = scene.phones.new()
    texts = await scene.reach(["sms"], sio, await scene.on_call("paediatrician"))
    assert arrived["drill-page"] == texts
    assert "rapid-response-page" not in arrived or all(a.startswith("push ") for a in arrived[PAGE])
    assert first_pages() == before
    await scene.acknowledge("sio", sio)
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    alert = await scene.alert()
    assert (alert.state, alert.drill, alert.subject_kind) == (AlertState.MET, True, "test")
    await call(scene, alert_type="child-death-joint-response")
    assert first_pages() > before


async def test_drills_are_held_each_week_at_their_hour(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await scene.at(coming(weekday=1, hour=12))
    await schedule(scene)
    at = coming(weekday=2, hour=14)
    await scene.lay_out_shifts(at)
    for week in range(2):
        await scene.at(weeks_on(at, week) - timedelta(seconds=1))
        await scene.work.run_due()
        assert len(await held(scene)) == week
        await scene.wait(timedelta(seconds=1))
        assert await held(scene) == [weeks_on(at, n) for n in range(week + 1)]
        assert set(scene.phones.new()) == {"drill-page"}
        await scene.change("UPDATE alert_slot SET state = 'acknowledged'")
        await scene.change("DELETE FROM routing.task WHERE actor = 'page_ended'")


async def test_a_drill_that_would_come_too_late_is_left_out_and_the_next_is_planned(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    schedule_id = await schedule(scene)
    at = (await stored(scene, schedule_id)).next_at
    await scene.at(at + HOUR)
    await scene.work.run_due()
    found = await stored(scene, schedule_id)
    assert await held(scene) == []
    assert scene.phones.new() == {}
    assert (found.skipped_at, found.next_at) == (at + HOUR, weeks_on(at, 1))
    assert found.skipped_because == "it was more than half an hour late"


async def test_no_drill_is_held_while_people_are_called_in_earnest(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio", acknowledge_within=3_600)))
    schedule_id = await schedule(scene)
    at = (await stored(scene, schedule_id)).next_at
    await scene.at(at - timedelta(minutes=1))
    await call(scene)
    scene.phones.new()
    await scene.wait(timedelta(minutes=1))
    assert scene.phones.new() == {}
    assert (await stored(scene, schedule_id)).skipped_because == "people were being called in earnest"


async def test_an_ended_schedule_holds_no_more(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    schedule_id = await schedule(scene)
    at = (await stored(scene, schedule_id)).next_at
    async with scene.partnership.session() as session:
        by = (await scene.partnership.member("duty_manager")).person_id
        await drills.end(session, schedule_id, by)
        await session.commit()
    await scene.at(at)
    await scene.work.run_due()
    assert await held(scene) == []
    assert await schedule(scene) != schedule_id


async def test_a_type_has_one_schedule_and_a_policy_in_force(scene: Scene) -> None:
    with pytest.raises(Invalid):
        await schedule(scene, alert_type="never-heard-of")
    await put_in_force(scene, slot(rota("sio")))
    await schedule(scene)
    with pytest.raises(Conflict):
        await schedule(scene)


async def test_a_day_that_was_proclaimed_is_a_bank_holiday_of_drills_too(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    tomorrow = coming(weekday=2, hour=12).date()
    await bank_holidays.proclaim(owner_engine(), tomorrow, "A day of thanks", "The Gazette 64999")
    hours = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "09:00", "end": "10:00", "bank_holidays": "only"}
    made = await schedule(scene, {"pattern": "random", "every_days": 2, "between": [hours]})
    bank_holidays.forget()  # of which the next test knows nothing
    assert (await stored(scene, made)).next_at.date() == tomorrow
