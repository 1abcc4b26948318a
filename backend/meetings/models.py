"""A meeting of a run: when and where, its agenda, who is asked to it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class MeetingState(StrEnum):
    """ADJOURNED is put off to another instant and may still be held; HELD and CANCELLED last."""

    CALLED = "called"
    ADJOURNED = "adjourned"
    HELD = "held"
    CANCELLED = "cancelled"


TO_COME: Final = frozenset({MeetingState.CALLED, MeetingState.ADJOURNED})


class Meeting(TenantRow, table=True):
    """A meeting as the edition in ``edition_id`` describes it under ``code``, whatever edition its run has now.

    ``quorum`` is what was found when it was held (``backend.meetings.quorum``); a meeting that was held without one
    has its ``exception_reason``. ``version`` counts its steps. ``minutes_task_id`` is the duty to write and
    circulate the minutes.
    """

    __table_args__ = (
        CheckConstraint("place IS NOT NULL OR joining IS NOT NULL", name="somewhere"),
        CheckConstraint("(state = 'held') = (held_at IS NOT NULL)", name="held"),
        CheckConstraint("quorate IS NOT FALSE OR exception_reason IS NOT NULL", name="excepted"),
        belongs_to("case_id", "case_file"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("edition_id", "pathway_edition"),
        belongs_to("chair_id", "person"),
        belongs_to("called_by", "person"),
        belongs_to("minutes_task_id", "pathway_task"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "run_id"),
        Index(None, "tenant_id", "chair_id"),
        Index("meeting_by_plan", "tenant_id", "planned_at", "id"),
    )

    case_id: UUID
    run_id: UUID
    edition_id: UUID
    code: str = Field(max_length=80)
    title: str = Field(max_length=300)
    state: MeetingState = one_of(MeetingState, default=MeetingState.CALLED)
    version: int = 1
    planned_at: datetime = instant()
    place: str | None = Field(default=None, max_length=300)
    joining: str | None = Field(default=None, max_length=500)
    chair_role: str = Field(max_length=80)
    chair_id: UUID | None = None
    called_by: UUID
    called_at: datetime = instant()
    held_at: datetime | None = instant(default=None)
    quorate: bool | None = None
    quorum: dict[str, Any] | None = column(JSONB(none_as_null=True), default=None)
    exception_reason: str | None = None
    minutes_task_id: UUID | None = None


class StepKind(StrEnum):
    CALLED = "called"
    ADJOURNED = "adjourned"
    HELD = "held"
    CANCELLED = "cancelled"


class MeetingStep(TenantRow, table=True):
    """What became of a meeting, and the instant it was planned for from then on; never changed.

    ``notices`` is how many messages told those who were invited. Nobody takes the step of a meeting whose run was
    ended by what nobody here did.
    """

    __table_args__ = (
        CheckConstraint("kind NOT IN ('adjourned', 'cancelled') OR reason IS NOT NULL", name="reasoned"),
        CheckConstraint("taken_by IS NOT NULL OR kind = 'cancelled'", name="taken"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("taken_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    kind: StepKind = one_of(StepKind)
    planned_at: datetime = instant()
    reason: str | None = None
    notices: int = 0
    taken_by: UUID | None = None
    taken_at: datetime = instant()


class MeetingItem(TenantRow, table=True):
    """An item of the agenda, as the definition has it or as it was added; never changed."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "meeting_id", "number"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("added_by", "person"),
    )

    meeting_id: UUID
    number: int
    text: str = Field(max_length=300)
    force: str | None = Field(default=None, max_length=20)
    never_empty: bool = False
    citation: str | None = Field(default=None, max_length=400)
    added_by: UUID | None = None


class ItemState(StrEnum):
    """OPEN until something is recorded. NOTHING_FOUND is typed in: what was looked for, and that it was not there."""

    OPEN = "open"
    DISCUSSED = "discussed"
    NOTHING_FOUND = "nothing_found"
    NOT_REACHED = "not_reached"


class MeetingOutcome(TenantRow, table=True):
    """What is minuted of an item; never changed. The latest of an item is what holds."""

    __table_args__ = (
        CheckConstraint("state = 'not_reached' OR text IS NOT NULL", name="said"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("item_id", "meeting_item"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "meeting_id"),
    )

    meeting_id: UUID
    item_id: UUID
    state: ItemState = one_of(ItemState)
    text: str | None = None
    recorded_by: UUID
    recorded_at: datetime = instant()


class Part(StrEnum):
    """REQUIRED and OPTIONAL are asked to come; a RECIPIENT only gets the papers."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    RECIPIENT = "recipient"


class MeetingInvitation(TenantRow, table=True):
    """Somebody who is asked to a meeting: a practitioner of the case, or a named outsider; never changed.

    ``agency`` is the code that counts for the quorum. ``notices`` is how many messages went out to them: to an
    outsider one where there is an ``outside_email``, else ``told_how`` says how they were told. One that was taken
    back has a ``MeetingRemoval``, and its person may be asked anew.
    """

    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, outside_name) = 1", name="one_person"),
        CheckConstraint("outside_email IS NULL OR outside_name IS NOT NULL", name="outside"),
        Index(None, "tenant_id", "meeting_id"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("person_id", "person"),
        belongs_to("invited_by", "person"),
        Index(None, "tenant_id", "person_id"),
    )

    meeting_id: UUID
    part: Part = one_of(Part)
    person_id: UUID | None = None
    outside_name: str | None = Field(default=None, max_length=200)
    outside_email: str | None = Field(default=None, max_length=320)
    role: str = Field(max_length=80)
    agency: str = Field(max_length=80)
    told_how: str | None = Field(default=None, max_length=300)
    notices: int = 0
    invited_by: UUID
    invited_at: datetime = instant()
