"""Every query on meetings and what belongs to them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_key, by_parent
from backend.kit.session import TenantSession
from backend.meetings.models import (
    TO_COME,
    Meeting,
    MeetingInvitation,
    MeetingItem,
    MeetingOutcome,
    MeetingStep,
)
from backend.meetings.record_models import (
    MeetingAction,
    MeetingAnswer,
    MeetingApproval,
    MeetingAttendance,
    MeetingCopy,
    MeetingDecision,
    MeetingMinutes,
    MeetingPaper,
    MeetingReading,
    MeetingRemoval,
    MeetingWithholding,
)

RowT = TypeVar(
    "RowT", MeetingStep, MeetingItem, MeetingOutcome, MeetingInvitation, MeetingAnswer, MeetingAttendance,
    MeetingMinutes, MeetingApproval, MeetingWithholding, MeetingCopy, MeetingReading, MeetingAction, MeetingDecision,
    MeetingRemoval, MeetingPaper,
)  # fmt: skip
NamedT = TypeVar("NamedT", bound=MeetingInvitation | MeetingMinutes | MeetingCopy)
NO_MEETING: Final = "There is no such meeting in this partnership."
NO_INVITATION: Final = "There is no such invitation to a meeting in this partnership."
NO_MINUTES: Final = "There is no such record of minutes in this partnership."
NO_COPY: Final = "There is no such copy of minutes in this partnership."
NO_ITEM: Final = "There is no such item of an agenda in this partnership."
_WORDS: Final[dict[type, str]] = {
    MeetingInvitation: NO_INVITATION, MeetingMinutes: NO_MINUTES, MeetingCopy: NO_COPY,
}  # fmt: skip


async def meeting(session: TenantSession, meeting_id: UUID, *, otherwise: str = NO_MEETING) -> Meeting:
    """The meeting, whoever asks. Raises ``NotFound``."""
    await session.flush()
    found = await session.get(Meeting, (session.tenant_id, meeting_id))
    if found is None:
        raise NotFound(otherwise)
    return found


async def locked(session: TenantSession, meeting_id: UUID) -> Meeting:
    """The meeting as it is now, locked until the transaction ends. Raises ``NotFound``."""
    await session.flush()  # reading it anew would lose what this transaction has changed
    found = await session.get(
        Meeting, (session.tenant_id, meeting_id), with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotFound(NO_MEETING)
    return found


async def held_at(session: TenantSession, run_id: UUID, at: datetime) -> list[Meeting]:
    """The meetings of a run that were held at an instant, each locked."""
    await session.flush()
    found = await session.scalars(
        select(Meeting)
        .where(col(Meeting.tenant_id) == session.tenant_id, col(Meeting.run_id) == run_id, col(Meeting.held_at) == at)
        .order_by(col(Meeting.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def to_come_of(session: TenantSession, run_id: UUID) -> list[Meeting]:
    """The meetings of a run that were called and neither held nor called off, each locked, first planned first."""
    return await _to_come(session, col(Meeting.run_id) == run_id)


async def to_come_of_case(session: TenantSession, case_id: UUID) -> list[Meeting]:
    """As ``to_come_of``, of every run of a case."""
    return await _to_come(session, col(Meeting.case_id) == case_id)


async def _to_come(session: TenantSession, whose: ColumnElement[bool]) -> list[Meeting]:
    await session.flush()
    found = await session.scalars(
        select(Meeting)
        .where(col(Meeting.tenant_id) == session.tenant_id, whose, col(Meeting.state).in_(TO_COME))
        .order_by(col(Meeting.planned_at), col(Meeting.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def by_id(session: TenantSession, meeting_ids: Iterable[UUID]) -> dict[UUID, Meeting]:
    return await by_key(session, Meeting, meeting_ids)


async def row(session: TenantSession, model: type[NamedT], row_id: UUID) -> NamedT:
    """An invitation, minutes or a copy, whoever asks. Raises ``NotFound``."""
    await session.flush()
    found = await session.get(model, (session.tenant_id, row_id))
    if found is None:
        raise NotFound(_WORDS[model])
    return found


async def of_meetings(session: TenantSession, model: type[RowT], meeting_ids: Iterable[UUID]) -> dict[UUID, list[RowT]]:
    """Rows of several meetings, in the order they were made."""
    return await by_parent(session, model, "meeting_id", meeting_ids)


async def of_meeting(session: TenantSession, model: type[RowT], meeting_id: UUID) -> list[RowT]:
    """Rows of one meeting, those not yet written among them, in the order they were made."""
    await session.flush()
    return (await of_meetings(session, model, [meeting_id])).get(meeting_id, [])


def meetings(caller: Caller) -> Select[Meeting]:
    """Meetings of cases that are there for the caller."""
    return select(Meeting).where(col(Meeting.tenant_id) == caller.tenant_id, in_sight(caller, col(Meeting.case_id)))


def mine(caller: Caller) -> ColumnElement[bool]:
    """Meetings that the person chairs, is asked to or gets the papers of."""
    asked = (
        select(1)
        .where(
            col(MeetingInvitation.tenant_id) == col(Meeting.tenant_id),
            col(MeetingInvitation.meeting_id) == col(Meeting.id),
            col(MeetingInvitation.person_id) == caller.person_id,
            ~select(1)
            .where(
                col(MeetingRemoval.tenant_id) == col(MeetingInvitation.tenant_id),
                col(MeetingRemoval.invitation_id) == col(MeetingInvitation.id),
            )
            .correlate(MeetingInvitation)
            .exists(),
        )
        .correlate(Meeting)
        .exists()
    )
    return or_(col(Meeting.chair_id) == caller.person_id, asked)
