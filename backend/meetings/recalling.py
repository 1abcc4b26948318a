"""Word of a meeting that is taken back before it has left, and what is told to those outside."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.meetings import repository
from backend.meetings.models import Meeting, MeetingInvitation, MeetingState, StepKind
from backend.meetings.record_models import MeetingRemoval
from backend.meetings.standing import entered, refuse_unless_to_come
from notifications.deliveries import notices
from notifications.deliveries.models import DeliveryState
from notifications.deliveries.wording import (
    MEETING_CHANGED,
    MEETING_INVITATION,
    MEETING_INVITATION_OUTSIDE,
    MEETING_OFF_OUTSIDE,
)

_LEFT = frozenset({DeliveryState.HANDED_OVER, DeliveryState.DELIVERED, DeliveryState.OPENED})
_UNDER_WAY = frozenset({DeliveryState.CLAIMED, DeliveryState.UNKNOWN})


async def remove(
    session: TenantSession, caller: Caller, invitation_id: UUID, reason: str, *, version: int
) -> MeetingRemoval:
    """Take an invitation back. One that has not left never does; whoever has read theirs is told.

    They may be asked anew. What is withheld from them stays so. Raises as ``entered`` does, ``Conflict`` for a
    meeting that is not to come or an invitation that was taken back before, ``Invalid`` without a reason.
    """
    invitation = await repository.row(session, MeetingInvitation, invitation_id)
    sitting = await entered(session, caller, invitation.meeting_id, otherwise=repository.NO_INVITATION)
    sitting.refuse_unless_at(version)
    refuse_unless_to_come(sitting.row)
    sitting.as_role(sitting.keepers, "take invitations back")
    if fault := text_fault("reason", reason, 2_000):
        raise Invalid([fault])
    known = await repository.of_meeting(session, MeetingRemoval, invitation.meeting_id)
    if again := next((one for one in known if one.invitation_id == invitation_id), None):
        return again
    removal_id, until = uuid7(), sitting.row.planned_at
    unsent, sent = await recall(session, [invitation], changed=None), 0
    if not unsent and invitation.person_id is not None and until > sitting.at.now:
        sent = await notices.tell(session, [invitation.person_id], template=MEETING_CHANGED, subject_id=removal_id,
                                  until=until)  # fmt: skip
    elif not unsent and invitation.outside_email is not None and until > sitting.at.now:
        sent = await notices.write_outside(session, invitation.outside_email, template=MEETING_OFF_OUTSIDE,
                                           subject_id=removal_id, until=until)  # fmt: skip
    row = MeetingRemoval(
        tenant_id=session.tenant_id, id=removal_id, meeting_id=sitting.row.id, invitation_id=invitation_id,
        reason=reason, notices=sent, removed_by=caller.person_id, removed_at=sitting.at.now,
    )  # fmt: skip
    session.insert(row)
    sitting.row.version += 1
    await cases.record(session, sitting.row.case_id, "meeting.invitation_removed", caller, meeting=sitting.row.id,
                       invitation=invitation_id)  # fmt: skip
    await session.flush()
    return row


async def recall(session: TenantSession, asked: Iterable[MeetingInvitation], *, changed: StepKind | None) -> set[UUID]:
    """Stop invitations that have not left; gives those of which no message has, or may have, left.

    Of a meeting that is put off only those to people outside are stopped, for they name the hour.
    """
    adjourned = changed is StepKind.ADJOURNED
    ids = [one.id for one in asked if not adjourned or one.outside_email is not None]
    templates = [MEETING_INVITATION_OUTSIDE] if adjourned else [MEETING_INVITATION, MEETING_INVITATION_OUTSIDE]
    await notices.recall(session, ids, templates)
    if adjourned:
        return set()
    found = await notices.about(session, ids)
    return {one for one in ids if found[one] and not any(row.state in _LEFT | _UNDER_WAY for row in found[one])}


async def tell_outside(
    session: TenantSession, row: Meeting, asked: Iterable[MeetingInvitation], unsent: set[UUID], kind: StepKind, *,
    until: datetime,
) -> int:  # fmt: skip
    """Tell those outside: the new hour of a meeting that is put off, or that it is off. Returns how many."""
    sent = 0
    for one in asked:
        if one.outside_email is None or one.id in unsent:
            continue
        off = kind is StepKind.CANCELLED or row.state is MeetingState.CANCELLED
        sent += await notices.write_outside(
            session, one.outside_email, template=MEETING_OFF_OUTSIDE if off else MEETING_INVITATION_OUTSIDE,
            subject_id=uuid7() if off else one.id, until=until if off else row.planned_at,
        )  # fmt: skip
    return sent
