"""A sandbox holds generated cases that every query finds and every service goes on with, and sends nothing."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.cases.models import CaseEvent, CaseFile, CaseState
from backend.clocks.models import Clock, ClockState
from backend.identity.policies import Caller
from backend.kit.audit import AuditEntry, first_broken
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.pathways import casework, clockwork, deciding, forms, repository
from backend.pathways.casework import Known
from backend.pathways.casework_models import PathwayTask, TaskState
from backend.pathways.course import course_of
from backend.pathways.deciding import DecisionTold
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import EditionState, PathwayAction, PathwayRun, RunState
from backend.pathways.standing import step_of
from backend.sandbox.cases import GENERATED
from backend.sandbox.journeys import PLAN
from backend.sandbox.service import Wanted, fill, prepare
from notifications.alerts.models import Alert
from notifications.deliveries.models import Delivery, DeliveryState
from support.api import Door, operation
from support.partnership import Partnership
from support.scene import Scene
from tenants.partnerships import repository as partnerships

SEED = 123
CASES = 24


async def every(session: TenantSession, model: Any) -> list[Any]:
    return list(await session.scalars(select(model).where(col(model.tenant_id) == session.tenant_id)))


async def test_a_generated_year_is_as_if_people_had_worked_it(
    owner: AsyncEngine, scene: Scene, door: Door, herts: Partnership
) -> None:
    place = scene.partnership
    await prepare(owner, place.slug, SEED)
    # Broken off after the first half of the families, and gone on with.
    there: list[int] = []
    assert await fill(owner, place.slug, Wanted(CASES, SEED, 0, 2), there.append) == sum(there) < CASES
    await prepare(owner, place.slug, SEED)
    again: list[int] = []
    assert await fill(owner, place.slug, Wanted(CASES, SEED), again.append) == CASES - sum(there)
    assert sum(again) == CASES
    assert await fill(owner, place.slug, Wanted(CASES, SEED), lambda _: None) == 0
    with pytest.raises(Conflict, match="generated with seed"):
        await prepare(owner, place.slug, SEED + 1)

    async with place.session() as session:
        assert (await partnerships.own(session)).sandbox
        cases = {case.id: case for case in await every(session, CaseFile)}
        assert len(cases) == CASES
        said = [row for row in await every(session, AuditEntry) if row.action == GENERATED]
        assert {row.subject_id for row in said} == cases.keys(), "the audit log says of each that it was generated"
        assert not [row for row in await every(session, AuditEntry) if row.action.startswith("pathway.")]
        assert await first_broken(session) is None
        assert await session.scalar(select(func.count()).select_from(Alert)) == 0
        await as_the_actions_have_it(session)
        now = await session.now()
        for clock in await every(session, Clock):
            assert clock.started_at <= now
            passed = clock.state is ClockState.RUNNING and clock.late_from is not None and clock.late_from <= now
            assert not passed, "what time would have done is done"
        assert all(event.recorded_at <= now for event in await every(session, CaseEvent))
        open_ids = {row.id for row in cases.values() if row.state is CaseState.OPEN}
        assert {run.case_id for run in await every(session, PathwayRun) if run.state is RunState.OPEN} <= open_ids

    await is_gone_on_with(place)
    await answers_the_usual_queries(place, door)
    await sends_nothing(scene)
    await herts.report_death()
    with pytest.raises(Conflict, match="holds cases"):
        await prepare(owner, herts.slug, SEED)
    await scene.work.run_due()
    assert scene.phones.messages(), "what is no sandbox sends on"


async def as_the_actions_have_it(session: TenantSession) -> None:
    """Each run follows an edition in force, and stands where its steps lead."""
    for run in await every(session, PathwayRun):
        edition = await editions.edition(session, run.edition_id)
        assert edition.state is EditionState.APPROVED
        assert edition.pathway == run.pathway
        taken = await repository.actions(session, run.id)
        course = course_of(step_of(row) for row in taken)
        assert (course.stage, course.version, course.closed) == (run.stage, run.version, run.state is RunState.CLOSED)
        assert [row.acted_at for row in taken] == sorted(row.acted_at for row in taken)
        tasks = await repository.of_run(session, PathwayTask, run.id)
        assert not (course.closed and any(row.state is TaskState.OPEN for row in tasks))
    assert len(await every(session, PathwayAction)) > CASES


async def is_gone_on_with(place: Partnership) -> None:
    """The lead of a case with a plan decides and completes a form; the clocks that are there are the ones there are."""
    async with place.session() as session:
        run = next(one for one in await every(session, PathwayRun)
                   if one.pathway == PLAN and one.state is RunState.OPEN and one.stage == "carrying-out")  # fmt: skip
        case = await session.get_one(CaseFile, (place.id, run.case_id))
        lead = Caller(place.id, place.slug, case.owner_id or uuid7(), ("duty_manager",))
        before = {row.id: (row.state, row.due_at) for row in await every(session, Clock) if row.run_id == run.id}
        one = effective_of(await editions.edition(session, run.edition_id))
        rows = await clockwork.wind(session, run, one)
        assert {row.id: (row.state, row.due_at) for row in rows} == before, "the kernel says the same of every clock"
        told = DecisionTold("progress", ("progress",), "It goes well.")
        await deciding.decide(session, lead, run.id, told, uuid7(), version=run.version, transaction_id="by-a-person")
        form = forms.FormTold("progress-note", {"progress": "The child goes to school each day."})
        await casework.complete_form(session, lead, run.id, form, uuid7(), Known(None, "by-a-person-too"))
        await session.commit()
    async with place.session() as session:
        after = await repository.run(session, run.id)
        assert after.version == run.version
        assert (await repository.actions(session, run.id))[-1].transaction_id == "by-a-person-too"


async def answers_the_usual_queries(place: Partnership, door: Door) -> None:
    manager = await door.member(place, "duty_manager")
    found = await manager.run("{ cases(first: 50) { edges { node { id reference state } } } }")
    assert len(found["cases"]["edges"]) == CASES
    for edge in found["cases"]["edges"][:3]:
        shown = (await manager.run(operation("CaseScreen"), id=edge["node"]["id"]))["case"]
        assert shown["reference"] == edge["node"]["reference"]
    assert (await manager.run("{ clocks(first: 5) { edges { node { title } } } }"))["clocks"]["edges"]


async def sends_nothing(scene: Scene) -> None:
    """Everything is as in earnest, but for the provider."""
    await scene.partnership.report_death()
    await scene.work.run_due()
    async with scene.partnership.session() as session:
        deliveries = await every(session, Delivery)
        assert deliveries
        assert {row.state for row in deliveries} <= {DeliveryState.HANDED_OVER, DeliveryState.CANCELLED}
        handed = [row for row in deliveries if row.state is DeliveryState.HANDED_OVER]
        assert handed
        assert {row.provider for row in handed} == {"sandbox"}
    assert scene.phones.messages() == []


async def test_only_the_operator_makes_a_sandbox(owner: AsyncEngine, cambs: Partnership) -> None:
    async with cambs.session() as session:
        partnership = await partnerships.own(session)
        partnership.sandbox = True
        with pytest.raises(Exception, match="permission denied"):
            await session.flush()
    async with owner.begin() as connection:
        await connection.execute(
            text("UPDATE routing.partnership SET sandbox = true WHERE slug = 'cambs-peterborough'")
        )
    async with cambs.session() as session:
        assert (await partnerships.own(session)).sandbox
