"""Runs on the real database."""

from uuid import UUID

from backend.cases import service as cases
from backend.kit.ids import uuid7
from backend.pathways import casework, deciding, opening, repository
from backend.pathways.casework import FormTold, Known
from backend.pathways.casework_models import PathwayTask
from backend.pathways.deciding import DecisionTold
from backend.pathways.opening import EntryTold
from support.partnership import Partnership


async def test_smoke(herts: Partnership) -> None:
    manager = await herts.member("duty_manager")
    async with herts.session() as session:
        case = await cases.open_by_hand(session, manager, cases.Opening("referral-to-childrens-social-care"), uuid7())
        await session.flush()
        run = await opening.start(
            session, manager, case.id, EntryTold("referral-to-childrens-social-care", ("significant-harm",)), uuid7(), "t1")
        await session.commit()
        for row in await repository.of_run(session, PathwayTask, run.id):
            print(row.code, row.role, row.state, row.due_at)
        print(run)
