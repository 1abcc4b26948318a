"""Every query on alert policies and the turns of teams."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select, text
from sqlmodel import col

from backend.kit.configuration import remembered
from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from notifications.ladders.models import AlertPolicy, PolicyState, TeamTurn
from notifications.ladders.policy import SlotPolicy

_IN_FORCE = select(AlertPolicy).where(
    col(AlertPolicy.tenant_id) == bindparam("tenant"),
    col(AlertPolicy.alert_type) == bindparam("alert_type"),
    col(AlertPolicy.state) == PolicyState.IN_FORCE,
)
# Concurrent alerts of a team wait for each other here, so each gets a turn of its own.
_TAKE_TURN = text(
    "INSERT INTO team_turn (tenant_id, id, team, turn) VALUES (:tenant, :id, :team, 1)"
    " ON CONFLICT (tenant_id, team) DO UPDATE SET turn = team_turn.turn + 1 RETURNING turn - 1"
)


@dataclass(frozen=True, slots=True)
class Plans:
    """What a version of a policy says."""

    version: int
    slots: tuple[SlotPolicy, ...]


async def in_force(session: TenantSession, alert_type: str) -> AlertPolicy | None:
    """The version of ``alert_type``'s policy that new alerts follow."""
    found = await session.scalars(_IN_FORCE, {"tenant": session.tenant_id, "alert_type": alert_type})
    return found.one_or_none()


async def plans_in_force(session: TenantSession, alert_type: str) -> Plans | None:
    """What the version says that new alerts follow."""

    async def load(session: TenantSession) -> Plans | None:
        policy = await in_force(session, alert_type)
        if policy is None:
            return None
        return Plans(policy.version, tuple(SlotPolicy.model_validate(slot) for slot in policy.slots))

    return await remembered(session, (plans_in_force, alert_type), load)


async def roles_called(session: TenantSession) -> set[str]:
    """The roles whose rotas new alerts call."""
    slots = [SlotPolicy.model_validate(slot) for policy in await all_in_force(session) for slot in policy.slots]
    return {step.target.role for slot in slots for step in slot.steps if step.target.kind == "rota"}


async def all_in_force(session: TenantSession) -> list[AlertPolicy]:
    """What new alerts follow, by type."""
    found = await session.scalars(
        select(AlertPolicy)
        .where(col(AlertPolicy.tenant_id) == session.tenant_id, col(AlertPolicy.state) == PolicyState.IN_FORCE)
        .order_by(col(AlertPolicy.alert_type))
    )
    return list(found)


async def policy(session: TenantSession, policy_id: UUID, *, lock: bool = False) -> AlertPolicy:
    """One version, locked when asked. Raises ``NotFound``."""
    query = select(AlertPolicy).where(
        col(AlertPolicy.tenant_id) == session.tenant_id, col(AlertPolicy.id) == policy_id
    )  # fmt: skip
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no such alert policy in this partnership.")
    return found


async def last_version(session: TenantSession, alert_type: str) -> int:
    """The highest version of a type, 0 where there is none."""
    found = await session.scalar(
        select(func.max(AlertPolicy.version)).where(
            col(AlertPolicy.tenant_id) == session.tenant_id, col(AlertPolicy.alert_type) == alert_type
        )
    )
    return found or 0


async def take_turns(session: TenantSession, teams: Iterable[str]) -> dict[str, int]:
    """Move each team on by one alert; the turns this alert begins with."""
    return {
        team: await session.scalar(_TAKE_TURN, {"tenant": session.tenant_id, "id": uuid7(), "team": team})
        for team in sorted(teams)  # one order for all, or two alerts could wait for each other for ever
    }


async def turns(session: TenantSession, teams: Iterable[str]) -> dict[str, int]:
    """The turns that the next alert would begin with."""
    wanted = set(teams)
    found = await session.execute(
        select(col(TeamTurn.team), col(TeamTurn.turn)).where(
            col(TeamTurn.tenant_id) == session.tenant_id, col(TeamTurn.team).in_(wanted)
        )
    )
    return dict.fromkeys(wanted, 0) | {row.team: row.turn for row in found}
