"""Call a meeting of a run, and ask people to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.meetings.chairing import chosen
from backend.meetings.inviting import InviteeTold, ask, known_people
from backend.meetings.models import Meeting, MeetingInvitation, MeetingItem, MeetingStep, StepKind
from backend.meetings.standing import Sitting, entered, refuse_unless_to_come
from backend.pathways import clockwork
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.records import Meeting as Definition
from backend.pathways.judging import Act, in_role
from backend.pathways.models import ActionKind
from backend.pathways.repository import NO_RUN
from backend.pathways.standing import Standing
from backend.pathways.standing import entered as entered_run

FURTHEST: Final = timedelta(days=2 * 366)
MOST_ITEMS: Final = 50


@dataclass(frozen=True, slots=True)
class PlanTold:
    """When and where: a place, a way to join from elsewhere, or both."""

    planned_at: datetime
    place: str | None = None
    joining: str | None = None


@dataclass(frozen=True, slots=True)
class CallTold:
    """A meeting of the definition by its code. ``items`` are added to the agenda that the definition gives.

    Without ``chair_id`` the chair is whoever holds the chair's role on the case.
    """

    code: str
    plan: PlanTold
    chair_id: UUID | None = None
    items: tuple[str, ...] = ()
    invitees: tuple[InviteeTold, ...] = ()


async def call(session: TenantSession, caller: Caller, run_id: UUID, told: CallTold, meeting_id: UUID) -> Meeting:
    """Call a meeting, put the definition's agenda on it, and ask people to it.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for a closed case or run, ``Refused`` for a role that does not
    call it, ``Invalid`` for a code, a plan, a chair or an invitation that cannot be.
    """
    caller.require(Permission.HOLD_MEETINGS)
    at = await entered_run(session, caller, run_id, otherwise=NO_RUN)
    await known_people(session, told.invitees)
    if told.chair_id is not None:
        await cases.here(session, "chairId", [told.chair_id])
    definition = next((one for one in at.definition.meetings if one.id == told.code), None)
    faults = plan_faults(told.plan, at.now) + _item_faults(told.items)
    if definition is None:
        hint = choose(told.code, [one.id for one in at.definition.meetings])
        faults.append(FieldError("meeting", f"is no meeting of this pathway; {hint}"))
    if at.course.closed or await clockwork.ended(session, at.run, at.one):
        faults.append(FieldError("runId", "has ended; start the pathway anew if it is needed again"))
    if faults or definition is None:
        raise Invalid(faults)
    _may_call(at, definition)
    row = Meeting(
        tenant_id=session.tenant_id, id=meeting_id, case_id=at.run.case_id, run_id=run_id, edition_id=at.edition.id,
        code=definition.id, title=definition.title, planned_at=told.plan.planned_at, place=told.plan.place,
        joining=told.plan.joining, chair_role=definition.chair, chair_id=chosen(at, definition, told.chair_id),
        called_by=caller.person_id, called_at=at.now,
    )  # fmt: skip
    session.insert(row)
    _put_agenda(session, row, definition, told.items)
    session.append(MeetingStep, meeting_id=row.id, kind=StepKind.CALLED, planned_at=row.planned_at,
                   taken_by=caller.person_id, taken_at=at.now)  # fmt: skip
    await session.flush()
    await cases.record(session, row.case_id, "meeting.called", caller, meeting=row.id, code=row.code, run=run_id,
                       planned_at=row.planned_at.isoformat())  # fmt: skip
    await ask(session, Sitting(caller, at, row, definition), told.invitees)
    return row


async def invite(
    session: TenantSession, caller: Caller, meeting_id: UUID, invitees: Sequence[InviteeTold], *, version: int
) -> list[MeetingInvitation]:
    """Ask more people. Those who only get the papers may be named after it was held too.

    Raises as ``call`` does.
    """
    sitting = await entered(session, caller, meeting_id)
    await known_people(session, invitees)
    sitting.refuse_unless_at(version)
    if not invitees:
        raise Invalid([FieldError("invitees", "name somebody")])
    if any(one.comes for one in invitees):
        refuse_unless_to_come(sitting.row)
    sitting.row.version += 1
    return await ask(session, sitting, invitees)


def plan_faults(told: PlanTold, now: datetime) -> list[FieldError]:
    """What is wrong with a plan. It may lie in the past: a discussion at once is recorded after it."""
    faults = text_faults(place=(told.place, 300), joining=(told.joining, 500))
    if told.place is None and told.joining is None:
        faults.append(FieldError("place", "say where, or how to join from elsewhere"))
    if not now - FURTHEST <= told.planned_at <= now + FURTHEST:
        faults.append(FieldError("plannedAt", "lies too far from today; check the year"))
    return faults


def _item_faults(items: Sequence[str]) -> list[FieldError]:
    if len(items) > MOST_ITEMS:
        return [FieldError("items", f"must be at most {MOST_ITEMS}")]
    return [fault for n, one in enumerate(items) if (fault := text_fault(f"items.{n}", one, 300))]


def _may_call(at: Standing, definition: Definition) -> None:
    lead = next(stage.lead for stage in at.definition.stages if stage.id == definition.stage)
    allowed = (definition.called_by, definition.chair, lead)
    in_role(Act(ActionKind.MEETING_HELD, roles=at.roles), allowed, f"call {definition.id}")


def _put_agenda(session: TenantSession, row: Meeting, definition: Definition, added: Iterable[str]) -> None:
    number = 0
    for number, item in enumerate(definition.agenda, 1):
        session.insert(MeetingItem(
            tenant_id=session.tenant_id, id=uuid7(), meeting_id=row.id, number=number, text=item.text,
            force=item.force.value if item.force else None, never_empty=item.never_empty, citation=item.citation,
        ))  # fmt: skip
    for further, text in enumerate(added, number + 1):
        session.insert(MeetingItem(
            tenant_id=session.tenant_id, id=uuid7(), meeting_id=row.id, number=further, text=text,
            added_by=row.called_by,
        ))  # fmt: skip
