"""Steps entered towards the review of a death, and the duty of telling the panel of the child's home of it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.cases import service as cases
from backend.child_deaths.models import ChildDeath
from backend.clocks import repository as clock_rows
from backend.clocks import service as clocks
from backend.clocks.rules import Deadline, Qualitative
from backend.clocks.service import Scope
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.registers.deaths import repository
from backend.registers.deaths.models import DeathStep, StepKind
from tenants.partnerships import repository as partnerships

REGISTER: Final = "cdop-notification"
EDITION: Final = "Working Together 2005"
HOME_PANEL_TOLD: Final = "home-panel-told"
TELL_WITHIN: Final = "tell_home_panel_within_hours"
"""The setting: how long a person may take to tell the home's panel. No source prints a time (¶5.49)."""
_MOST_HOURS: Final = 14 * 24
_DUTY: Final[dict[str, Any]] = {
    "id": HOME_PANEL_TOLD, "action": "Tell the panel of the child's home of the death, and record it",
    "role": "cdop-manager", "start": {"event": "home-panel-to-be-told"}, "met_by": HOME_PANEL_TOLD, "force": "should",
    "citation": "Working Together 2005 ¶5.49",
}  # fmt: skip
_WORDS: Final = "no time is printed: at once, until the partnership sets one"


def checked_hours(value: Any) -> int:  # JSON
    """The setting's value. Raises ``ValueError`` for one that cannot be in force."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_HOURS:
        message = f"{TELL_WITHIN} must be a whole number of hours from 1 to {_MOST_HOURS}"
        raise ValueError(message)
    return value


async def owe_telling(session: TenantSession, death: ChildDeath) -> None:
    """Make it the duty of the panel's manager to tell the home's panel, counted from the report of the death.

    Nothing is owed of a home that was told before. The register names the panel until then.
    """
    steps = (await repository.steps(session, [death.id])).get(death.id, [])
    told = any(step.kind is StepKind.PANEL_TOLD and _is_home(death, step.body or "") for step in steps)
    known = await session.scalar(clock_rows.of_definition(session.tenant_id, death.case_id, HOME_PANEL_TOLD))
    if not told and known is None:
        scope = Scope(death.case_id, REGISTER, EDITION)
        await clocks.begin_on_case(session, scope, await _duty(session), death.reported_at)


async def panel_told(session: TenantSession, death: ChildDeath, body: str, at: datetime) -> None:
    """Enter that a panel has the notice, as the product itself has come to know."""
    step = DeathStep(
        tenant_id=session.tenant_id, id=uuid7(), death_id=death.id, kind=StepKind.PANEL_TOLD, body=body, done_at=at,
        recorded_by=None, recorded_at=await session.now(),
    )  # fmt: skip
    await enter(session, None, death, step)


async def enter(session: TenantSession, by: Caller | None, death: ChildDeath, step: DeathStep) -> None:
    """Keep a step in the register and in the case's timeline. One that tells the panel of the home ends that duty."""
    session.insert(step)
    await cases.record(session, death.case_id, f"death_review.{step.kind.value}", by, occurred_at=step.done_at)
    if step.kind is StepKind.PANEL_TOLD and _is_home(death, step.body or ""):
        await _end_duty(session, by, death, step.done_at)


async def _end_duty(session: TenantSession, by: Caller | None, death: ChildDeath, at: datetime) -> None:
    """A breach stays on record."""
    await session.flush()
    clock_id: UUID | None = await session.scalar(
        clock_rows.of_definition(session.tenant_id, death.case_id, HOME_PANEL_TOLD, unmet=True)
    )
    if clock_id is not None:
        done = max(at, death.reported_at)
        await clocks.complete(session, clock_id, by.person_id if by is not None else None, done)


def _is_home(death: ChildDeath, body: str) -> bool:
    return (death.home_area_outside or "").casefold() == body.casefold()


async def _duty(session: TenantSession) -> Deadline | Qualitative:
    hours = (await partnerships.settings(session, [TELL_WITHIN])).get(TELL_WITHIN)
    if hours is None:
        return Qualitative.model_validate({**_DUTY, "wording": _WORDS, "setting": TELL_WITHIN.replace("_", "-")})
    return Deadline.model_validate({**_DUTY, "limit": {"value": checked_hours(hours), "unit": "hours"}})
