"""Notices of deaths as they came in, what each is matched with, and how far the review of a death has come."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of


class NoticeSource(StrEnum):
    """Who told the partnership of a death (Working Together 2005 ¶5.48-5.49)."""

    CORONER = "coroner"
    REGISTRAR = "registrar"
    POLICE = "police"
    STATISTICS_OFFICE = "statistics_office"
    OTHER_PANEL = "other_panel"
    OTHER = "other"


class DeathNotice(TenantRow, table=True):
    """A notice of a child's death as it came; never changed. Two notices of one death are better than none.

    ``came_from_id`` is the id, at the sender, of what brought it, where another system or partnership did;
    ``came_from`` names the sender. Nothing refers to it, so that a notice stands whatever becomes of the sender.
    """

    __table_args__ = (
        belongs_to("area_of_death_id", "area"),
        belongs_to("home_area_id", "area"),
        belongs_to("recorded_by", "person"),
        Index("death_notice_by_receipt", "tenant_id", "received_at", "id"),
    )

    source: NoticeSource = one_of(NoticeSource)
    told_by: str = Field(max_length=200)
    their_reference: str | None = Field(None, max_length=100)
    came_from: str | None = Field(None, max_length=200)
    came_from_id: UUID | None = None
    child_name: str | None = Field(None, max_length=200)
    date_of_birth: date | None = None
    died_on: date | None = None
    place_of_death: str | None = Field(None, max_length=500)
    usual_home: str | None = Field(None, max_length=500)
    area_of_death_id: UUID | None = None
    home_area_id: UUID | None = None
    received_at: datetime = instant()
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class MatchOutcome(StrEnum):
    """What a notice was found to be: of a death that was reported, not of this partnership, or undone again."""

    MATCHED = "matched"
    NOT_OURS = "not_ours"
    UNMATCHED = "unmatched"


class DeathMatch(TenantRow, table=True):
    """What a notice was found to be of; never changed. The latest row for a notice holds."""

    __table_args__ = (
        CheckConstraint("(outcome = 'matched') = (death_id IS NOT NULL)", name="death"),
        belongs_to("notice_id", "death_notice"),
        belongs_to("death_id", "child_death"),
        belongs_to("matched_by", "person"),
        Index(None, "tenant_id", "notice_id", "matched_at"),
        Index(None, "tenant_id", "death_id"),
    )

    notice_id: UUID
    outcome: MatchOutcome = one_of(MatchOutcome)
    death_id: UUID | None = None
    reason: str
    matched_by: UUID
    matched_at: datetime = instant()


class StepKind(StrEnum):
    """What was done for the review of a death. The forms are those of the national collection."""

    PANEL_TOLD = "panel_told"
    FORM_A_RECEIVED = "form_a_received"
    FORM_B_REQUESTED = "form_b_requested"
    FORM_B_RECEIVED = "form_b_received"
    FORM_C_AGREED = "form_c_agreed"
    SAME_DEATH_AS = "same_death_as"
    NOT_SAME_DEATH_AS = "not_same_death_as"
    READY_FOR_PANEL = "ready_for_panel"
    REVIEWED = "reviewed"
    REVIEWED_ELSEWHERE = "reviewed_elsewhere"


class DeathStep(TenantRow, table=True):
    """One step towards the review of a reported death; never changed.

    ``recorded_by`` None is for what nobody here did: that a panel has the notice is known when it has come there.
    ``body`` is the panel that was told, or the agency whose form it is. ``other_id`` is the report that turns out
    to be, or not to be, of the same death: linked, never refused.
    """

    __table_args__ = (
        CheckConstraint("(kind IN ('same_death_as', 'not_same_death_as')) = (other_id IS NOT NULL)", name="other"),
        CheckConstraint("other_id IS NULL OR other_id <> death_id", name="two"),
        CheckConstraint(
            "kind NOT IN ('panel_told', 'form_b_requested', 'form_b_received') OR body IS NOT NULL", name="body"
        ),
        belongs_to("death_id", "child_death"),
        belongs_to("other_id", "child_death"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "death_id", "done_at"),
        Index(None, "tenant_id", "other_id"),
    )

    death_id: UUID
    kind: StepKind = one_of(StepKind)
    body: str | None = Field(None, max_length=200)
    other_id: UUID | None = None
    note: str | None = None
    done_at: datetime = instant()
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()
