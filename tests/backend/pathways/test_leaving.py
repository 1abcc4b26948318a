"""Somebody leaves in the middle of a run: nothing that has to be done stays with them."""

from collections.abc import Mapping
from uuid import UUID

from backend.cases.access import bars
from backend.cases.people import practitioners
from backend.cases.people.models import CasePractitioner
from backend.cases.people.practitioners import AssignmentTold
from backend.identity import people
from backend.kit.ids import uuid7
from backend.pathways import leaving, settling
from backend.pathways.casework_models import PathwayTask, TaskState
from support.api import rows
from support.casework import Started
from support.work import Work


async def owners(started: Started) -> Mapping[UUID, tuple[UUID | None, UUID | None]]:
    found = await rows(started.partnership, PathwayTask)
    return {row.id: (row.owner_id, row.deputy_id) for row in found if row.state is TaskState.OPEN}


async def leave(started: Started, work: Work) -> None:
    by = await started.partnership.member("administrator")
    async with started.partnership.session() as session:
        await people.leave(session, started.intake.person_id, "Another post", by=by)
        await session.commit()
    await work.run_due()


async def on_the_case(started: Started, role: str, member: str) -> UUID:
    person = await started.partnership.member(member)
    async with started.partnership.session() as session:
        told = AssignmentTold(role, person_id=person.person_id)
        await practitioners.assign(session, started.manager, started.case_id, told, uuid7())
        await session.commit()
    return person.person_id


async def test_their_tasks_are_the_leads_to_give_and_others_tasks_stay(started: Started, work: Work) -> None:
    before = await owners(started)
    theirs = {task for task, (owner, _) in before.items() if owner == started.intake.person_id}
    assert theirs
    await leave(started, work)
    after = await owners(started)
    assert after == {task: (None, None) if task in theirs else who for task, who in before.items()}
    ended = [row for row in await rows(started.partnership, CasePractitioner) if row.to_at is not None]
    assert [row.person_id for row in ended] == [started.intake.person_id]


async def test_a_task_falls_to_its_deputy_first_and_then_to_who_holds_its_role(started: Started, work: Work) -> None:
    deputy = await on_the_case(started, "lead-social-worker", "paediatrician")
    colleague = await on_the_case(started, "social-care-intake", "designated_doctor")
    before = await owners(started)
    first, *others = sorted(task for task, (owner, _) in before.items() if owner == started.intake.person_id)
    async with started.partnership.session() as session:
        version = (await session.get_one(PathwayTask, (session.tenant_id, first))).version
        await settling.assign(session, started.manager, first, started.intake.person_id, deputy, version=version)
        await session.commit()
    roles = {row.id: row.role for row in await rows(started.partnership, PathwayTask)}
    await leave(started, work)
    after = await owners(started)
    assert after[first] == (deputy, None)
    assert {roles[task]: after[task][0] for task in others} == {
        roles[task]: colleague if roles[task] == "social-care-intake" else None for task in others
    }


async def test_nothing_is_passed_on_of_somebody_who_is_back(started: Started) -> None:
    before = await owners(started)
    async with started.partnership.session() as session:
        await leaving.pass_on(session, started.intake.person_id)
        await session.commit()
    assert await owners(started) == before


async def test_tasks_of_somebody_from_whom_the_case_is_kept_find_somebody_else(started: Started) -> None:
    colleague = await on_the_case(started, "social-care-intake", "designated_doctor")
    before = await owners(started)
    theirs = {task for task, (owner, _) in before.items() if owner == started.intake.person_id}
    roles = {row.id: row.role for row in await rows(started.partnership, PathwayTask)}
    async with started.partnership.session() as session:
        await bars.bar(session, started.manager, started.case_id, started.intake.person_id, "It is about her family.")
        await session.commit()
    after = await owners(started)
    assert theirs
    assert {task: who for task, who in after.items() if task in theirs} == {
        task: (colleague if roles[task] == "social-care-intake" else None, None) for task in theirs
    }
    assert {task: who for task, who in after.items() if task not in theirs} == {
        task: who for task, who in before.items() if task not in theirs
    }
