"""Teams: made, and their members set."""

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.access import repository
from backend.cases.access.models import Team, TeamMember
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault

MOST_MEMBERS: Final = 200
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


async def create(session: TenantSession, caller: Caller, code: str, name: str, team_id: UUID) -> Team:
    """A team without members yet. Raises ``Forbidden``, ``Invalid``, ``Conflict`` for a code in use."""
    caller.require(Permission.MANAGE_TEAMS)
    fault = text_fault("name", name, 200)
    faults = [fault] if fault else []
    if len(code) > 60 or not _CODE.fullmatch(code):
        faults.append(FieldError("code", "must be small letters, digits and hyphens, such as assessment-north"))
    if faults:
        raise Invalid(faults)
    if await repository.team_named(session, code) is not None:
        raise Conflict("There is a team with this code already.")
    row = Team(tenant_id=session.tenant_id, id=team_id, code=code, name=name)
    session.insert(row)
    session.audit_entries.append(Entry("team.created", "team", team_id, caller.person_id))
    return row


async def set_members(session: TenantSession, caller: Caller, team_id: UUID, person_ids: Iterable[UUID]) -> Team:
    """Make these people, and nobody else, the team's members from now on.

    Raises ``Forbidden``, ``NotFound``, ``Invalid`` for too many or for somebody who has left.
    """
    caller.require(Permission.MANAGE_TEAMS)
    row = await repository.locked_team(session, team_id)
    wanted = set(person_ids)
    if len(wanted) > MOST_MEMBERS:
        raise Invalid([FieldError("personIds", f"must be at most {MOST_MEMBERS}")])
    await cases.here(session, "personIds", wanted)
    now, standing = await session.now(), (await repository.members(session, [team_id])).get(team_id, [])
    for member in standing:
        if member.person_id not in wanted:
            member.to_at = now
    for person_id in wanted - {member.person_id for member in standing}:
        session.append(TeamMember, team_id=team_id, person_id=person_id, from_at=now)
    await session.flush()
    session.audit_entries.append(Entry("team.members_set", "team", team_id, caller.person_id, {"members": len(wanted)}))
    return row
