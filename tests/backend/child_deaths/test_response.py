"""The run that a report of a child's death starts, and what becomes of the report where none can be started."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.child_deaths import response
from backend.child_deaths.models import Setting, Suspicion
from backend.clocks.models import Clock as ClockRow
from backend.pathways.casework_models import PathwayNotice, PathwayTask
from backend.pathways.editions import operating
from backend.pathways.models import PathwayAction, PathwayEvent, PathwayFact, PathwayRun
from notifications.alerts.models import Alert, ConfigurationAlarm
from support.api import rows
from support.partnership import Partnership
from support.work import Work

JOINT, PATHWAY = "child-death-joint-response", "child-death-joint-agency-response"


async def withdraw(partnership: Partnership) -> None:
    async with partnership.session() as session:
        await operating.withdraw(session, PATHWAY, None, "Another text is written.")
        await session.commit()


async def back_in_force(partnership: Partnership) -> None:
    async with partnership.session() as session:
        await session.execute(
            text("UPDATE pathway_edition SET state = 'approved' WHERE pathway = :one"), {"one": PATHWAY}
        )
        await session.commit()


async def test_the_run_carries_what_the_report_told(cambs: Partnership) -> None:
    death = await cambs.report_death(setting=Setting.WARD)
    (run,) = await rows(cambs, PathwayRun)
    assert (run.case_id, run.pathway, run.stage, run.variant) == (death.case_id, PATHWAY, "first-response", "ward")
    assert run.entry["criteria"] == ["child", "any-home-address", "not-anticipated"]
    events = {row.code: row.occurred_at for row in await rows(cambs, PathwayEvent)}
    assert (events["death"], events["death-confirmed"]) == (death.died_at, death.confirmed_at)
    facts = {row.code: row.value for row in await rows(cambs, PathwayFact)}
    assert facts == {"died-on-ward": True, "anticipated-24-hours-before": False}
    alert = next(row for row in await rows(cambs, Alert) if row.type == JOINT)
    assert [(row.code, row.alert_id) for row in await rows(cambs, PathwayNotice)] == [
        ("response-team-alerted", alert.id)
    ]
    assert [(row.version, row.kind) for row in await rows(cambs, PathwayAction)] == [(1, "started"), (2, "notified")]
    assert {row.run_id for row in await rows(cambs, ClockRow)} == {run.id}


@pytest.mark.parametrize(("suspicion", "told"), [(Suspicion.CRIME, True), (Suspicion.ABUSE_OR_NEGLECT, False)])
async def test_a_crime_suspected_by_the_reporter_starts_the_duty_to_tell_the_police(
    cambs: Partnership, suspicion: Suspicion, *, told: bool
) -> None:
    death = await cambs.report_death(suspicion=suspicion)
    events = {row.code: row.occurred_at for row in await rows(cambs, PathwayEvent)}
    assert events.get("crime-suspected") == (death.reported_at if told else None)
    duties = [row.code for row in await rows(cambs, PathwayTask)]
    assert ("police-told-of-suspicion" in duties) is told


async def test_without_an_edition_in_force_the_report_is_accepted_and_somebody_is_told(cambs: Partnership) -> None:
    await withdraw(cambs)
    death = await cambs.report_death()
    alerts = {row.type: row for row in await rows(cambs, Alert)}
    assert alerts.keys() == {JOINT, "configuration-alarm"}
    assert alerts[JOINT].subject_id == death.case_id
    (alarm,) = await rows(cambs, ConfigurationAlarm)
    assert (alarm.kind, alarm.role, alarm.subject_id) == ("no_pathway", PATHWAY, death.case_id)
    assert await rows(cambs, PathwayRun) == []
    assert await rows(cambs, ClockRow) == []


async def test_an_edition_that_cannot_be_run_leaves_nothing_half_done(
    cambs: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        message = "a fault of the definition"
        raise ValueError(message)

    monkeypatch.setattr("backend.pathways.reported.outgoing", broken)
    await cambs.report_death()
    assert [row.kind for row in await rows(cambs, ConfigurationAlarm)] == ["no_pathway"]
    for table in (PathwayRun, PathwayAction, PathwayEvent, PathwayFact, ClockRow):
        assert await rows(cambs, table) == []
    async with cambs.session() as session:
        told = await session.scalars(text("SELECT action FROM audit_entry WHERE action LIKE 'pathway.%'"))
        assert list(told) == []


async def test_the_run_begins_once_an_edition_is_in_force_and_counts_from_the_death(
    cambs: Partnership, work: Work
) -> None:
    await withdraw(cambs)
    death = await cambs.report_death()
    await late(cambs, death.id)
    assert await rows(cambs, PathwayRun) == []
    await back_in_force(cambs)
    for _ in range(2):
        await late(cambs, death.id)
    assert [row.case_id for row in await rows(cambs, PathwayRun)] == [death.case_id]
    first = next(row for row in await rows(cambs, ClockRow) if row.definition == "child-death-first-discussion")
    assert first.due_at == death.confirmed_at + timedelta(hours=12)
    assert [row.type for row in await rows(cambs, Alert)].count(JOINT) == 1, "nobody is called again"
    assert [row.alert_id is not None for row in await rows(cambs, PathwayNotice)] == [True]
    assert len(await rows(cambs, ConfigurationAlarm)) == 1


async def late(partnership: Partnership, death_id: UUID) -> None:
    """What the task of the report does; each time it finds no edition it is owed once more."""
    async with partnership.session() as session:
        await response.begin_late(session, death_id)
        await session.commit()


async def test_a_report_leaves_a_task_only_where_the_run_did_not_begin(cambs: Partnership) -> None:
    await cambs.report_death()
    assert await owed(cambs) == 0
    await withdraw(cambs)
    await cambs.report_death()
    assert await owed(cambs) == 1


async def owed(partnership: Partnership) -> int:
    async with partnership.session() as session:
        found = await session.scalar(
            text("SELECT count(*) FROM routing.task WHERE actor = :actor"), {"actor": response.BEGIN_RESPONSE.name}
        )
    return int(found or 0)
