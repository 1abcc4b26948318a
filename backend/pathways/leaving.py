"""Somebody has left, or a case is kept from them: what they had in hand is passed on."""

from uuid import UUID

from backend.cases import handing
from backend.cases import service as cases
from backend.cases.access import repository as access
from backend.cases.people import practitioners
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.casework_models import TaskState
from backend.pathways.duties import holder
from backend.pathways.standing import working
from tenants.contacts import repository as contacts


async def pass_on(session: TenantSession, person_id: UUID) -> None:
    """What somebody who has left had in hand finds somebody else. Nothing is done of one who is back by then.

    An open task of theirs falls to its deputy, else to whoever of the case holds its role, else it is the stage
    lead's to give; it is never left with somebody who will not do it. Its limit stays as it was.
    """
    person = (await contacts.people(session, [person_id])).get(person_id)
    if person is None or person.active:
        return
    await handing.owner_left(session, person_id)
    await practitioners.left(session, person_id)
    for run_id, task_id in await repository.open_tasks_of(session, person_id):
        await repository.locked(session, run_id)  # before its tasks, as every act on a run locks them
        await _release(session, task_id, person_id)


async def pass_on_of_case(session: TenantSession, case_id: UUID) -> None:
    """Open tasks of those from whom the case is kept find somebody else, as ``pass_on`` has it."""
    for person_id in await access.barred(session, case_id):
        for run_id, task_id in await repository.open_tasks_of(session, person_id, case_id=case_id):
            await repository.locked(session, run_id)
            await _release(session, task_id, person_id)


async def _release(session: TenantSession, task_id: UUID, person_id: UUID) -> None:
    row = await repository.locked_task(session, task_id)
    if row.state is not TaskState.OPEN or person_id not in {row.owner_id, row.deputy_id}:
        return
    owner, deputy = row.owner_id, row.deputy_id
    if deputy == person_id:
        deputy = None
    if owner == person_id:
        owner, deputy = deputy or holder(row.role, await working(session, row.case_id)), None
    row.owner_id, row.deputy_id, row.version = owner, deputy, row.version + 1
    await cases.record(session, row.case_id, "pathway.task_assigned", None, task=row.id, owner=owner, deputy=deputy)
