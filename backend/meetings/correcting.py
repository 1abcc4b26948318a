"""Who came to a meeting, and when it was held, are put right; what was recorded first stays on record."""

from collections.abc import Mapping
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.meetings import repository
from backend.meetings.circulation import CAME
from backend.meetings.holding import AttendanceTold, attendance_faults, keep_attendance, quorum_found
from backend.meetings.models import Meeting, MeetingInvitation, MeetingState
from backend.meetings.quorum import quorum_of
from backend.meetings.standing import Sitting, attendances, entered, invitations, must_hold
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayEvent
from backend.pathways.recording import corrected_with_events


async def correct_attendance(
    session: TenantSession, caller: Caller, meeting_id: UUID, told: tuple[AttendanceTold, ...], reason: str, *,
    version: int, exception_reason: str | None = None,
) -> Meeting:  # fmt: skip
    """Put right who came; the others stay as they were recorded. The quorum is found anew.

    A meeting that turns out to have had none needs the exception's reason. Raises as ``entered`` does, ``Conflict``
    for a meeting that was not held, ``Invalid``, ``NotQuorate``.
    """
    sitting = await entered(session, caller, meeting_id)
    asked = await invitations(session, sitting.row)
    must_hold(asked, {one.invitation_id for one in told})
    sitting.refuse_unless_at(version)
    role = sitting.as_role(sitting.keepers, "correct its attendance")
    row = sitting.row
    if row.state is not MeetingState.HELD:
        raise Conflict(f"This meeting is {row.state.value}. Who came is recorded when it is held.")
    before = {
        one.invitation_id: AttendanceTold(one.invitation_id, one.attendance, one.deputy_name)
        for one in await attendances(session, row)
    }
    after = before | {one.invitation_id: one for one in told}
    faults = [fault for fault in [text_fault("reason", reason, 2_000)] if fault]
    faults += text_faults(exceptionReason=(exception_reason, 2_000))
    faults += attendance_faults(tuple(after.values()), asked)
    if len({one.invitation_id for one in told}) < len(told):
        faults.append(FieldError("attendance", "names somebody twice"))
    changed = [one for one in told if before.get(one.invitation_id) != one]
    if not changed:
        faults.append(FieldError("attendance", "is what is recorded already"))
    if faults:
        raise Invalid(faults)
    # The reason that it was held without a quorum stands until there turns out to have been one.
    why = exception_reason if exception_reason is not None or _quorate(sitting, after, asked) else row.exception_reason
    found = quorum_found(sitting, after.values(), asked, why)
    keep_attendance(session, sitting, changed, reason)
    row.quorate, row.quorum, row.version = found.met, found.kept(), row.version + 1
    row.exception_reason = why
    await cases.record(session, row.case_id, "meeting.attendance_corrected", caller, meeting=row.id, role=role,
                       quorate=found.met, invitations=[str(one.invitation_id) for one in changed])  # fmt: skip
    await session.flush()
    return row


async def redate(session: TenantSession, event: PathwayEvent, correction: PathwayEvent) -> None:
    """Where an event of a meeting is corrected to another instant, the meeting was held then too.

    The event keeps the reason and what stood before. A meeting of which it is said that it did not happen stays held.
    """
    if event.occurred_at is None or correction.occurred_at is None or correction.anticipated:
        return
    for row in await repository.held_at(session, event.run_id, event.occurred_at):
        edition = await editions.edition(session, row.edition_id)
        of_event = next((one for one in effective_of(edition).definition.events if one.id == event.code), None)
        if of_event is not None and any(by.meeting == row.code for by in of_event.recorded_by):
            row.held_at, row.version = correction.occurred_at, row.version + 1


corrected_with_events(redate)


def _quorate(sitting: Sitting, after: Mapping[UUID, AttendanceTold], asked: Mapping[UUID, MeetingInvitation]) -> bool:
    came = [asked[one.invitation_id].agency for one in after.values() if one.attendance in CAME]
    return quorum_of(sitting.definition.quorum, came).met
