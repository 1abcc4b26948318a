"""Minutes: a document of the case, approved by the chair, circulated with what each recipient may read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.cases import service as cases
from backend.documents import repository as documents
from backend.documents.models import DocumentState
from backend.documents.repository import NO_DOCUMENT
from backend.documents.withholding import withheld
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.meetings import repository
from backend.meetings.agenda import OutcomeTold, outcome_faults, standing, unanswered
from backend.meetings.holding import minute
from backend.meetings.models import MeetingOutcome, MeetingState
from backend.meetings.record_models import MeetingApproval, MeetingMinutes
from backend.meetings.repository import NO_MINUTES
from backend.meetings.standing import Sitting, entered, invitations, items, must_hold, must_list
from backend.meetings.withholding import WithheldTold, hide, withhold
from backend.pathways import repository as pathways
from backend.pathways.models import PathwayEvent, Source
from backend.pathways.moments import MomentTold
from backend.pathways.noting import note
from backend.pathways.taking import finish


@dataclass(frozen=True, slots=True)
class MinutesTold:
    """The document, what is minuted of items, and what somebody may not read from the start."""

    document_id: UUID
    outcomes: tuple[OutcomeTold, ...] = ()
    withheld: tuple[WithheldTold, ...] = ()


async def record(
    session: TenantSession, caller: Caller, meeting_id: UUID, told: MinutesTold, minutes_id: UUID, *, version: int
) -> MeetingMinutes:
    """Record a document of the case as the minutes. Every item that is never left empty has to be minuted by then.

    Raises ``NotFound``, ``Forbidden``, ``Refused`` for a role that does not minute it, ``Conflict`` for a meeting that
    was not held, ``Invalid``.
    """
    sitting = await entered(session, caller, meeting_id)
    await of_case(session, sitting, told.document_id)
    must_list(await items(session, sitting.row), {one.item_id for one in told.outcomes})
    must_list(await items(session, sitting.row), {one.item_id for one in told.withheld})
    must_hold(await invitations(session, sitting.row), {one.invitation_id for one in told.withheld})
    sitting.refuse_unless_at(version)
    role = sitting.as_role(sitting.keepers, "record its minutes")
    if sitting.row.state is not MeetingState.HELD:
        raise Conflict(f"This meeting is {sitting.row.state.value}. Record that it was held, then its minutes.")
    await arrived(session, told.document_id, "documentId")
    await _minute(session, sitting, told.outcomes)
    before = await repository.of_meeting(session, MeetingMinutes, meeting_id)
    row = MeetingMinutes(
        tenant_id=session.tenant_id, id=minutes_id, meeting_id=meeting_id, number=len(before) + 1,
        document_id=told.document_id, role=role, recorded_by=caller.person_id, recorded_at=sitting.at.now,
    )  # fmt: skip
    session.insert(row)
    sitting.row.version += 1
    await session.flush()
    await withhold(session, sitting, told.withheld, "withheld")
    await hide(session, sitting)
    await cases.record(session, sitting.row.case_id, "meeting.minuted", caller, meeting=meeting_id, minutes=row.id)
    if not before:
        await met(session, sitting, _met_by_writing(sitting), row.id)
    await finish(session, sitting.at)
    return row


async def approve(session: TenantSession, caller: Caller, minutes_id: UUID, approval_id: UUID) -> MeetingApproval:
    """Approve minutes as the chair, or in a role that the definition names.

    Raises ``NotFound``, ``Forbidden``, ``Refused`` for anybody else, ``Conflict`` for minutes that are approved
    already or have others in their place.
    """
    sitting, minutes = await entered_by_minutes(session, caller, minutes_id)
    definition = sitting.definition.minutes
    role = sitting.as_role((sitting.row.chair_role, *(definition.approved_by if definition else ())), "approve them")
    if await approval_of(session, minutes) is not None:
        raise Conflict("These minutes are approved already.")
    row = MeetingApproval(
        tenant_id=session.tenant_id, id=approval_id, meeting_id=sitting.row.id, minutes_id=minutes.id, role=role,
        approved_by=caller.person_id, approved_at=sitting.at.now,
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, sitting.row.case_id, "meeting.minutes_approved", caller, meeting=sitting.row.id,
                       minutes=minutes.id)  # fmt: skip
    return row


async def approval_of(session: TenantSession, minutes: MeetingMinutes) -> MeetingApproval | None:
    rows = await repository.of_meeting(session, MeetingApproval, minutes.meeting_id)
    return next((row for row in rows if row.minutes_id == minutes.id), None)


async def entered_by_minutes(
    session: TenantSession, caller: Caller, minutes_id: UUID
) -> tuple[Sitting, MeetingMinutes]:
    """The meeting by its newest minutes. Raises as ``entered`` does, ``Conflict`` for older ones."""
    minutes = await repository.row(session, MeetingMinutes, minutes_id)
    sitting = await entered(session, caller, minutes.meeting_id, otherwise=NO_MINUTES)
    newest = (await repository.of_meeting(session, MeetingMinutes, minutes.meeting_id))[-1]
    if newest.id != minutes.id:
        raise Conflict("Other minutes have taken the place of these. Use the newest ones.")
    return sitting, minutes


async def of_case(session: TenantSession, sitting: Sitting, document_id: UUID) -> None:
    """Raises ``NotFound`` for a document that is not of the meeting's case, or is withheld from the caller."""
    document = await documents.document(session, document_id)
    hidden = await withheld(session, [document_id], sitting.caller.person_id)
    if document.case_id != sitting.row.case_id or hidden:
        raise NotFound(NO_DOCUMENT)


async def arrived(session: TenantSession, document_id: UUID, field: str) -> None:
    """Raises ``Invalid`` for a document whose upload is not complete."""
    if (await documents.document(session, document_id)).state is not DocumentState.AVAILABLE:
        raise Invalid([FieldError(field, "still awaits its upload; complete the upload first")])


def _met_by_writing(sitting: Sitting) -> list[str]:
    """The clocks of the minutes, save those that wait until they have gone out."""
    definition = sitting.definition
    going_out = {code for each in definition.circulation for code in each.clocks}
    return [code for code in (definition.minutes.clocks if definition.minutes else ()) if code not in going_out]


async def met(session: TenantSession, sitting: Sitting, clocks: Iterable[str], source_id: UUID) -> None:
    """Record the events that meet these clocks, each once for a meeting; the caller brings the clocks up to date."""
    rules = {rule.id: rule for rule in sitting.at.definition.clocks}
    events = {getattr(rules[code], "met_by", None) for code in clocks if code in rules}
    own = {row.id for row in await repository.of_meeting(session, MeetingMinutes, sitting.row.id)}
    noted = await pathways.of_run(session, PathwayEvent, sitting.row.run_id)
    there = {row.code for row in noted if row.source_id in own}
    for event in sorted(code for code in events if code and code not in there):
        await note(session, sitting.at, event, MomentTold(), Source.MEETING, source_id=source_id)


async def _minute(session: TenantSession, sitting: Sitting, told: Sequence[OutcomeTold]) -> None:
    agenda = await items(session, sitting.row)
    faults = outcome_faults(told, list(agenda.values()), "outcomes")
    if not faults:
        minute(session, sitting, told)
        known = standing(await repository.of_meeting(session, MeetingOutcome, sitting.row.id))
        faults = [
            FieldError("outcomes", f"leaves out item {item.number}, which never is; if nothing was found, say so")
            for item in unanswered(agenda.values(), known)
        ]  # fmt: skip
    if faults:
        raise Invalid(faults)
