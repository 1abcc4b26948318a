"""A partnership whose records leave out nothing that may be left out."""

from uuid import UUID

from backend.identity.policies import ROLES, Caller
from support.partnership import Partnership
from support.seeds.whole_alerts import seed_whole_alert, seed_whole_person, seed_whole_rota
from support.seeds.whole_cases import seed_whole_case
from support.seeds.whole_courses import seed_whole_course
from support.seeds.whole_registers import (
    seed_whole_death,
    seed_whole_enquiry,
    seed_whole_letters,
    seed_whole_plan,
    seed_whole_transfer,
)


async def seed_whole(partnership: Partnership) -> UUID:
    """Let a seeded partnership have all that services tell of nobody unless asked to. Returns who has left it."""

    async def may_all(role: str) -> Caller:
        return Caller(partnership.id, partnership.slug, await partnership.on_call(role), tuple(ROLES))

    caller, other = await may_all("paediatrician"), await may_all("sio")
    async with partnership.session() as session:
        case_id = await seed_whole_case(session, caller, other)
        await seed_whole_enquiry(session, caller, case_id)
        await seed_whole_plan(session, caller, case_id)
        await seed_whole_transfer(session, caller, case_id)
        await seed_whole_letters(session, caller, case_id)
        await seed_whole_alert(session, caller, other)
        await seed_whole_rota(session, caller)
        gone = await seed_whole_person(session, caller)
        await session.commit()
    await seed_whole_death(partnership, caller)
    async with partnership.session() as session:
        await seed_whole_course(session, caller, other, case_id)
        await session.commit()
    return gone
