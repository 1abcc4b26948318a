"""What happened around a meeting: answers, attendance, minutes, copies, receipts. None of it is ever changed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of


class Answer(StrEnum):
    ATTENDING = "attending"
    APOLOGIES = "apologies"
    SENDS_DEPUTY = "sends_deputy"
    REPORT_ONLY = "report_only"


class MeetingAnswer(TenantRow, table=True):
    """An answer to an invitation, for the instant that was planned then; one for another instant stands no more."""

    __table_args__ = (
        CheckConstraint("answer <> 'sends_deputy' OR deputy_name IS NOT NULL", name="deputy"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("invitation_id", "meeting_invitation"),
        belongs_to("answered_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    invitation_id: UUID
    planned_at: datetime = instant()
    answer: Answer = one_of(Answer)
    deputy_name: str | None = Field(default=None, max_length=200)
    note: str | None = None
    answered_by: UUID
    answered_at: datetime = instant()


class Attendance(StrEnum):
    """A deputy counts for the agency they stand in for; a report that was sent does not."""

    ATTENDED = "attended"
    DEPUTY = "deputy"
    REPORT_ONLY = "report_only"
    ABSENT = "absent"


class MeetingAttendance(TenantRow, table=True):
    """Whether somebody who was invited came. One that puts an earlier one right has a ``reason``; the latest holds."""

    __table_args__ = (
        CheckConstraint("attendance <> 'deputy' OR deputy_name IS NOT NULL", name="deputy"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("invitation_id", "meeting_invitation"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    invitation_id: UUID
    attendance: Attendance = one_of(Attendance)
    deputy_name: str | None = Field(default=None, max_length=200)
    reason: str | None = None
    recorded_by: UUID
    recorded_at: datetime = instant()


class MeetingMinutes(TenantRow, table=True):
    """A document of the case as the minutes of a meeting. A later ``number`` takes the place of the one before."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "meeting_id", "number"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("document_id", "document"),
        belongs_to("recorded_by", "person"),
    )

    meeting_id: UUID
    number: int
    document_id: UUID
    role: str = Field(max_length=80)
    recorded_by: UUID
    recorded_at: datetime = instant()


class MeetingApproval(TenantRow, table=True):
    """The chair's approval of minutes, or that of whom the definition names."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "minutes_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("minutes_id", "meeting_minutes"),
        belongs_to("approved_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    minutes_id: UUID
    role: str = Field(max_length=80)
    approved_by: UUID
    approved_at: datetime = instant()


class MeetingWithholding(TenantRow, table=True):
    """An item that somebody may not read, and why. It is never lifted; what they were given stays known."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "invitation_id", "item_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("invitation_id", "meeting_invitation"),
        belongs_to("item_id", "meeting_item"),
        belongs_to("withheld_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    invitation_id: UUID
    item_id: UUID
    reason: str
    withheld_by: UUID
    withheld_at: datetime = instant()


class MeetingCopy(TenantRow, table=True):
    """Minutes as they went to one recipient.

    ``document_id`` is the file they may fetch: the minutes, a version of them without what is withheld, or none.
    ``due_at`` is the limit for circulating as it stood then. ``sent_how`` is said of an outsider.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "minutes_id", "invitation_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("minutes_id", "meeting_minutes"),
        belongs_to("invitation_id", "meeting_invitation"),
        belongs_to("document_id", "document"),
        belongs_to("circulated_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    minutes_id: UUID
    invitation_id: UUID
    document_id: UUID | None = None
    sent_how: str | None = Field(default=None, max_length=300)
    notices: int = 0
    due_at: datetime | None = instant(default=None)
    late: bool = False
    circulated_by: UUID
    circulated_at: datetime = instant()


class MeetingReading(TenantRow, table=True):
    """A recipient's word that they have read their copy."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "copy_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("copy_id", "meeting_copy"),
        belongs_to("read_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    copy_id: UUID
    read_by: UUID
    read_at: datetime = instant()


class MeetingAction(TenantRow, table=True):
    """A task of the run that a meeting gave to somebody."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "task_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("task_id", "pathway_task"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    task_id: UUID


class MeetingDecision(TenantRow, table=True):
    """A decision of the run that was taken at a meeting."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "decision_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("decision_id", "pathway_decision"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    decision_id: UUID


class MeetingRemoval(TenantRow, table=True):
    """An invitation that was taken back, and why. ``notices`` is how many messages said so."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "invitation_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("invitation_id", "meeting_invitation"),
        belongs_to("removed_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    invitation_id: UUID
    reason: str
    notices: int = 0
    removed_by: UUID
    removed_at: datetime = instant()


class MeetingPaper(TenantRow, table=True):
    """A document that was made from what is recorded of a meeting; for one recipient, where it has an invitation.

    It holds what was not withheld by then. What is withheld from somebody later is kept from them with it.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "document_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("document_id", "document"),
        belongs_to("invitation_id", "meeting_invitation"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    document_id: UUID
    invitation_id: UUID | None = None
    made_at: datetime = instant()
